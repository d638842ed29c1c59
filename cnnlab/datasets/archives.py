"""An upload that is a zip file: judged by its table of contents before a byte is inflated.

zipfile reads the table of contents; the members are inflated here, because only that way can no
header make us inflate more than it declared (zipfile has no such bound for bzip2 and LZMA).
"""

import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from cnnlab.datasets import limits
from cnnlab.datasets.sources import Listing, Member, UnreadableMemberError, ZipEntry, is_junk
from cnnlab.domain.dataset import SkippedFile
from cnnlab.domain.errors import UploadError

# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT: 4.3.7, 4.3.12, 4.3.14, 4.3.16, 4.4.4
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_SIGNATURE, _ENTRY_SIGNATURE = b"PK\3\4", b"PK\1\2"
_END_SIGNATURE, _END_BYTES = b"PK\5\6", 22
_END64_SIGNATURE, _END64_BYTES, _LOCATOR64_BYTES = b"PK\6\6", 56, 20
_ENCRYPTED_FLAG, _UTF8_FLAG = 0x1, 0x800
_BROKEN = (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, struct.error, EOFError)
_OTHER_FORMATS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a single JPEG image",
    b"\x89PNG": "a single PNG image",
}


def list_zip(path: Path) -> Listing:
    """Check the whole table of contents and list the members.

    Raises:
        UploadError: not a zip, damaged as a whole, or an attack: a path that leads outside, a
            link or device, a bomb.
    """
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _BROKEN as error:
        raise UploadError(_not_a_zip(path)) from error
    _check_bomb(path, entries)
    members: dict[str, Member] = {}
    skipped: list[SkippedFile] = []
    for entry in entries:
        shown = _safe_path(path, entry)
        if shown.endswith("/") or is_junk(shown):
            continue
        reason = "is in the zip twice" if shown in members else _unusable(entry, shown)
        if reason:
            skipped.append(SkippedFile(shown[: limits.MAX_PATH_CHARACTERS], reason))
        else:
            members[shown] = Member(shown, entry.file_size, _location(entry))
    return Listing(tuple(members.values()), tuple(skipped))


def _location(entry: zipfile.ZipInfo) -> ZipEntry:
    deflated = entry.compress_type == zipfile.ZIP_DEFLATED
    return ZipEntry(entry.header_offset, entry.compress_size, deflated, entry.CRC)


def _not_a_zip(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        return f"The file {path.name} can't be opened: {error.strerror}"
    for signature, name in _OTHER_FORMATS.items():
        if start.startswith(signature):
            return f"The file {path.name} is {name}, not a zip file; put the images into a zip file"
    if start.startswith(_LOCAL_SIGNATURE):
        return f"The file {path.name} is a damaged or incomplete zip file; make it again"
    return f"The file {path.name} is not a zip file; put the images into a zip file"


def _check_directory(path: Path) -> None:
    """Refuse too many entries before zipfile makes an object of each."""
    with path.open("rb") as file:
        size_bytes = file.seek(0, 2)
        file.seek(max(0, size_bytes - 2**16 - _END_BYTES - _LOCATOR64_BYTES - _END64_BYTES))
        start = file.tell()
        tail = file.read()
        at = tail.rfind(_END_SIGNATURE)
        if at < 0:
            raise zipfile.BadZipFile("no end record")
        (directory_bytes,) = struct.unpack_from("<I", tail, at + 12)
        at64 = at - _LOCATOR64_BYTES - _END64_BYTES
        if at64 >= 0 and tail.startswith(_END64_SIGNATURE, at64):
            (directory_bytes,) = struct.unpack_from("<Q", tail, at64 + 40)
            at = at64
        end = start + at
        count = _count_entries(file, end, min(directory_bytes, end))
    if count > limits.MAX_ENTRIES:
        raise UploadError(
            f"The file {path.name} holds more than {limits.MAX_ENTRIES:,} files; split it into "
            "smaller zips or raise CNNLAB_MAX_ENTRIES"
        )


def _count_entries(file: BinaryIO, end: int, directory_bytes: int) -> int:
    if directory_bytes > limits.MAX_DIRECTORY_BYTES:
        return limits.MAX_ENTRIES + 1
    file.seek(end - directory_bytes)
    return file.read(directory_bytes).count(_ENTRY_SIGNATURE)


def _check_bomb(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    total_bytes = sum(entry.file_size for entry in entries)
    if total_bytes > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The file {path.name} would unpack to {total_bytes / 2**30:.3g} GiB and at most "
            f"{limits.MAX_TOTAL_BYTES / 2**30:.3g} GiB are allowed; upload fewer or smaller images "
            "or raise CNNLAB_MAX_TOTAL_BYTES"
        )
    sizes = [(entry.file_size, entry.compress_size) for entry in entries]
    sizes.append((total_bytes, path.stat().st_size))
    if any(
        size > max(limits.MAX_BYTES_AT_ANY_RATIO, limits.MAX_RATIO * stored)
        for size, stored in sizes
    ):
        raise UploadError(
            f"The file {path.name} looks like a zip bomb: it unpacks to more than "
            f"{limits.MAX_RATIO} times its size, which images never do; zip the images again"
        )
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise UploadError(
                f"The file {path.name} looks like a zip bomb: its files overlap; zip the "
                "images again"
            )
        end = entry.header_offset + _LOCAL_HEADER.size + entry.compress_size


def _safe_path(path: Path, entry: zipfile.ZipInfo) -> str:
    """The entry's path with `/` between its parts, if it stays inside the zip."""
    name = _decoded_name(entry).replace("\\", "/")
    parts = name.split("/")
    if (
        name.startswith("/")
        or re.match(r"[A-Za-z]:", name)
        or any(part.strip() == ".." for part in parts)
    ):
        raise UploadError(
            f"The file {path.name} is refused: it holds a path that leads outside, {name[:80]!r}; "
            "zip the folder of images again"
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UploadError(
            f"The file {path.name} is refused: {name[:80]!r} is a link or a device; zip the images "
            "themselves"
        )
    return "/".join([*(part for part in parts[:-1] if part not in ("", ".")), parts[-1]])


def _decoded_name(entry: zipfile.ZipInfo) -> str:
    """Undo zipfile's guess of cp437 where the bytes are UTF-8, as macOS writes them."""
    if entry.flag_bits & _UTF8_FLAG or entry.filename.isascii():
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _unusable(entry: zipfile.ZipInfo, shown: str) -> str | None:
    if entry.flag_bits & _ENCRYPTED_FLAG:
        return "encrypted: zip it without a password"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed in an unusual way: zip it with the usual one (deflate)"
    if entry.compress_size > 1.01 * entry.file_size + 1024:
        return "damaged in the zip: it is larger compressed than inflated"
    if len(shown) > limits.MAX_PATH_CHARACTERS:
        return f"its path has more than {limits.MAX_PATH_CHARACTERS} characters"
    return None


class ZipReader:
    """Reads members of a zip by the entries that `list_zip` found."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, member: Member) -> bytes:
        """The member's bytes (see `MemberReader`)."""
        entry = ZipEntry(*member.location)
        self._file.seek(entry.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_SIGNATURE):
            raise UnreadableMemberError("damaged in the zip: its header is missing")
        _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        self._file.seek(name_bytes + extra_bytes, 1)
        content = self._file.read(entry.stored_bytes)
        if entry.deflated:
            content = _inflate(content, member.size_bytes)
        if len(content) != member.size_bytes or zlib.crc32(content) != entry.crc32:
            raise UnreadableMemberError("damaged in the zip: its content doesn't fit its checksum")
        return content


def _inflate(content: bytes, size_bytes: int) -> bytes:
    try:
        # One byte more than declared is enough to see that the header lied.
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, size_bytes + 1)
    except zlib.error as error:
        raise UnreadableMemberError("damaged in the zip: it can't be inflated") from error
