"""Arrays in .npy files and .npz archives, read row by row and never unpickled."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from cnnlab.datasets import limits
from cnnlab.datasets.upload.archives import ZipReader, list_zip
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import CHUNK_BYTES, Member
from cnnlab.domain.errors import UploadError

_MAX_LABEL_BYTES = 64 * 2**20
_MAX_HEADER_BYTES = 10_000
_BROKEN = (ValueError, SyntaxError, EOFError, TypeError, OverflowError, MemoryError, struct.error)


@dataclass(frozen=True)
class StoredArray:
    """An array that lies in a file.

    Attributes:
        name: of the array in its archive, or of its file.
        shape: of all of it.
        dtype: of one number; never of Python objects.
        chunks: gives its file anew, in pieces.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    chunks: Callable[[], Iterator[bytes]]

    def rows(self) -> Iterator[np.ndarray]:
        """The array's rows, each of shape `shape[1:]`.

        Raises:
            UploadError: the file ends too early.
        """
        file = _Stream(self.chunks())
        _header(file)
        row_bytes = prod(self.shape[1:]) * self.dtype.itemsize
        for _ in range(self.shape[0]):
            content = file.read(row_bytes)
            if len(content) < row_bytes:
                raise UploadError(f"The array {printable(self.name)} ends too early; save it again")
            yield np.frombuffer(content, self.dtype).reshape(self.shape[1:])

    def whole(self) -> np.ndarray:
        """All of a small array.

        Raises:
            UploadError: it has more than 64 MiB, or ends too early.
        """
        if prod(self.shape) * self.dtype.itemsize > _MAX_LABEL_BYTES:
            raise UploadError(f"The labels {printable(self.name)} have more than 64 MiB")
        return np.array(list(self.rows()), self.dtype).reshape(self.shape)


class _Stream:
    """Pieces read as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._left = chunks, b""

    def read(self, count: int = 0, /) -> bytes:
        parts, have = [self._left], len(self._left)
        while have < count and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            have += len(chunk)
        content = b"".join(parts)
        self._left = content[count:]
        return content[:count]


def read_npy(path: Path, name: str) -> StoredArray:
    """The array of a .npy file.

    Raises:
        UploadError: it is no array, or one of Python objects.
    """
    return _stored(name, lambda: _chunks(path))


def read_npz(path: Path) -> Iterator[StoredArray]:
    """The arrays of a .npz archive.

    Raises:
        UploadError: it is damaged, a bomb, or holds Python objects.
    """
    for member in list_zip(path).members:
        if member.path.endswith(".npy"):
            yield _stored(member.path.removesuffix(".npy"), _unpacking(path, member))


def _unpacking(path: Path, member: Member) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from ZipReader(file).chunks(member)

    return chunks


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _stored(name: str, chunks: Callable[[], Iterator[bytes]]) -> StoredArray:
    shown = printable(name.rpartition("/")[2])
    try:
        shape, is_fortran, dtype = _header(_Stream(chunks()))
    except _BROKEN as error:
        raise UploadError(f"{shown} is not an array that NumPy has saved") from error
    if dtype.hasobject:
        raise UploadError(
            f"The array {shown} holds Python objects, which could run programs and are not read; "
            "save it as numbers or texts, for example with np.array(labels, dtype=str)"
        )
    if not dtype.itemsize:
        raise UploadError(f"The array {shown} holds nothing but empty texts; save it again")
    if is_fortran and len(shape) > 1:
        raise UploadError(
            f"The array {shown} is stored column by column; save np.ascontiguousarray of it"
        )
    sound = all(size >= 0 for size in shape)
    if not sound or prod(shape) * dtype.itemsize > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The array {shown} says that it is larger than what may be unpacked; save fewer "
            "images or raise CNNLAB_MAX_TOTAL_BYTES"
        )
    return StoredArray(name, shape, dtype, chunks)


def _header(file: _Stream) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = np.lib.format.read_magic(file)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    return read(file, max_header_size=_MAX_HEADER_BYTES)
