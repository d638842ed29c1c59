"""Looking inside the net of a run: made once by a worker, kept with the run."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.domain.errors import BadInputError, DamagedError, RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.inside import FeatureMaps, InsideFound
from cnnlab.domain.run import Run
from cnnlab.files import remove_folder
from cnnlab.jobs.kinds import feature_maps, inside
from cnnlab.jobs.kinds.feature_maps import FeatureMapsRequest, feature_maps_folder
from cnnlab.jobs.kinds.inside import MOST_KNOWN, MOST_MAPPED, InsideRequest, inside_folder
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.judging.evaluations import judged_config, part_of
from cnnlab.lab.judging.vault import check_unlocked
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.work import ask_for, seen_to, take_back
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import list_checkpoints
from cnnlab.storage.attempts.inside import ArraysFolder

InsideState = JobState[InsideFound]
FeatureMapsState = JobState[FeatureMaps]

_START_SECONDS = 8.0
_TSNE_SECONDS = 0.0045
"""Of a CPU for each image: measured with 1,000 (1.9 s) and 10,000 (45 s) of 128 features."""


class Inside(NamedTuple):
    """What was found inside a net; shared, and not to be changed.

    Attributes:
        found: what is told of it.
        arrays: by name, see `cnnlab/worker/inside/look.py`.
    """

    found: InsideFound
    arrays: dict[str, np.ndarray]

    @property
    def example_maps(self) -> list[np.ndarray]:
        """The shades of the example's maps, layer by layer."""
        example = self.found["example"]
        return _shades(self.arrays, example) if example else []


@asks(Action.EDIT)
def start_inside(
    run: str, *, with_training: bool = False, with_tsne: bool = False, anew: bool = False
) -> InsideState:
    """Have a look inside a run's net, unless that was done or is being done.

    What failed, was cancelled or has lost its arrays is done again. As long as no worker has begun
    the newest choices count.

    Args:
        run: its id; it has ended, and has an epoch.
        with_training: whether training images are among the points, too.
        with_tsne: whether t-SNE places them as well.
        anew: whether what was found is thrown away, so that these choices count; without it they
            don't where somebody has looked already.

    Raises:
        NotFoundError: there is no run with this id, or its dataset is gone.
        RunStateError: it has no model, or it can't be built again.
        StorageError: the disk is full.
    """
    attempt = _with_states(load_run(run))
    files = inside_folder(attempt)
    state = inside_state(run)
    if state is not None and state.is_ready and (anew or not _is_readable(files)):
        remove_folder(files.folder)
    request = InsideRequest(run, attempt.number, with_training, with_tsne)
    ask_for(inside.KIND, files, request)
    return read_state(inside.KIND, files)


@asks(Action.VIEW)
def inside_state(run: str) -> InsideState | None:
    """Where the look inside a run's net stands; None where nobody asked for it.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: that can't be read at the moment.
    """
    files = inside_folder(newest_attempt(load_run(run)))
    if not files.request.exists():
        return None
    return seen_to(inside.KIND, files, read_state(inside.KIND, files))


@asks(Action.EDIT)
def cancel_inside(run: str) -> None:
    """End a look inside that nobody wants any more; it can be asked for again.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    take_back(inside_folder(newest_attempt(load_run(run))))


@asks(Action.VIEW)
def found_inside(run: str) -> Inside:
    """What was found inside a run's net.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: that hasn't finished.
        DamagedError: the file is missing or damaged.
        StorageError: it can't be read at the moment.
    """
    files = inside_folder(newest_attempt(load_run(run)))
    state = inside_state(run)
    if state is None or state.answer is None:
        raise RunStateError("Nobody has looked inside this net yet: do so on its page.")
    return Inside(state.answer, _arrays(files))


def inside_seconds(run: Run, there: Mapping[str, int], points: int, *, with_tsne: bool) -> float:
    """About how long a look takes: reading its images once, and t-SNE for so many points.

    Args:
        run: an ended one with an epoch.
        there: as `points_of` says.
        points: on the map.
        with_tsne: whether t-SNE places them as well.
    """
    images = min(there["validation"], MOST_MAPPED) + min(there["training"], MOST_KNOWN)
    speed = run.last.get("images_per_second") or 0
    reading = images / speed if speed else 0.0
    return _START_SECONDS + reading + (_TSNE_SECONDS * points if with_tsne else 0.0)


@asks(Action.VIEW)
def points_of(run: Run) -> dict[str, int]:
    """How many validation and training images a run has, without heeding its limits.

    Raises:
        NotFoundError: its dataset is gone.
        RunStateError: its config isn't legal in this version.
        StorageError: the dataset is damaged.
    """
    return {
        "validation": len(part_of(run, "validation")),
        "training": len(part_of(run, "train")),
    }


@asks(Action.VIEW)
def start_feature_maps(run: str, row: int) -> FeatureMapsState:
    """Have it shown what a net's layers make of a picture, unless that was or is being done.

    What failed, was cancelled or has lost its maps is done again.

    Args:
        run: id of the run; it has ended, and has an epoch.
        row: of the picture in the run's dataset.

    Raises:
        BadInputError: there is no such picture.
        NotFoundError: there is no run with this id, or its dataset is gone.
        RunStateError: it has no model, or it can't be built again; or it is a test image, and
            nobody has looked at those.
        StorageError: the disk is full.
    """
    loaded = load_run(run)
    attempt = _with_states(loaded)
    images = len(open_index(loaded.dataset))
    if not 0 <= row < images:
        raise BadInputError(f"row must be from 0 to {images - 1}. Received: {row}")
    check_unlocked(loaded, [row])
    files = feature_maps_folder(attempt, row)
    state = feature_maps_state(run, row)
    if state is not None and state.is_ready and not _is_readable(files):
        remove_folder(files.folder)
    ask_for(feature_maps.KIND, files, FeatureMapsRequest(run, attempt.number, row))
    return read_state(feature_maps.KIND, files)


@asks(Action.VIEW)
def feature_maps_state(run: str, row: int) -> FeatureMapsState | None:
    """Where the maps of a picture stand; None where nobody asked for them.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: that can't be read at the moment.
    """
    files = feature_maps_folder(newest_attempt(load_run(run)), row)
    if not files.request.exists():
        return None
    return seen_to(feature_maps.KIND, files, read_state(feature_maps.KIND, files))


@asks(Action.VIEW)
def feature_map_shades(run: str, maps: FeatureMaps) -> list[np.ndarray]:
    """(units, h, w) uint8 for each layer of maps that were made.

    Raises:
        NotFoundError: there is no run with this id.
        DamagedError: the file is missing or damaged.
        StorageError: it can't be read at the moment.
    """
    files = feature_maps_folder(newest_attempt(load_run(run)), maps["row"])
    return _shades(_arrays(files), maps)


def _with_states(run: Run) -> Attempt:
    """The attempt that a run's model can be built from."""
    if not run.status.is_ended or not run.last:
        hint = "start it again" if run.status.is_ended else "wait until it has ended"
        raise RunStateError(
            f"The run {run.name!r} is {run.status} and has no model to look into: {hint}."
        )
    judged_config(run)
    attempt = newest_attempt(run)
    if not list_checkpoints(attempt.checkpoints):
        raise RunStateError(
            f"The training states of the run {run.name!r} are gone, and without one its model "
            "can't be built again: bring them back from a backup, or train a clone of the run."
        )
    return attempt


def _shades(arrays: dict[str, np.ndarray], maps: FeatureMaps) -> list[np.ndarray]:
    return [arrays[f"maps_{number}"] for number in range(len(maps["layers"]))]


def _arrays(files: ArraysFolder) -> dict[str, np.ndarray]:
    try:
        stamp = files.arrays.stat()
    except FileNotFoundError as error:
        raise DamagedError(f"{files.arrays} is missing: look again.") from error
    return _read(files.folder, (stamp.st_mtime_ns, stamp.st_size))


# A page asks for it at every click, and the file has some megabytes.
@functools.lru_cache(maxsize=6)
def _read(folder: Path, stamp: tuple[int, int]) -> dict[str, np.ndarray]:
    return ArraysFolder(folder).read_arrays()


def _is_readable(files: ArraysFolder) -> bool:
    try:
        _arrays(files)
    except DamagedError:
        return False
    return True
