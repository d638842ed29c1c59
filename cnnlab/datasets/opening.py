"""The one place that decides whether an upload is a zip or a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnlab.datasets.archives import ZipReader, list_zip
from cnnlab.datasets.folders import FolderReader, list_folder
from cnnlab.datasets.sources import Listing, MemberReader
from cnnlab.domain.errors import UploadError


def list_source(source: Path) -> Listing:
    """List the files of the zip or folder `source`.

    Raises:
        UploadError: it is missing, neither zip nor folder, damaged as a whole or an attack.
    """
    if source.is_dir():
        return list_folder(source)
    if source.is_file():
        return list_zip(source)
    if source.exists():
        raise UploadError(f"{source} is neither a zip file nor a folder")
    raise UploadError(f"{source} does not exist; give the path of a zip file or a folder")


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
        file = source.open("rb")
    except OSError as error:
        raise UploadError(f"{source} can't be opened: {error.strerror}") from error
    with file:
        yield ZipReader(file)
