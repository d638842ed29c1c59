"""The one place that decides whether an upload is a zip, a tar, a folder or several files."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cnnlab.datasets.upload.archives import ZipReader, list_zip
from cnnlab.datasets.upload.files import list_files, told_apart
from cnnlab.datasets.upload.folders import FolderReader, list_folder
from cnnlab.datasets.upload.inner import (
    InnerReader,
    PieceOf,
    piece_in_file,
    piece_in_folder,
    with_inner_zips,
)
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Listing, MemberReader, Source
from cnnlab.datasets.upload.tars import TarReader, is_tar, list_tar
from cnnlab.domain.errors import UploadError


def list_source(source: Source) -> Listing:
    """List the files of the zip, tar, folder or files `source`; see `decompressed` first.

    Of zips that lie in a folder or a tar, of several and of one in parts, the files are listed.

    Raises:
        UploadError: it is missing, none of them, damaged as a whole, an attack, or a part is
            missing.
    """
    source = told_apart(source)
    if isinstance(source, tuple):
        return with_inner_zips(*_outer(source))
    shown = printable(source)
    try:
        if source.is_dir() or (source.is_file() and is_tar(source)):
            return with_inner_zips(*_outer(source))
        if source.is_file():
            return list_zip(source)
        is_there = source.exists()
    except OSError as error:
        raise UploadError(f"{shown} can't be opened: {error.strerror}") from error
    if is_there:
        raise UploadError(f"{shown} is neither a zip file nor a tar file nor a folder")
    raise UploadError(
        f"{shown} does not exist; give the path of a zip file, a tar file or a folder"
    )


def _outer(source: Source) -> tuple[Listing, PieceOf]:
    """The files of a folder, a tar or several files, and where they lie."""
    if isinstance(source, tuple):
        return list_files(source), piece_in_folder(Path())
    if source.is_dir():
        return list_folder(source), piece_in_folder(source)
    return list_tar(source), piece_in_file(source)


@contextmanager
def open_source(source: Source) -> Iterator[MemberReader]:
    """Open what `list_source` listed, for reading its members.

    Raises:
        UploadError: it can't be opened any more.
    """
    source = told_apart(source)
    if isinstance(source, tuple) or source.is_dir():
        folder = FolderReader(Path() if isinstance(source, tuple) else source)
        with closing(InnerReader(folder, lambda: _outer(source))) as reader:
            yield reader
        return
    try:
        is_in_tar = is_tar(source)
        file = source.open("rb")
    except OSError as error:
        raise UploadError(f"{printable(source)} can't be opened: {error.strerror}") from error
    with file:
        if is_in_tar:
            with closing(InnerReader(TarReader(file), lambda: _outer(source))) as reader:
                yield reader
        else:
            yield ZipReader(file)
