"""A weights file that anybody may have made, read in a process of its own that has little.

What reads such files is written in C in part, so it gets no more memory, time and disk than weights
need, nothing of our environment, and its end is never ours.
"""

import json
import os
import resource
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cnnlab.domain.errors import CnnlabError, DiskFullError, StorageError, WeightsError
from cnnlab.domain.words import data_size
from cnnlab.files import disk_errors, write_atomically
from cnnlab.storage.h5_file import MAGIC
from cnnlab.storage.pretrained.classes import classes_in
from cnnlab.storage.pretrained.imagenet import IMAGENET_FILES, ImagenetFile, known_file
from cnnlab.storage.pretrained.keras_file import IN_KERAS_FILE, read_keras_zip, read_weights_h5
from cnnlab.storage.pretrained.weights import MOST_BYTES, Weights, read_npz, write_npz

_MODULE = "cnnlab.storage.pretrained.reading"
_SECONDS = 120
_MEMORY_BYTES = 4 * MOST_BYTES
_ROOT = Path(__file__).resolve().parents[3]
_ERRORS: dict[str, type[CnnlabError]] = {
    "weights": WeightsError,
    "full": DiskFullError,
    "storage": StorageError,
}
"""What the process may say instead of weights; the more special ones first."""

_ACCEPTED = (
    "a .npz file with arrays called layer/weight, a .keras or .weights.h5 file of Keras 3, or a "
    "file of ImageNet weights that `pretrained list` names"
)


@dataclass(frozen=True)
class WhatIsKnown:
    """What is known of a file that was read.

    Attributes:
        source: which of the known files it is, if any; its weights have our layers' names then.
        classes: names by label that its last layer tells apart; none where it doesn't say.
    """

    source: ImagenetFile | None
    classes: list[str]


def read_apart(path: Path, target: Path, *, memory_bytes: int = _MEMORY_BYTES) -> WhatIsKnown:
    """Read a weights file in a process of its own.

    Args:
        path: the file, of any of the kinds that are read; its content decides, not its name.
        target: a `.npz` file that is made of it, with the weights by `layer/weight`.
        memory_bytes: what the process gets.

    Raises:
        WeightsError: it holds no weights, or may do harm; `target` isn't made.
        StorageError: it or `target` can't be used.
    """
    with disk_errors(path):
        size = path.stat().st_size
    if size > MOST_BYTES:
        raise WeightsError(f"it is {data_size(size)}, and at most {data_size(MOST_BYTES)} are read")
    source = known_file(path)
    preset = source.preset if source else ""
    command = [sys.executable, "-P", "-m", _MODULE, *map(str, (path, target, memory_bytes)), preset]
    environment = {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"}
    environment |= {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise WeightsError(f"reading it took more than {_SECONDS} s") from error
    if done.returncode:
        raise WeightsError("reading it takes more memory than weights need, or it is damaged")
    told = json.loads(done.stdout)
    if told["error"]:
        raise _ERRORS[told["error"]](told["words"])
    return WhatIsKnown(source, told["classes"])


def read_file(path: Path, source: ImagenetFile | None = None) -> Weights:
    """The weights of a file, by what lies in it.

    Args:
        path: the file.
        source: which of the known files it is, if any.

    Raises:
        WeightsError: it holds none, or may do harm.
    """
    if source:
        return source.read(path)
    with path.open("rb") as file:
        begins = file.read(len(MAGIC))
    if begins == MAGIC:
        return read_weights_h5(path, path.stat().st_size)
    if not zipfile.is_zipfile(path):
        raise WeightsError(f"it isn't {_ACCEPTED}")
    with zipfile.ZipFile(path) as archive:
        is_keras = IN_KERAS_FILE in archive.namelist()
    return read_keras_zip(path) if is_keras else read_npz(path)


def _main(path: Path, target: Path, memory_bytes: int, preset: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MOST_BYTES, 2 * MOST_BYTES))
    error, words = "", ""
    try:
        weights = read_file(path, IMAGENET_FILES.get(preset))
        write_atomically(target, lambda file: write_npz(file, weights))
    except tuple(_ERRORS.values()) as raised:
        kinds = (name for name, kind in _ERRORS.items() if isinstance(raised, kind))
        error, words = next(kinds), str(raised)
    told = {"error": error, "words": words, "classes": classes_in(path)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
