"""An upload that is a folder on this machine's disk."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.sources import Listing, Member, UnreadableMemberError, is_junk
from cnnlab.domain.dataset import SkippedFile
from cnnlab.domain.errors import UploadError


def list_folder(folder: Path) -> Listing:
    """List the regular files below `folder`; links are named as skipped, never followed.

    Raises:
        UploadError: the folder can't be opened, or holds more than the limits allow.
    """
    members, skipped, total_bytes = [], [], 0
    for path, info in _walk(folder):
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if is_junk(shown):
            continue
        if reason := _unusable(info):
            skipped.append(SkippedFile(shown, reason))
            continue
        members.append(Member(shown, info.st_size, path))
        total_bytes += info.st_size
        _check_limits(folder, len(members), total_bytes)
    return Listing(tuple(members), tuple(skipped))


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the relative path of everything but folders, in a fixed order."""

    def refuse(error: OSError) -> None:
        raise UploadError(f"The folder {error.filename} can't be opened: {error.strerror}")

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders.sort()
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted(files) + links:
            path = Path(parent) / name
            yield path.relative_to(folder).as_posix(), path.lstat()


def _unusable(info: os.stat_result) -> str | None:
    if stat.S_ISLNK(info.st_mode):
        return "a link, which is not followed"
    if not stat.S_ISREG(info.st_mode):
        return "not a regular file"
    return None


def _check_limits(folder: Path, count: int, total_bytes: int) -> None:
    if count > limits.MAX_ENTRIES:
        raise UploadError(
            f"The folder {folder} holds more than {limits.MAX_ENTRIES:,} files; import a part of "
            "it or raise CNNLAB_MAX_ENTRIES"
        )
    if total_bytes > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The folder {folder} holds more than {limits.MAX_TOTAL_BYTES / 2**30:.3g} GiB; "
            "import a part of it or raise CNNLAB_MAX_TOTAL_BYTES"
        )


class FolderReader:
    """Reads the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, member: Member) -> bytes:
        """The member's bytes (see `MemberReader`)."""
        try:
            # The file may have become a link since it was listed.
            handle = os.open(self._folder / str(member.location), os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                content = file.read(member.size_bytes + 1)
        except OSError as error:
            raise UnreadableMemberError(f"can't be read: {error.strerror}") from error
        if len(content) != member.size_bytes:
            raise UnreadableMemberError("changed while it was read")
        return content
