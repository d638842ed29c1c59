"""An upload that is a zip file: judged by its table of contents before a byte is inflated.

zipfile reads the table of contents; the members are inflated by us, because only that way can no
header make us inflate more than it declared (zipfile has no such bound for bzip2 and LZMA).
"""

import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from cnnlab.datasets import limits
from cnnlab.datasets.upload.directory import LOCAL_SIGNATURE, read_directory
from cnnlab.datasets.upload.inflating import inflate, unread_method
from cnnlab.datasets.upload.paths import bad_path, inner_path, is_junk, printable
from cnnlab.datasets.upload.sources import (
    CHUNK_BYTES,
    Listing,
    Member,
    UnreadableMemberError,
    ZipEntry,
    is_bomb,
)
from cnnlab.datasets.upload.volumes import Openable
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size

# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT: 4.3.7, 4.3.12, 4.4.4
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED_FLAG, _UTF8_FLAG = 0x1, 0x800
_ENCRYPTED = "encrypted: zip it without a password"


def list_zip(archive: Openable) -> Listing:
    """Check the whole table of contents and list the members.

    Raises:
        UploadError: not a zip, damaged or encrypted as a whole, or an attack: a path that leads
            outside, a link or device, a bomb.
    """
    entries, size_bytes = read_directory(archive)
    _check_bomb(archive, entries, size_bytes)
    members: dict[str, Member] = {}
    skipped: list[SkippedFile] = []
    folders: list[str] = []
    for entry in entries:
        shown = _safe_path(archive, entry)
        if is_junk(shown):
            continue
        if shown.endswith("/"):
            folders.append(shown.rstrip("/"))
            continue
        reason = "is in the zip twice" if shown in members else _unusable(entry, shown)
        if not reason and not 0 <= entry.header_offset <= size_bytes - entry.compress_size:
            reason = "damaged in the zip: it lies outside of the file"
        if reason:
            skipped.append(SkippedFile(shown[: limits.MAX_PATH_CHARACTERS], reason))
        else:
            members[shown] = Member(shown, entry.file_size, _location(entry))
    if not members and {file.reason for file in skipped} == {_ENCRYPTED}:
        raise UploadError(
            f"The file {printable(archive.name)} is encrypted; zip the images again without a "
            "password"
        )
    return Listing(tuple(members.values()), tuple(skipped), folders=tuple(folders))


def _location(entry: zipfile.ZipInfo) -> ZipEntry:
    return ZipEntry(entry.header_offset, entry.compress_size, entry.compress_type, entry.CRC)


def _check_bomb(archive: Openable, entries: list[zipfile.ZipInfo], size_bytes: int) -> None:
    total_bytes = sum(entry.file_size for entry in entries)
    shown = printable(archive.name)
    if total_bytes > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The file {shown} would unpack to {data_size(total_bytes)} and at most "
            f"{data_size(limits.MAX_TOTAL_BYTES)} are allowed; upload fewer or smaller images "
            "or raise CNNLAB_MAX_TOTAL_BYTES"
        )
    sizes = [(entry.file_size, entry.compress_size) for entry in entries]
    if any(is_bomb(size, stored) for size, stored in [*sizes, (total_bytes, size_bytes)]):
        raise UploadError(
            f"The file {shown} looks like a zip bomb: it unpacks to more than "
            f"{limits.MAX_RATIO} times its size, which images never do; zip the images again"
        )
    end = -sys.maxsize
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise UploadError(
                f"The file {shown} looks like a zip bomb: its files overlap; zip the images again"
            )
        end = _end(entry)


def _end(entry: zipfile.ZipInfo) -> int:
    """The least position at which another entry can begin."""
    return entry.header_offset + _LOCAL_HEADER.size + entry.compress_size


def _safe_path(archive: Openable, entry: zipfile.ZipInfo) -> str:
    """The entry's path with `/` between its parts, if it stays inside the zip."""
    shown = inner_path(archive.name, _decoded_name(entry))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UploadError(
            f"The file {printable(archive.name)} is refused: {shown[:80]!r} is a link or a device; "
            "zip the images themselves"
        )
    return shown


def _decoded_name(entry: zipfile.ZipInfo) -> str:
    """Undo zipfile's guess of cp437 where the bytes are UTF-8, as macOS writes them."""
    name = entry.orig_filename  # the other ends at a zero byte
    if entry.flag_bits & _UTF8_FLAG or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _unusable(entry: zipfile.ZipInfo, shown: str) -> str | None:
    if entry.flag_bits & _ENCRYPTED_FLAG:
        return _ENCRYPTED
    if reason := unread_method(entry.compress_type):
        return reason
    if entry.compress_size > 1.01 * entry.file_size + 1024:
        return "damaged in the zip: it is larger compressed than inflated"
    return bad_path(shown)


class ZipReader:
    """Reads members of a zip by the entries that `list_zip` found."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, member: Member) -> bytes:
        """The member's bytes (see `MemberReader`)."""
        return b"".join(self.chunks(member))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes in pieces (see `MemberReader`)."""
        entry = ZipEntry(*cast("ZipEntry", member.location))  # by `list_zip`, maybe from JSON
        size_bytes = checksum = 0
        for piece in inflate(self._stored(entry), entry.method, member.size_bytes):
            size_bytes += len(piece)
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if size_bytes != member.size_bytes or checksum != entry.crc32:
            raise UnreadableMemberError("damaged in the zip: its content doesn't fit its checksum")

    def _stored(self, entry: ZipEntry) -> Iterator[bytes]:
        """What the zip keeps of a member."""
        self._file.seek(entry.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(LOCAL_SIGNATURE):
            raise UnreadableMemberError("damaged in the zip: its header is missing")
        _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        self._file.seek(name_bytes + extra_bytes, 1)
        left = entry.stored_bytes
        while left > 0 and (data := self._file.read(min(left, CHUNK_BYTES))):
            left -= len(data)
            yield data
