"""What an upload holds: its files listed and checked, then read one by one, never unpacked."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cnnlab.datasets import limits
from cnnlab.domain.dataset import SkippedFile
from cnnlab.domain.errors import UploadError


class ZipEntry(NamedTuple):
    """Where a zip keeps a member."""

    header_offset: int
    stored_bytes: int
    method: int
    crc32: int


class Member(NamedTuple):
    """One file of an upload.

    Attributes:
        path: where it is inside the upload: relative, `/` between the parts.
        size_bytes: its declared size; reading gives exactly so many bytes or fails.
        location: the entry of a zip, the byte where its content begins in a tar, or the real
            relative path in a folder.
    """

    path: str
    size_bytes: int
    location: ZipEntry | int | str


@dataclass(frozen=True)
class Listing:
    """The files of an upload that may be read, and those that can't be."""

    members: tuple[Member, ...]
    skipped: tuple[SkippedFile, ...]


class UnreadableMemberError(UploadError):
    """One file of an upload can't be read; the message is the reason."""


class MemberReader(Protocol):
    """Reads members of one upload; every process opens its own."""

    def read(self, member: Member) -> bytes:
        """The member's bytes.

        Raises:
            UnreadableMemberError: it is damaged, has changed or can't be opened.
        """


def is_bomb(unpacked_bytes: int, stored_bytes: int) -> bool:
    """Whether so many bytes unpack to far more than images do."""
    allowed = max(limits.MAX_BYTES_AT_ANY_RATIO, limits.MAX_RATIO * stored_bytes)
    return unpacked_bytes > allowed
