"""What an upload holds: its files listed and checked, then read one by one, never unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from cnnlab.datasets import limits
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.errors import UploadError

Source = Path | tuple[Path, ...]
"""A zip, a tar or a folder, or several files of the same upload."""

CHUNK_BYTES = 2**20
"""How much of a member is read at once."""


class ZipEntry(NamedTuple):
    """Where a zip keeps a member."""

    header_offset: int
    stored_bytes: int
    method: int
    crc32: int


class InnerEntry(NamedTuple):
    """Where a zip that lies in the upload keeps a member.

    Attributes:
        archive: number of the zip, in the order in which they are found.
        entry: of that zip.
    """

    archive: int
    entry: ZipEntry


class Member(NamedTuple):
    """One file of an upload.

    Attributes:
        path: where it is inside the upload: relative, `/` between the parts.
        size_bytes: its declared size; reading gives exactly so many bytes or fails.
        location: the entry of a zip, the byte where its content begins in a tar, the real path in
            a folder or of a file, or the entry of a zip that lies in one of these.
    """

    path: str
    size_bytes: int
    location: "ZipEntry | int | str | InnerEntry"


@dataclass(frozen=True)
class Listing:
    """The files of an upload that may be read, and those that can't be.

    Attributes:
        members: may be read.
        skipped: can't be, with the reason.
        warnings: what was guessed about the upload as a whole.
        folders: those that it names, which may hold nothing.
    """

    members: tuple[Member, ...]
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[DatasetWarning, ...] = ()
    folders: tuple[str, ...] = ()


class UnreadableMemberError(UploadError):
    """One file of an upload can't be read; the message is the reason."""


class MemberReader(Protocol):
    """Reads members of one upload; every process opens its own."""

    def read(self, member: Member) -> bytes:
        """The member's bytes.

        Raises:
            UnreadableMemberError: it is damaged, has changed or can't be opened.
        """

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes in pieces: the memory doesn't grow with it.

        Raises:
            UnreadableMemberError: likewise, perhaps after some pieces.
        """


def is_bomb(unpacked_bytes: int, stored_bytes: int) -> bool:
    """Whether so many bytes unpack to far more than images do."""
    allowed = max(limits.MAX_BYTES_AT_ANY_RATIO, limits.MAX_RATIO * stored_bytes)
    return unpacked_bytes > allowed
