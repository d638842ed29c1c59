"""An upload that is a folder on this machine's disk."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.upload.paths import bad_path, is_junk, printable
from cnnlab.datasets.upload.sources import (
    CHUNK_BYTES,
    Listing,
    Member,
    UnreadableMemberError,
)
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size


def list_folder(folder: Path) -> Listing:
    """List the regular files below `folder`; links are named as skipped, never followed.

    Raises:
        UploadError: the folder can't be opened, or holds more than the limits allow.
    """
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise UploadError(
            f"The folder {printable(folder)} can't be opened: {error.strerror}"
        ) from error
    members, skipped, total_bytes = [], [], 0
    for count, (path, found) in enumerate(_walk(folder), start=1):
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        size_bytes = found.st_size if isinstance(found, os.stat_result) else 0
        _check_limits(folder, count, total_bytes + size_bytes)
        if is_junk(shown):
            continue
        if reason := _unusable(found) or bad_path(shown):
            skipped.append(SkippedFile(shown, reason))
            continue
        members.append(Member(shown, size_bytes, path))
        total_bytes += size_bytes
    return Listing(tuple(members), tuple(skipped), folders=tuple(_folders(folder)))


def _folders(folder: Path) -> Iterator[str]:
    """The relative paths of all folders, which may hold nothing."""
    for parent, folders, _ in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_junk(name))
        for name in folders:
            path = Path(parent) / name
            if not path.is_symlink():
                shown = path.relative_to(folder).as_posix()
                yield shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result | OSError]]:
    """Yield the relative path of everything but folders, in a fixed order.

    With it comes what the system says of it; a folder that can't be opened comes with the error.
    """
    closed: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not is_junk(name))
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted(files) + links:
            path = Path(parent) / name
            yield path.relative_to(folder).as_posix(), _look_at(path)
    for error in closed:
        yield Path(str(error.filename)).relative_to(folder).as_posix(), error


def _look_at(path: Path) -> os.stat_result | OSError:
    try:
        return path.lstat()
    except OSError as error:  # gone since its folder was listed
        return error


def _unusable(found: os.stat_result | OSError) -> str | None:
    if isinstance(found, OSError):
        return f"can't be opened: {found.strerror}"
    if stat.S_ISLNK(found.st_mode):
        return "a link, which is not followed"
    if not stat.S_ISREG(found.st_mode):
        return "not a regular file"
    return None


def _check_limits(folder: Path, count: int, total_bytes: int) -> None:
    shown = printable(folder)
    if count > limits.MAX_ENTRIES:
        raise UploadError(
            f"The folder {shown} holds more than {limits.MAX_ENTRIES:,} files; import a part of "
            "it or raise CNNLAB_MAX_ENTRIES"
        )
    if total_bytes > limits.MAX_TOTAL_BYTES:
        raise UploadError(
            f"The folder {shown} holds more than {data_size(limits.MAX_TOTAL_BYTES)}; "
            "import a part of it or raise CNNLAB_MAX_TOTAL_BYTES"
        )


class FolderReader:
    """Reads the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, member: Member) -> bytes:
        """The member's bytes (see `MemberReader`)."""
        return b"".join(self.chunks(member))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The member's bytes in pieces (see `MemberReader`)."""
        left = member.size_bytes + 1
        try:
            # The file may have become a link or a pipe, which has no end, since it was listed.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            handle = os.open(self._folder / str(member.location), flags)
            with os.fdopen(handle, "rb") as file:
                while left > 0 and (content := file.read(min(left, CHUNK_BYTES))):
                    left -= len(content)
                    yield content
        except OSError as error:
            raise UnreadableMemberError(f"can't be read: {error.strerror}") from error
        if left != 1:
            raise UnreadableMemberError("changed while it was read")
