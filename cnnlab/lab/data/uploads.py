"""Uploads from the browser: chunks to disk, then an import in a process of its own."""

import re
import secrets
from dataclasses import replace
from pathlib import Path

from cnnlab.datasets.limits import MAX_UPLOAD_BYTES
from cnnlab.datasets.upload.roots import check_root, import_roots
from cnnlab.domain.data.labelling import Labelling, Several
from cnnlab.domain.data.value_range import checked_range
from cnnlab.domain.errors import NotFoundError, UploadError
from cnnlab.domain.people.person import Action
from cnnlab.domain.words import data_size
from cnnlab.files import disk_errors, read_json, write_atomically
from cnnlab.jobs.kinds.uploads import KIND, ImportAnswer, ImportRequest
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_store, counted_alone
from cnnlab.lab.work import ask_for, seen_to, take_back
from cnnlab.lab.workplace import home_here, workplace
from cnnlab.storage.earlier import bring_up_to_date
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.space.incoming import check_chunk, expect, promised_bytes
from cnnlab.storage.space.leftovers import remove_leftovers, remove_uploaded_file
from cnnlab.storage.space.reserve import tend_reserve

ImportState = JobState[ImportAnswer]

FILE = "file"
"""The folder in that of an upload that holds what came."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


@asks(Action.EDIT, is_noted=False)
def begin_upload(name: str, size_bytes: int) -> str:
    """Make room for a file and return the token under which its chunks come.

    Args:
        name: the user's file name; a harmless form of it is kept, so that messages can name it.
        size_bytes: its size.

    Raises:
        UploadError: it is empty, or larger than what is allowed.
        QuotaError: the workspace may not store so much more.
        StorageError: the disk has too little space for this and all other uploads under way.
    """
    if size_bytes <= 0:
        raise UploadError(
            "The file is empty (0 bytes): choose another one, or make or download it again."
        )
    if size_bytes > MAX_UPLOAD_BYTES:
        raise UploadError(
            f"The file has {data_size(size_bytes)}, the limit is {data_size(MAX_UPLOAD_BYTES)}: "
            "leave some images out, make them smaller, or import a folder from the command line."
        )
    home = workplace().home
    token = secrets.token_hex(16)
    with counted_alone():
        check_may_store(size_bytes + promised_bytes(home))
        expect(home, home.uploads / token / FILE / harmless(name), size_bytes)
    return token


@asks(Action.EDIT, is_noted=False)
def append_chunk(token: str, offset: int, chunk: bytes) -> int:
    """Append a chunk to an upload.

    Args:
        token: from `begin_upload`.
        offset: byte position of the chunk; a chunk that doesn't begin where the file ends is
            left out, so that sending one again after a lost answer does no harm.
        chunk: the bytes.

    Returns:
        The size of the file now: where the next chunk has to begin.

    Raises:
        NotFoundError: there is no such upload.
        UploadError: it grows beyond the size that it began with.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full.
    """
    path = _file(upload_folder(token))
    have = path.stat().st_size
    if offset != have:
        return have
    check_may_store(len(chunk))
    check_chunk(workplace().home, path, have=have, chunk_bytes=len(chunk))
    with disk_errors(path), path.open("r+b") as file:
        file.seek(offset)  # the same chunk sent twice at once lands in the same place
        file.write(chunk)
    return have + len(chunk)


def uploaded_file(token: str) -> Path:
    """The file of an upload, in its own folder's folder of files.

    Raises:
        NotFoundError: there is no such upload.
    """
    file = _file(upload_folder(token))
    if not file.exists():
        raise NotFoundError("This upload is no longer there: choose the file again.")
    return file


@asks(Action.EDIT)
def start_import(
    token: str, *, name: str, labels: bytes | None = None, labelling: Labelling | None = None
) -> None:
    """Import an upload in a process of its own; `import_state` tells how it goes.

    Args:
        token: of the upload.
        name: what to call the dataset; empty takes the file's name.
        labels: a CSV with the labels.
        labelling: what gives the labels, as far as the user says it; its `table` is `labels`.

    Raises:
        NotFoundError: there is no such upload.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full.
    """
    folder = upload_folder(token)
    check_may_store()
    table = folder / "labels.csv"
    if labels is not None:
        write_atomically(table, lambda file: file.write(labels))
    request = _request(_file(folder), name, labelling or Labelling())
    _ask(folder, replace(request, labels=None if labels is None else str(table)))


@asks(Action.EDIT)
def import_choosing(token: str, several: Several) -> None:
    """Do an import again that ended in a question, with the answer to it.

    Args:
        token: of the upload.
        several: which label an image gets that has several.

    Raises:
        NotFoundError: there is no such import any more.
        UploadError: another answer was given before, in another window say.
        StorageError: the disk is full.
    """
    folder = upload_folder(token)
    if not _job(folder).request.exists():
        raise NotFoundError("This import is no longer there: choose the file again.")
    asked = KIND.read_request(read_json(_job(folder).request))
    is_open = asked.several == several or bool(read_state(KIND, _job(folder)).choices)
    if not is_open or not _ask(folder, replace(asked, several=several)):
        raise UploadError(
            "This import was given another answer already, in another window perhaps: look at what "
            "comes of it there, or choose the file again."
        )


def _request(source: Path, name: str, labelling: Labelling) -> ImportRequest:
    return ImportRequest(
        str(source),
        name.strip(),
        reading=labelling.reading,
        table_name=labelling.table_name,
        several=labelling.several,
    )


@asks(Action.EDIT)
def start_server_import(path: str, *, name: str, labelling: Labelling | None = None) -> str:
    """Import what lies on the server's own disk, in a folder that the operator allows.

    Args:
        path: of a zip, a tar or a folder.
        name: what to call the dataset; empty takes the source's name.
        labelling: what gives the labels, as far as the user says it.

    Returns:
        The token under which `import_state` tells how it goes.

    Raises:
        UploadError: the path is not in an allowed folder, or isn't there.
        QuotaError: the workspace may store nothing more.
    """
    source = check_root(path.strip(), import_roots())
    check_may_store()
    token = secrets.token_hex(16)
    folder = workplace().home.uploads / token
    (folder / FILE).mkdir(mode=0o700, parents=True)
    _ask(folder, _request(source, name, labelling or Labelling()))
    return token


@asks(Action.EDIT)
def read_anew(dataset: str, low: float, high: float) -> str:
    """Read a dataset's images of more than 8 bits with another range: a new version of it.

    Returns:
        The token under which `import_state` tells how it goes.

    Raises:
        NotFoundError: there is no such dataset.
        UploadError: these are no ends of a range.
        QuotaError: the workspace may store nothing more.
        StorageError: the disk is full.
    """
    value_range = checked_range(low, high)
    workplace().datasets.load(dataset)
    check_may_store()
    token = secrets.token_hex(16)
    folder = workplace().home.uploads / token
    with disk_errors(folder):
        (folder / FILE).mkdir(mode=0o700, parents=True)
    _ask(folder, ImportRequest("", value_range=value_range, dataset=dataset))
    return token


@asks(Action.EDIT)
def cancel_import(token: str) -> None:
    """End an import that runs; what it had written is taken away."""
    take_back(_job(upload_folder(token)))


@asks(Action.VIEW)
def import_state(token: str) -> ImportState:
    """Where an import stands; when it has succeeded, the uploaded file is removed.

    Raises:
        NotFoundError: there is no such import, or an earlier version began it.
    """
    folder = upload_folder(token)
    if not _job(folder).request.exists():
        raise NotFoundError("This import is no longer there: choose the file again.")
    state = read_state(KIND, _job(folder))
    if state.is_ready:
        remove_uploaded_file(folder)
    return seen_to(KIND, _job(folder), state)


def _ask(folder: Path, request: ImportRequest) -> bool:
    """Whether this is what is done or was done, and not something else that was asked before."""
    return ask_for(KIND, _job(folder), request)


def _job(folder: Path) -> JobFolder:
    return JobFolder(folder / "import")


@asks(Action.EDIT, is_noted=False)
def tidy_up() -> None:
    """Remove what nobody needs any more: what killed processes left, uploads that are done with.

    That takes no database: where there are many workspaces, theirs stay closed.

    Raises:
        StorageError: the folder can't be read or written.
    """
    home = home_here()
    remove_leftovers(home)
    tend_reserve(home.installation)


@asks(Action.EDIT, is_noted=False)
def bring_home_up_to_date() -> None:
    """Bring up to date what earlier versions left."""
    stores = workplace()
    bring_up_to_date(stores.home, stores.runs, stores.datasets)


def upload_folder(token: str) -> Path:
    """The folder of an upload.

    Raises:
        NotFoundError: there is none under this token.
    """
    folder = workplace().home.uploads / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        raise NotFoundError("This upload is no longer there: choose the file again.")
    return folder


def _file(folder: Path) -> Path:
    return next((folder / FILE).iterdir(), folder / "gone")


def harmless(name: str) -> str:
    """The last part of a file name, of letters, digits, dots and dashes only."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name)[-60:].strip(".-") or "upload"
