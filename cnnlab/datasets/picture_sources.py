"""Pictures without labels, of files, folders and archives: listed, then read one by one.

What may be in an upload, and what is refused, is as for an import.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cnnlab.datasets import limits
from cnnlab.datasets.labelling.labels import natural_key
from cnnlab.datasets.labelling.sorting import sort_members
from cnnlab.datasets.records.rewriting import as_files
from cnnlab.datasets.upload.compressed import decompressed
from cnnlab.datasets.upload.folders import FolderReader
from cnnlab.datasets.upload.opening import open_source
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Member, MemberReader, UnreadableMemberError
from cnnlab.datasets.upload.suffixes import suffix_of
from cnnlab.datasets.upload.tars import is_tar
from cnnlab.domain.data.dataset import SkippedFile
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size

_ZIP = b"PK"
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_RECORDS = {".parquet", ".npz", ".npy"}


class PictureSource(NamedTuple):
    """A file, folder or archive with pictures.

    Attributes:
        path: where it is.
        shown: what it is called; of what a folder or an archive holds, it comes before the path
            inside. Empty for the file's own name, and for nothing before the paths inside.
    """

    path: str
    shown: str


class ListedPicture(NamedTuple):
    """What may be a picture.

    Attributes:
        file: what it is called.
        source: number of its source.
        member: of that source.
    """

    file: str
    source: int
    member: Member


@dataclass(frozen=True)
class OpenPictures:
    """The pictures of some sources.

    Attributes:
        listed: what may be pictures, in natural order within each source.
        refused: files that are none, and sources that can't be read, with the reason.
        readers: of the sources, by number.
    """

    listed: tuple[ListedPicture, ...]
    refused: tuple[SkippedFile, ...]
    readers: dict[int, MemberReader]

    def read(self, picture: ListedPicture) -> bytes:
        """The bytes of a picture.

        Raises:
            UnreadableMemberError: it is too large, damaged, has changed or can't be opened.
        """
        if picture.member.size_bytes > limits.MAX_IMAGE_BYTES:
            raise UnreadableMemberError(f"larger than {data_size(limits.MAX_IMAGE_BYTES)}")
        return self.readers[picture.source].read(picture.member)


@contextmanager
def open_pictures(sources: Sequence[PictureSource], folder: Path) -> Iterator[OpenPictures]:
    """List the pictures of some sources, for as long as this context lasts.

    Args:
        sources: in the order in which their pictures are wanted.
        folder: an existing one, where compressed archives may be written decompressed meanwhile.

    Raises:
        StorageError: the disk has too little room.
    """
    listed: list[ListedPicture] = []
    refused: list[SkippedFile] = []
    readers: dict[int, MemberReader] = {}
    with ExitStack() as stack:
        for number, source in enumerate(sources):
            try:
                reader, members, skipped = _opened(source, folder, stack)
            except UploadError as error:
                refused.append(SkippedFile(_called(source, ""), str(error).rstrip(".")))
                continue
            readers[number] = reader
            refused += [SkippedFile(_called(source, one.file), one.reason) for one in skipped]
            names = sorted(members, key=lambda member: natural_key(member.path))
            listed += [
                ListedPicture(_called(source, member.path), number, member) for member in names
            ]
        yield OpenPictures(tuple(listed), tuple(refused), readers)


def _opened(
    source: PictureSource, folder: Path, stack: ExitStack
) -> tuple[MemberReader, list[Member], list[SkippedFile]]:
    path = Path(source.path)
    if path.is_file() and not _is_archive(path):
        path = path.resolve()
        member = Member("", path.stat().st_size, str(path))
        return FolderReader(Path()), [member], []
    beside = Path(tempfile.mkdtemp(prefix="open-", dir=folder))
    stack.callback(beside.rmdir)
    plain = stack.enter_context(decompressed(path, beside))
    files, listing = stack.enter_context(as_files(plain, beside))
    found = sort_members(listing.members)
    others = [*found.tables, *found.annotations]
    skipped = [*listing.skipped, *found.skipped]
    skipped += [SkippedFile(member.path, "not an image") for member in others]
    return stack.enter_context(open_source(files)), found.images, skipped


def _is_archive(path: Path) -> bool:
    """Whether a file holds pictures; else it is one, or is refused as one."""
    start = _first_bytes(path)
    is_packed = start.startswith((_ZIP, *_COMPRESSED)) or suffix_of(path.name) in _RECORDS
    return is_packed or is_tar(path)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise UploadError(f"{printable(path)} can't be opened: {error.strerror}") from error


def _called(source: PictureSource, inside: str) -> str:
    """What a picture is called: by the path inside its source, or by the file that it is."""
    if not inside:
        return source.shown or printable(Path(source.path).name)
    return "/".join(part for part in (source.shown, _printable_path(inside)) if part)


def _printable_path(path: str) -> str:
    """A path inside a source for a message and a table: on one line, nothing hidden in it."""
    return "/".join(printable(part) for part in path.split("/"))
