"""The weights that a run begins with, kept in its own folder: what is deleted later is no matter.

runs/<run>/pretrained.npz     by `layer/weight`; shares the bytes of what it was taken from
runs/<run>/pretrained.json    where they come from, and their sha256; written last
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from cnnlab.domain.data.seen import Teacher
from cnnlab.domain.errors import DamagedError, WeightsError
from cnnlab.domain.records.training import SeenImages
from cnnlab.files import read_json, share_file, write_atomically, write_json
from cnnlab.storage.pretrained.imagenet import checksum
from cnnlab.storage.pretrained.weights import Weights, read_npz, write_npz

_FILE, _NOTE = "pretrained.npz", "pretrained.json"


@dataclass(frozen=True)
class StartWeights:
    """What a run begins with.

    Attributes:
        words: where the weights come from, for people.
        asked: what the config said: `imagenet`, an id of weights or that of a run.
        sha256: of their file.
        licence: of the weights; empty where that isn't known.
        classes: names by label that the last layer tells apart; none where that isn't known.
        teachers: the runs that trained them, as far as that is known, the nearest first.
        seen: which images that judge the run they were trained on; None without a known teacher.
        arrays: by `layer/weight` in our layers' names, float32.
    """

    words: str
    asked: str
    sha256: str = ""
    licence: str = ""
    classes: tuple[str, ...] = ()
    teachers: tuple[Teacher, ...] = ()
    seen: SeenImages | None = None
    arrays: Weights = field(default_factory=dict, repr=False)


def keep_start(run_folder: Path, file: Path, start: StartWeights) -> StartWeights:
    """Keep a file of weights that never changes as the start of a run.

    Args:
        run_folder: of the run.
        file: the weights.
        start: what is known of them; its checksum and arrays are those of the file.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    run_folder.mkdir(parents=True, exist_ok=True)
    share_file(file, run_folder / _FILE)
    return _noted(run_folder, start)


def keep_start_weights(run_folder: Path, weights: Weights, start: StartWeights) -> StartWeights:
    """Keep weights as the start of a run; as `keep_start`.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    run_folder.mkdir(parents=True, exist_ok=True)
    write_atomically(run_folder / _FILE, lambda file: write_npz(file, weights))
    return _noted(run_folder, start)


def share_start(source: Path, run_folder: Path) -> None:
    """Have what one run began with for another one, too, if it began with any.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    if (source / _NOTE).exists():
        run_folder.mkdir(parents=True, exist_ok=True)
        share_file(source / _FILE, run_folder / _FILE)
        share_file(source / _NOTE, run_folder / _NOTE)


def read_start(run_folder: Path) -> StartWeights | None:
    """What a run began with; None where nothing is kept.

    Raises:
        StorageError: it is damaged or can't be read.
    """
    if not (run_folder / _NOTE).exists():
        return None
    file = run_folder / _FILE
    start = _read_note(run_folder)
    try:
        if checksum(file) != start.sha256:
            raise WeightsError("it isn't what was written")
        return replace(start, arrays=read_npz(file))
    except WeightsError as error:
        raise _damaged(file, error) from error


def read_teachers(run_folder: Path) -> tuple[Teacher, ...]:
    """The runs that trained what a run began with, the nearest first; none where none are known.

    Raises:
        StorageError: it is damaged or can't be read.
    """
    return _read_note(run_folder).teachers if (run_folder / _NOTE).exists() else ()


def _read_note(run_folder: Path) -> StartWeights:
    note = read_json(run_folder / _NOTE)
    try:
        teachers = tuple(Teacher(**one) for one in note.pop("teachers", ()))
        classes = tuple(note.pop("classes", ()))
        return StartWeights(**note, classes=classes, teachers=teachers)
    except (TypeError, AttributeError) as error:
        raise _damaged(run_folder / _NOTE, error) from error


def _damaged(file: Path, error: Exception) -> DamagedError:
    return DamagedError(
        f"The weights that the run began with are damaged in {file} ({error}): start a new run."
    )


def _noted(run_folder: Path, start: StartWeights) -> StartWeights:
    arrays = read_npz(run_folder / _FILE)
    start = replace(start, sha256=checksum(run_folder / _FILE), arrays={})
    note = asdict(start)
    del note["arrays"]
    write_json(run_folder / _NOTE, note)
    return replace(start, arrays=arrays)
