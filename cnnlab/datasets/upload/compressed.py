"""A compressed tar file (gzip, bzip2 or xz): decompressed beside the dataset, with a limit."""

import bz2
import lzma
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cnnlab.datasets import limits
from cnnlab.datasets.upload.inflating import Decompressor, Zlib
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Source, is_bomb
from cnnlab.datasets.upload.tars import is_tar
from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.domain.words import data_size
from cnnlab.files import disk_errors

_IN_BYTES, _OUT_BYTES = 64 * 2**10, 2**20
# So much shows whether there is a tar in it.
_FIRST_BYTES = 512
# xz files may ask for gigabytes; `xz -9` needs 65 MiB.
_XZ_MEMORY_BYTES = 96 * 2**20
# Parallel compressors write a stream for every 64 KiB or more.
_MAX_STREAMS = 200_000


def _gzip() -> Decompressor:
    return Zlib(zlib.MAX_WBITS | 16)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)


_KINDS: dict[bytes, Callable[[], Decompressor]] = {
    b"\x1f\x8b": _gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": _xz,
}
_BROKEN = (zlib.error, lzma.LZMAError, EOFError, ValueError)


@contextmanager
def decompressed(source: Source, folder: Path) -> Iterator[Source]:
    """Give the plain file of a compressed one, for as long as it is needed.

    Args:
        source: any file or folder; what isn't compressed is given back as it is.
        folder: where a file of the same name, so that messages can name it, may be written; it is
            removed at the end.

    Raises:
        UploadError: it is damaged, a bomb or too large.
        StorageError: the disk has too little room.
    """
    new = None if isinstance(source, tuple) else _kind(source)
    if isinstance(source, tuple) or new is None:
        yield source
        return
    beside = folder / "decompressed"
    with disk_errors(beside):
        beside.mkdir()
    try:
        _write(source, beside / source.name, new)
        yield beside / source.name
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _kind(source: Path) -> Callable[[], Decompressor] | None:
    try:
        if not source.is_file():
            return None
        with source.open("rb") as file:
            start = file.read(8)
    except OSError:
        return None  # listing it says what is wrong
    return next((new for sign, new in _KINDS.items() if start.startswith(sign)), None)


def _write(source: Path, target: Path, new: Callable[[], Decompressor]) -> None:
    written = 0
    try:
        with source.open("rb") as file, target.open("wb") as plain:
            for chunk in _chunks(file, new):
                plain.write(chunk)
                if written < _FIRST_BYTES <= written + len(chunk):
                    plain.flush()
                    _check_tar(source, target)
                written += len(chunk)
                _check_size(source, target, written, file.tell())
    except _BROKEN as error:
        raise UploadError(_damaged(source)) from error
    except OSError as error:
        if error.errno is None:  # bz2 says so of damaged content
            raise UploadError(_damaged(source)) from error
        raise StorageError(
            f"{printable(source.name)} can't be decompressed into {target.parent}: "
            f"{error.strerror}; make room and import again"
        ) from error
    if written < _FIRST_BYTES:
        _check_tar(source, target)


def _damaged(source: Path) -> str:
    shown = printable(source.name)
    return f"The file {shown} is damaged or incomplete and can't be decompressed; make it again"


def _chunks(file: BinaryIO, new: Callable[[], Decompressor]) -> Iterator[bytes]:
    """Decompress all streams of a file, never more than `_OUT_BYTES` at once."""
    data = file.read(_IN_BYTES)
    for _ in range(_MAX_STREAMS):
        decompressor = new()
        while not decompressor.eof:
            chunk = decompressor.decompress(data, _OUT_BYTES)
            data = b""
            if chunk:
                yield chunk
            elif decompressor.needs_input and not decompressor.eof:
                data = file.read(_IN_BYTES)
                if not data:
                    raise EOFError("a stream has no end")
        data = (decompressor.unused_data or file.read(_IN_BYTES)).lstrip(b"\0")
        if not data:
            return
    raise EOFError("too many streams")


def _check_tar(source: Path, target: Path) -> None:
    if not is_tar(target):
        raise UploadError(
            f"The file {printable(source.name)} is compressed but holds no tar archive; pack the "
            "images into a zip or tar file"
        )


def _check_size(source: Path, target: Path, written: int, read: int) -> None:
    shown = printable(source.name)
    if is_bomb(written, read):
        raise UploadError(
            f"The file {shown} looks like a bomb: it unpacks to more than {limits.MAX_RATIO} times "
            "its size, which images never do; pack the images again"
        )
    if written > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The file {shown} unpacks to more than {data_size(limits.MAX_TOTAL_BYTES)}; "
            "upload fewer or smaller images or raise CNNLAB_MAX_TOTAL_BYTES"
        )
    if shutil.disk_usage(target.parent).free < limits.MIN_FREE_BYTES:
        raise StorageError(
            f"The disk of {target.parent} has too little room to unpack {shown}; free some space "
            "or import fewer images"
        )
