"""The one place that decides whether an upload is a zip, a tar or a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnlab.datasets.upload.archives import ZipReader, list_zip
from cnnlab.datasets.upload.folders import FolderReader, list_folder
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Listing, MemberReader
from cnnlab.datasets.upload.tars import TarReader, is_tar, list_tar
from cnnlab.domain.errors import UploadError


def list_source(source: Path) -> Listing:
    """List the files of the zip, tar or folder `source`; a compressed tar must be decompressed.

    Raises:
        UploadError: it is missing, none of them, damaged as a whole or an attack.
    """
    shown = printable(source)
    try:
        if source.is_dir():
            return list_folder(source)
        if source.is_file():
            return list_tar(source) if is_tar(source) else list_zip(source)
        is_there = source.exists()
    except OSError as error:
        raise UploadError(f"{shown} can't be opened: {error.strerror}") from error
    if is_there:
        raise UploadError(f"{shown} is neither a zip file nor a tar file nor a folder")
    raise UploadError(
        f"{shown} does not exist; give the path of a zip file, a tar file or a folder"
    )


@contextmanager
def open_source(source: Path) -> Iterator[MemberReader]:
    """Open what `list_source` listed, for reading its members.

    Raises:
        UploadError: it can't be opened any more.
    """
    if source.is_dir():
        yield FolderReader(source)
        return
    try:
        reader = TarReader if is_tar(source) else ZipReader
        file = source.open("rb")
    except OSError as error:
        raise UploadError(f"{printable(source)} can't be opened: {error.strerror}") from error
    with file:
        yield reader(file)
