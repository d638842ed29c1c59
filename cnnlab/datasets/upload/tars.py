"""An upload that is a tar file: every header judged before a member is read.

The walk from header to header is ours, because tarfile loads extended headers of any size into
memory, has had endless loops on crafted ones, and takes four times as long.

Format: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html ("ustar Interchange
Format", "pax Extended Header") and https://www.gnu.org/software/tar/manual/html_node/Standard.html.
"""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from cnnlab.datasets import limits
from cnnlab.datasets.upload.paths import bad_path, inner_path, is_junk, printable
from cnnlab.datasets.upload.sources import (
    CHUNK_BYTES,
    Listing,
    Member,
    UnreadableMemberError,
)
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size

_BLOCK = tarfile.BLOCKSIZE
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_NEVER = (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_EXTENDED = (
    *(tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)
_RECORD = re.compile(rb"(\d{1,5}) ([^=\n]{1,100})=")
_MAX_DIGITS = 20
# Both hold a path, and perhaps times and attributes; real ones have some hundred bytes.
_MAX_EXTENDED_BYTES = 64 * 2**10
# A file has up to three: an extended header, a long name, a long link.
_MAX_EXTENDED_HEADERS = 4


class _DamagedError(Exception):
    """The tar can't be walked to its end."""


class _Header(NamedTuple):
    """One header of 512 bytes."""

    name: str
    kind: bytes
    size_bytes: int


class _Entry(NamedTuple):
    """One entry of a tar, with what extended headers said of it."""

    name: str
    kind: bytes
    size_bytes: int
    begins_at: int
    is_sparse: bool


def is_tar(path: Path) -> bool:
    """Whether a file begins with the header of a tar entry.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        block = file.read(_BLOCK)
    try:
        return bool(_header(block).name)
    except _DamagedError:
        return False


def list_tar(path: Path) -> Listing:
    """Walk over all headers and list the members.

    Raises:
        UploadError: damaged as a whole, too large, or an attack: a path that leads outside, a
            link or device.
    """
    shown = printable(path.name)
    members: dict[str, Member] = {}
    skipped: list[SkippedFile] = []
    folders: list[str] = []
    total_bytes = 0
    try:
        with path.open("rb") as file:
            for count, entry in enumerate(_entries(file), start=1):
                total_bytes += entry.size_bytes
                _check_limits(shown, count, total_bytes)
                inside = _safe_path(path, entry)
                if is_junk(inside):
                    continue
                if entry.kind == tarfile.DIRTYPE:
                    folders.append(inside.rstrip("/"))
                    continue
                if reason := _unusable(entry, inside, inside in members):
                    skipped.append(SkippedFile(inside[: limits.MAX_PATH_CHARACTERS], reason))
                else:
                    members[inside] = Member(inside, entry.size_bytes, entry.begins_at)
    except OSError as error:
        raise UploadError(f"The file {shown} can't be opened: {error.strerror}") from error
    except _DamagedError as error:
        raise UploadError(
            f"The file {shown} is a damaged or incomplete tar file ({error}); make it again"
        ) from error
    return Listing(tuple(members.values()), tuple(skipped), folders=tuple(folders))


def _check_limits(shown: str, count: int, total_bytes: int) -> None:
    if count > limits.MAX_ENTRIES:
        raise UploadError(
            f"The file {shown} holds more than {limits.MAX_ENTRIES:,} files; split it into "
            "smaller ones or raise CNNLAB_MAX_ENTRIES"
        )
    if total_bytes > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The file {shown} holds more than {data_size(limits.MAX_TOTAL_BYTES)}; upload "
            "fewer or smaller images or raise CNNLAB_MAX_TOTAL_BYTES"
        )


def _safe_path(path: Path, entry: _Entry) -> str:
    inside = inner_path(path.name, entry.name)
    if entry.kind in _NEVER:
        raise UploadError(
            f"The file {printable(path.name)} is refused: {inside[:80]!r} is a link or a device; "
            "pack the images themselves"
        )
    return inside


def _unusable(entry: _Entry, inside: str, is_known: bool) -> str | None:
    if entry.kind not in _FILES:
        return "not a regular file"
    if entry.is_sparse:
        return "packed as a sparse file: pack it without --sparse"
    return "is in the tar twice" if is_known else bad_path(inside)


def _entries(file: BinaryIO) -> Iterator[_Entry]:
    """Walk from header to header; a name or a size in an extended header goes before its own."""
    end = file.seek(0, 2)
    at, extended_headers = 0, 0
    said: dict[str, str] = {}
    while True:
        file.seek(at)
        block = file.read(_BLOCK)
        if len(block) == _BLOCK and not any(block):
            return
        header = _header(block)
        at += _BLOCK
        taken = _content_bytes(header, said)
        if at + taken > end:
            raise _DamagedError("it ends too early")
        if header.kind in _EXTENDED:
            said |= _said_by(header, _extended(file, taken))
            extended_headers += 1
        else:
            sparse = any(key.startswith("GNU.sparse.") for key in said)
            name = said.get("GNU.sparse.name", said.get("path", header.name))
            yield _Entry(name, header.kind, taken, at, sparse)
            said, extended_headers = {}, 0
        if extended_headers > _MAX_EXTENDED_HEADERS:
            raise _DamagedError("too many extended headers")
        at += -(-taken // _BLOCK) * _BLOCK


def _content_bytes(header: _Header, said: dict[str, str]) -> int:
    """How many bytes follow a header."""
    if header.kind == tarfile.GNUTYPE_SPARSE:
        raise _DamagedError("it holds sparse files: pack without --sparse")
    if header.kind in (*_NEVER, tarfile.DIRTYPE):
        return 0  # whatever its size says
    size = said.get("size", "")
    if not size or header.kind in _EXTENDED:
        return header.size_bytes
    if not size.isdecimal() or len(size) > _MAX_DIGITS:
        raise _DamagedError("an extended header is broken")
    return int(size)


def _header(block: bytes) -> _Header:
    if len(block) < _BLOCK:
        raise _DamagedError("it ends too early")
    # The checksum is taken with spaces in its own place.
    if _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * 32:
        raise _DamagedError("bad checksum")
    name, kind = _until_zero(block[:100]), block[156:157]
    if block.startswith(b"ustar\0", 257) and block[345]:
        name = _until_zero(block[345:500]) + b"/" + name
    if kind == tarfile.AREGTYPE and name.endswith(b"/"):
        kind = tarfile.DIRTYPE
    return _Header(_text(name), kind, _number(block[124:136]))


def _number(field: bytes) -> int:
    """Octal digits, or base 256 behind a set first bit."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = _until_zero(field).strip()
    if re.fullmatch(rb"[0-7]*", digits) is None:
        raise _DamagedError("bad number")
    return int(digits or b"0", 8)


def _until_zero(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _extended(file: BinaryIO, size_bytes: int) -> bytes:
    if size_bytes > _MAX_EXTENDED_BYTES:
        raise _DamagedError("an extended header is too long")
    return file.read(size_bytes)


def _said_by(header: _Header, content: bytes) -> dict[str, str]:
    """What an extended header says of the next entry: its path, its size and more."""
    if header.kind == tarfile.GNUTYPE_LONGNAME:
        return {"path": _text(_until_zero(content))}
    if header.kind in (tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
        return {}
    said: dict[str, str] = {}
    at = 0
    while at < len(content) and content[at]:
        # Each record is `length key=value` and a newline; the length is that of all of it.
        match = _RECORD.match(content, at)
        end = at + int(match[1]) if match else 0
        if not match or not match.end() < end <= len(content) or content[end - 1 : end] != b"\n":
            raise _DamagedError("an extended header is broken")
        said[_text(match[2])] = _text(content[match.end() : end - 1])
        at = end
    return said


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


class TarReader:
    """Reads members of a tar by the positions that `list_tar` found."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, member: Member) -> bytes:
        """The member's bytes (see `MemberReader`)."""
        return b"".join(self.chunks(member))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes in pieces (see `MemberReader`)."""
        self._file.seek(cast("int", member.location))  # by `list_tar`
        left = member.size_bytes
        while left > 0:
            content = self._file.read(min(left, CHUNK_BYTES))
            if not content:
                raise UnreadableMemberError("damaged in the tar: it ends too early")
            left -= len(content)
            yield content
