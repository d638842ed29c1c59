"""Several pictures: a job that makes the maps, kept with the run, and what came of it."""

import functools
import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cnnlab.datasets.pictures.heat import data_url, heat_colours
from cnnlab.domain.errors import BadInputError, DamagedError, NotFoundError, RunStateError
from cnnlab.domain.explaining.methods import (
    MAPS_FORM,
    METHODS,
    NAMED,
    PREDICTED,
    TRUE,
    unknown_class,
    unknown_method,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.explanation import Explained
from cnnlab.files import remove_folder
from cnnlab.jobs.kinds.explain import KIND, ExplainRequest, explanation_folder
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.judging.vault import check_unlocked
from cnnlab.lab.predicting.asked_runs import askable_runs
from cnnlab.lab.runs import load_run, newest_attempt
from cnnlab.lab.work import ask_for, delete_work, seen_to, take_back, wait_for
from cnnlab.storage.attempts.explanation import ExplanationFolder, StoredMaps

ExplanationsState = JobState[Explained]

MOST_PICTURES = 64
"""At once, of a dataset."""


@asks(Action.EDIT)
def start_explanations(
    run: str, rows: Sequence[int], method: str, about: str = PREDICTED, class_name: str = ""
) -> str:
    """Have said where a run's model looks in images of its dataset, unless that was done.

    What failed, was cancelled or has lost its maps is done again.

    Args:
        run: id of a run that has ended, and has an epoch.
        rows: 1 to 64 rows of the dataset; of the test images only after a look at them.
        method: a key of `METHODS`.
        about: whose score: `predicted`, `true` or `class`.
        class_name: of `class`.

    Returns:
        The key that `explanations_state` takes.

    Raises:
        BadInputError: there is no such run, image, method or class, or there are too many images.
        RunStateError: the run has no model, or the images are locked away.
        StorageError: the disk is full, or the dataset is damaged.
    """
    asked = _request(run, method, about, class_name)
    _check_rows(run, rows)
    asked = replace(asked, rows=[int(row) for row in rows])
    key = explanations_key(rows, method, about, class_name)
    files = _files(run, key)
    if files.request.exists() and read_state(KIND, files).is_ready and not _is_readable(files):
        remove_folder(files.folder)
    ask_for(KIND, files, asked)
    return key


def explanations_key(rows: Sequence[int], method: str, about: str, class_name: str) -> str:
    """The key of what `start_explanations` is asked for, whether that was done or not."""
    known = json.dumps([MAPS_FORM, method, about, class_name, [int(row) for row in rows]]).encode()
    return hashlib.sha256(known).hexdigest()[:16]


@asks(Action.VIEW)
def explanations_state(run: str, key: str) -> ExplanationsState | None:
    """Where it stands; None where nobody asked for it.

    Raises:
        NotFoundError: there is no run with this id.
    """
    files = _files(run, key)
    if not files.request.exists():
        return None
    return seen_to(KIND, files, read_state(KIND, files))


@asks(Action.EDIT)
def cancel_explanations(run: str, key: str) -> None:
    """End what nobody wants any more; it can be asked for again.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    take_back(_files(run, key))


class DrawnMap(NamedTuple):
    """A map as a page shows it.

    Attributes:
        picture: as the network sees it, a PNG as a data URL.
        heat: the map in colours, likewise, as wide and high as it has cells.
    """

    picture: str
    heat: str


@asks(Action.VIEW)
def explained_pictures(run: str, key: str) -> list[DrawnMap]:
    """The maps drawn, in the order of the answer; shared, and not to be changed.

    Raises:
        NotFoundError: there is no run with this id.
        DamagedError: the file is missing or damaged.
        StorageError: it can't be read at the moment.
    """
    files = _files(run, key)
    try:
        stamp = files.maps.stat()
    except FileNotFoundError as error:
        raise DamagedError(f"{files.maps} is missing: ask for the maps again.") from error
    return _drawn(files.folder, (stamp.st_mtime_ns, stamp.st_size))


def explain_files(
    run: str,
    paths: Sequence[Path],
    method: str,
    class_name: str = "",
    *,
    on_phase: Callable[[str], object] = lambda text: None,
) -> tuple[Explained, StoredMaps]:
    """Where a run's model looks in pictures on this machine's disk; returns when that is known.

    Args:
        run: id of a run that has ended, and has an epoch.
        paths: files, folders, archives.
        method: a key of `METHODS`.
        class_name: whose score; empty for the class that the model says of each.
        on_phase: is told what is being done, each thing once.

    Raises:
        BadInputError: there is no such run, method or class, or no file can be read as a picture.
        RunStateError: the run has no model, or the method can't work for its network.
        StorageError: the disk is full.
    """
    asked = _request(run, method, NAMED if class_name else PREDICTED, class_name)
    sources = [(str(path.absolute()), str(path)) for path in paths]
    files = _files(run, f"files-{secrets.token_hex(8)}")
    ask_for(KIND, files, replace(asked, sources=sources))
    try:
        state = wait_for(lambda: seen_to(KIND, files, read_state(KIND, files)), on_phase)
        if state is None or state.answer is None:
            why = (state and state.problem) or "This came to nothing: ask again."
            is_bad_input = (files.read_result() or {}).get("cause") == "config"
            raise BadInputError(why) if is_bad_input else RunStateError(why)
        return state.answer, files.read_maps()
    finally:  # nobody can find it again, and on Ctrl-C nobody waits for it any more
        delete_work(files)


@asks(Action.VIEW)
def model_classes(run: str) -> list[str]:
    """The classes that a run's model knows; none where its dataset is gone.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: the dataset is damaged.
    """
    row = load_run(run)
    try:
        return list(open_index(row.dataset).class_names)
    except NotFoundError:
        return []


def _request(run: str, method: str, about: str, class_name: str) -> ExplainRequest:
    """What is asked but for the pictures."""
    if method not in METHODS:
        raise BadInputError(unknown_method(method))
    if about not in (PREDICTED, TRUE, NAMED):
        raise BadInputError(f"about must be predicted, true or class. Received: {about[:80]!r}")
    asked, problems = askable_runs([run])
    if not asked:
        load_run(run)  # one that isn't there is bad input
        raise RunStateError(" ".join(problems.values()))
    names = model_classes(run)
    if about == NAMED and names and class_name not in names:
        raise BadInputError(unknown_class(names, class_name))
    named = class_name if about == NAMED else ""
    return ExplainRequest(run, asked[0]["attempt"], method, about, named, [], [])


def _check_rows(run: str, rows: Sequence[int]) -> None:
    """Raises: see `start_explanations`."""
    row = load_run(run)
    images = len(open_index(row.dataset))
    if not 1 <= len(rows) <= MOST_PICTURES or not all(0 <= one < images for one in rows):
        raise BadInputError(
            f"rows must be 1 to {MOST_PICTURES} numbers of images from 0 to {images - 1}. "
            f"Received: {len(rows)} numbers"
        )
    check_unlocked(row, rows)


def _files(run: str, key: str) -> ExplanationFolder:
    return explanation_folder(newest_attempt(load_run(run)), key)


def _is_readable(files: ExplanationFolder) -> bool:
    try:
        files.read_maps()
    except DamagedError:
        return False
    return True


# A page asks for them at every click, and 64 pictures with their maps are 128 PNGs.
@functools.lru_cache(maxsize=8)
def _drawn(folder: Path, stamp: tuple[int, int]) -> list[DrawnMap]:
    maps = ExplanationFolder(folder).read_maps()
    return [
        DrawnMap(data_url(square), data_url(heat_colours(values)))
        for square, values in zip(maps.squares, maps.values, strict=True)
    ]
