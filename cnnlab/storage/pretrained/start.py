"""The weights that a run begins with, kept in its own folder: what is deleted later is no matter.

runs/<run>/pretrained.npz     by `layer/weight`; shares the bytes of what it was taken from
runs/<run>/pretrained.json    where they come from, and their sha256; written last
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from cnnlab.domain.errors import DamagedError, WeightsError
from cnnlab.files import read_json, share_file, write_atomically, write_json
from cnnlab.storage.pretrained.imagenet import checksum
from cnnlab.storage.pretrained.weights import Weights, read_npz, write_npz

_FILE, _NOTE = "pretrained.npz", "pretrained.json"


@dataclass(frozen=True)
class StartWeights:
    """What a run begins with.

    Attributes:
        words: where the weights come from, for people.
        sha256: of their file.
        asked: what the config said: `imagenet`, an id of weights or that of a run.
        licence: of the weights; empty where that isn't known.
        arrays: by `layer/weight` in our layers' names, float32.
    """

    words: str
    sha256: str
    asked: str
    licence: str = ""
    arrays: Weights = field(default_factory=dict, repr=False)


def keep_start(
    run_folder: Path, file: Path, *, words: str, asked: str, licence: str = ""
) -> StartWeights:
    """Keep a file of weights that never changes as the start of a run.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    run_folder.mkdir(parents=True, exist_ok=True)
    share_file(file, run_folder / _FILE)
    return _noted(run_folder, StartWeights(words, checksum(file), asked, licence))


def keep_start_weights(
    run_folder: Path, weights: Weights, *, words: str, asked: str
) -> StartWeights:
    """Keep weights as the start of a run.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    run_folder.mkdir(parents=True, exist_ok=True)
    write_atomically(run_folder / _FILE, lambda file: write_npz(file, weights))
    return _noted(run_folder, StartWeights(words, checksum(run_folder / _FILE), asked))


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
    note, file = read_json(run_folder / _NOTE), run_folder / _FILE
    try:
        start = StartWeights(**note)
        if checksum(file) != start.sha256:
            raise WeightsError("it isn't what was written")
        return replace(start, arrays=read_npz(file))
    except (TypeError, WeightsError) as error:
        raise DamagedError(
            f"The weights that the run began with are damaged in {file} ({error}): start a new run."
        ) from error


def _noted(run_folder: Path, start: StartWeights) -> StartWeights:
    note = asdict(start)
    del note["arrays"]
    write_json(run_folder / _NOTE, note)
    return replace(start, arrays=read_npz(run_folder / _FILE))
