"""Weights as arrays by `layer/weight`: what counts as such, and `.npz` files of them.

A `.npz` that anybody may have made is a zip with numpy's arrays. None is unpickled, and of each the
size that its header claims has to be the size of its member before memory is taken for it.
"""

import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from cnnlab.domain.errors import WeightsError
from cnnlab.files import BROKEN_ZIP

Weights = dict[str, np.ndarray]
"""By `layer/weight`, float32."""

MOST_BYTES = 2**30
"""Of a weights file, and of the arrays in it: a quarter of a billion numbers."""

MOST_NAME = 200
_MOST_ARRAYS = 10_000
_MOST_AXES = 8
_MOST_HEADER = 10_000
_NAME = re.compile(r"[^/\x00-\x1f\x7f]+/[^/\x00-\x1f\x7f]+")
DESCRIPTION = "model.json.npy"
"""Member of our own `weights` export that says what the model is."""

_TEXTS = {"architecture.json.npy", DESCRIPTION}
"""Members of our own `weights` export that hold no weights."""

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def damaged(kind: str, error: Exception) -> WeightsError:
    """What is said of a file that can't be read as what it seems to be: a `.npz file`."""
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return WeightsError(f"it is damaged or no {kind} ({said:.100})")


def checked(arrays: Mapping[str, np.ndarray]) -> Weights:
    """The arrays as weights.

    Args:
        arrays: whatever a file holds, by name.

    Raises:
        WeightsError: there are none, or one has no such name, shape, kind or value.
    """
    if not arrays:
        raise WeightsError("it holds no weights")
    return {name: _checked(name, values) for name, values in arrays.items()}


def _checked(name: str, values: np.ndarray) -> np.ndarray:
    if len(name) > MOST_NAME or not _NAME.fullmatch(name):
        raise WeightsError(
            f"an array must be called `layer/weight` in at most {MOST_NAME} characters; "
            f"one is called {name[:60]!r}"
        )
    if values.dtype.kind != "f":
        raise WeightsError(f"{name} must hold floating-point numbers, and holds {values.dtype}")
    if values.ndim > _MOST_AXES or 0 in values.shape:
        raise WeightsError(f"{name} has the shape {values.shape}, as no layer's weights have")
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        weights = np.ascontiguousarray(values, dtype=np.float32).reshape(values.shape)
    if not np.isfinite(weights).all():
        raise WeightsError(f"{name} holds numbers that aren't finite")
    return weights


def write_npz(file: IO[bytes], weights: Weights) -> None:
    """Write weights; the same ones always give the same bytes."""
    members: dict[str, Any] = {name: weights[name] for name in sorted(weights)}
    np.savez(file, **members)


def read_npz(path: Path) -> Weights:
    """The weights of a `.npz` file, such as a download in the format `weights`.

    Raises:
        WeightsError: it is none, damaged, or built to do harm.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return checked(dict(_arrays(archive)))
    except (*BROKEN_ZIP, OSError, ValueError) as error:
        raise damaged(".npz file", error) from error


def _arrays(archive: zipfile.ZipFile) -> Iterator[tuple[str, np.ndarray]]:
    infos = archive.infolist()
    if len(infos) > _MOST_ARRAYS:
        raise WeightsError(f"it has {len(infos):,} arrays, and at most {_MOST_ARRAYS:,} are read")
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise WeightsError("two of its arrays have the same name")
    if (size := sum(info.file_size for info in infos)) > MOST_BYTES:
        raise WeightsError(f"it unpacks to {size:,} bytes, and at most {MOST_BYTES:,} are read")
    for info in infos:
        if info.filename not in _TEXTS:
            with archive.open(info) as member:
                yield info.filename.removesuffix(".npy"), _array(info, member)


def _array(info: zipfile.ZipInfo, member: IO[bytes]) -> np.ndarray:
    """One array, after its header has been believed."""
    read_header = _HEADERS.get(np.lib.format.read_magic(member))
    if read_header is None:
        raise WeightsError(f"{info.filename[:60]!r} is an array of an unknown version")
    shape, in_columns, dtype = read_header(member, max_header_size=_MOST_HEADER)
    if dtype.hasobject:
        raise WeightsError(f"{info.filename[:60]!r} holds Python objects, which may run code")
    claimed, held = math.prod(shape) * dtype.itemsize, info.file_size - member.tell()
    if claimed != held:
        raise WeightsError(
            f"{info.filename[:60]!r} claims {claimed:,} bytes, and {held:,} lie in the file"
        )
    content = member.read(held)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if in_columns else "C")
