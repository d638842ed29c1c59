"""The table of contents of a zip, read by zipfile: never one beyond the limits."""

import struct
import zipfile
from itertools import accumulate
from typing import BinaryIO

from cnnlab.datasets import limits
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.signatures import foreign_format
from cnnlab.datasets.upload.volumes import Openable, Volume
from cnnlab.domain.errors import UploadError

LOCAL_SIGNATURE = b"PK\3\4"
"""Begins a member."""

# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT: 4.3.12, 4.3.16, 8.5.3
_ENTRY_SIGNATURE, _END_SIGNATURE = b"PK\1\2", b"PK\5\6"
_SPANNING_SIGNATURE = b"PK\7\x08"
_END = struct.Struct("<4xH10xI2x")
_MAX_COMMENT_BYTES = 2**16
_BROKEN = (
    *(zipfile.BadZipFile, NotImplementedError, OSError, ValueError, OverflowError, EOFError),
    *(struct.error, IndexError),
)


def read_directory(archive: Openable) -> tuple[list[zipfile.ZipInfo], int]:
    """The entries of a zip and its size in bytes.

    Where it lies on several disks (`.z01`, ..., `.zip`), which the pieces of `archive` then are,
    the entries say where they begin in all of them together.

    Raises:
        UploadError: not a zip, damaged as a whole, one part of several, or too many entries.
    """
    try:
        with archive.open("rb") as file, zipfile.ZipFile(_Guarded(file, archive.name)) as opened:
            entries = opened.infolist()
            size_bytes = file.seek(0, 2)
            disk, directory_offset = _end_record(file, size_bytes)
            if disk:
                _check_disks(archive, disk)
                _place(entries, _begins(archive), opened.start_dir - directory_offset)
    except _BROKEN as error:
        raise UploadError(_not_a_zip(archive)) from error
    return entries, size_bytes


def _end_record(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """The number of the last disk, and where on its own disk the table of contents begins."""
    file.seek(max(0, size_bytes - _END.size - _MAX_COMMENT_BYTES))
    end = file.read()
    disk, offset = _END.unpack_from(end, end.rindex(_END_SIGNATURE))
    # What is larger than its field stands elsewhere; zipfile refuses that on several disks.
    return (0, 0) if disk == 0xFFFF else (disk, offset)


def _check_disks(archive: Openable, last: int) -> None:
    if not isinstance(archive, Volume) or len(archive.pieces) != last + 1:
        shown = printable(archive.name)
        raise UploadError(
            f"The file {shown} is one part of several, the last of {last + 1}: parts such as "
            f"{shown.removesuffix('.zip')}.z01 are missing; choose all of them together"
        )


def _begins(archive: Openable) -> list[int]:
    """Where each disk begins in all of them."""
    pieces = archive.pieces if isinstance(archive, Volume) else ()
    return list(accumulate((piece.size_bytes for piece in pieces), initial=0))


def _place(entries: list[zipfile.ZipInfo], begins: list[int], moved_by: int) -> None:
    """Undo that zipfile takes all of it for one disk."""
    for entry in entries:
        entry.header_offset += begins[entry.volume] - moved_by


class _Guarded:
    """The file as zipfile sees it: a table of contents beyond the limits is never read.

    Standing between zipfile and the file, it judges the very bytes that zipfile will take for the
    table, wherever a crafted end record has led it.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self.seek, self.tell = file.seek, file.tell

    def read(self, count: int = -1) -> bytes:
        if count > limits.MAX_DIRECTORY_BYTES:
            self._refuse()
        content = self._file.read(count)
        if content.count(_ENTRY_SIGNATURE) > limits.MAX_ENTRIES:
            self._refuse()
        return content

    def _refuse(self) -> None:
        raise UploadError(
            f"The file {printable(self._name)} holds more than {limits.MAX_ENTRIES:,} files; "
            "split it into smaller zips or raise CNNLAB_MAX_ENTRIES"
        )


def _not_a_zip(archive: Openable) -> str:
    shown = printable(archive.name)
    try:
        with archive.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        return f"The file {shown} can't be opened: {error.strerror}"
    if isinstance(archive, Volume) and len(archive.pieces) > 1:
        return (
            f"The {len(archive.pieces)} parts of {shown} make no whole zip file: a part is missing "
            "or damaged; choose all of them together"
        )
    if start.startswith(_SPANNING_SIGNATURE):
        return (
            f"The file {shown} is one part of several of a zip file; choose all of them together, "
            "under their own names"
        )
    if start.startswith(LOCAL_SIGNATURE):
        return f"The file {shown} is a damaged or incomplete zip file; make it again"
    if not start:
        return f"The file {shown} is empty (0 bytes), not a zip file; make or download it again"
    if found := foreign_format(start):
        return (
            f"The file {shown} is {found.name}, not a zip file; "
            f"{found.advice or 'put the images into a zip file'}"
        )
    return f"The file {shown} is not a zip file; put the images into a zip file"
