"""Which classes the last layer of a weights file tells apart, as far as our downloads say it."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from cnnlab.files import BROKEN_ZIP
from cnnlab.storage.pretrained.weights import DESCRIPTION

_IN_KERAS_FILE = "cnnlab.json"
_MOST_BYTES = 2**22
_MOST_HEADER = 10_000


def same_classes(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether a last layer can be taken over: its outputs mean the same, each in its place.

    Args:
        theirs: names by label that weights were trained for; none where that isn't known.
        ours: of the dataset.
    """
    return bool(theirs) and list(theirs) == list(ours)


def classes_in(path: Path) -> list[str]:
    """Names of the classes by label; none where the file doesn't say them.

    Args:
        path: of any kind that is read as weights; whatever it says besides is no matter here.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = json.loads(_description(archive))["class_names"]
    except (*BROKEN_ZIP, OSError, LookupError, TypeError, ValueError):
        return []
    is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return names if is_list else []


def _description(archive: zipfile.ZipFile) -> str:
    """What a `.keras` or `.npz` file of ours says of itself.

    Raises:
        LookupError: it is no such file.
        ValueError: it is damaged or too long.
    """
    is_keras = _IN_KERAS_FILE in archive.namelist()
    info = archive.getinfo(_IN_KERAS_FILE if is_keras else DESCRIPTION)
    if info.file_size > _MOST_BYTES:
        raise ValueError(info.file_size)
    with archive.open(info) as member:
        return member.read(_MOST_BYTES).decode() if is_keras else _text(member)


def _text(member: IO[bytes]) -> str:
    """The text of an array that holds one."""
    np.lib.format.read_magic(member)
    shape, _, dtype = np.lib.format.read_array_header_1_0(member, max_header_size=_MOST_HEADER)
    if shape != () or dtype.kind != "U":
        raise ValueError(dtype)
    return str(np.frombuffer(member.read(_MOST_BYTES), dtype).item())
