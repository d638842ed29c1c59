"""What nobody needs any more: known by the locks of those who would, and removed at once.

A folder into which is imported is locked by its process; one that is being deleted was renamed out
of sight, so that its rest belongs to nobody. An upload is done with once its dataset is stored;
where its import failed it is kept for a while, because somebody may read it in another way. What
still comes in has a browser that nobody can ask: its age decides.
"""

import contextlib
import os
import shutil
import time
from pathlib import Path

from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.files import disk_errors, is_locked, take_lock, wait_for_lock
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.storage.space.temporary import remove_dead_temporary_folders

AGAIN_SECONDS = 3600
"""For so long an upload whose import failed may be imported again."""

STALE_SECONDS = 24 * 3600
"""An upload of which nothing came for so long, and that nobody imported, is deleted."""

UNPACKED_BUNDLE = ".bundle-"
"""How the folder begins into which an evidence bundle is unpacked, in the home."""

_FILE = "file"
_IMPORT = "import"


def remove_leftovers(home: Home) -> None:
    """Remove what killed processes left half done, and uploads that are done with.

    Args:
        home: the home folder; any number of processes may do this at once.

    Raises:
        StorageError: the folder can't be read or written.
    """
    remove_dead_imports(home)
    remove_dead_temporary_folders(home)
    _remove_bundles_of_the_dead(home)
    listed = (home.datasets, home.runs, home.studies, home.searches)
    for folder in (*listed, home.pretrained, *home.jobs.glob("*/")):
        for trash in folder.glob(".trash-*"):
            shutil.rmtree(trash, ignore_errors=True)
    remove_unfinished_weights(home)
    if home.workspace == DEFAULT_WORKSPACE:  # the same for all, and always there
        _remove_deleted_homes(home)
    with disk_errors(home.uploads):
        uploads = list(home.uploads.iterdir())
    for upload in uploads:
        _tidy_upload(upload)


def _remove_deleted_homes(home: Home) -> None:
    """Remove what is left of workspaces that were deleted; a new one may come back into sight."""
    both = dict.fromkeys((home.workspaces, home.own_workspaces))
    for trash in (trash for folder in both for trash in folder.glob(".trash-*")):
        with contextlib.suppress(FileNotFoundError):  # whoever deletes it is done meanwhile
            if time.time() - trash.stat().st_ctime > AGAIN_SECONDS:
                shutil.rmtree(trash, ignore_errors=True)


def remove_dead_imports(home: Home) -> None:
    """Remove the folders into which processes imported that are gone.

    Whoever makes one holds the same lock, so that none is seen before it has its own.
    """
    if not any(home.datasets.glob(".import-*")):
        return
    with wait_for_lock(imports_lock(home)):
        for left in home.datasets.glob(".import-*"):
            if not is_locked(left / "lock"):
                shutil.rmtree(left, ignore_errors=True)


def remove_unpacked_bundles(home: Home) -> None:
    """Remove what killed imports of bundles have left; for whoever holds their lock."""
    for folder in home.root.glob(f"{UNPACKED_BUNDLE}*"):
        shutil.rmtree(folder, ignore_errors=True)


def bundles_lock(home: Home) -> Path:
    """The lock of whoever brings in a bundle or a backup: one at a time."""
    return home.root / "restore.lock"


def _remove_bundles_of_the_dead(home: Home) -> None:
    if not any(home.root.glob(f"{UNPACKED_BUNDLE}*")):
        return
    lock = take_lock(bundles_lock(home))
    if lock is None:  # somebody is at it, who removes them
        return
    try:
        remove_unpacked_bundles(home)
    finally:
        os.close(lock)


def remove_unfinished_weights(home: Home) -> None:
    """Remove pretrained weights that a killed process was writing an hour ago."""
    for part in home.pretrained.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):  # finished meanwhile
            if time.time() - part.stat().st_mtime > AGAIN_SECONDS:
                shutil.rmtree(part, ignore_errors=True)


def imports_lock(home: Home) -> Path:
    """The lock of whoever makes or removes a folder to import into."""
    return home.root / "imports.lock"


def remove_uploaded_file(upload: Path) -> None:
    """Let go of the file of an upload; what its import said stays."""
    shutil.rmtree(upload / _FILE, ignore_errors=True)
    (upload / _FILE).mkdir(exist_ok=True)


def _tidy_upload(upload: Path) -> None:
    job, age = JobFolder(upload / _IMPORT), _age_seconds(upload)
    if job.is_alive():
        return
    status = _status(job)
    if age > STALE_SECONDS or (status not in ("", "finished") and age > AGAIN_SECONDS):
        shutil.rmtree(upload, ignore_errors=True)
    elif status == "finished" and any((upload / _FILE).glob("*")):
        remove_uploaded_file(upload)


def _status(job: JobFolder) -> str:
    """How an import ended; empty while it waits or runs, or where none was asked for."""
    try:
        result = job.read_result()
    except StorageError:
        return "damaged"
    return str(result["status"]) if result else ""


def _age_seconds(upload: Path) -> float:
    """How long ago anything was written to an upload."""
    written = [file.stat().st_mtime for file in (upload, *upload.glob("*/*")) if file.exists()]
    return time.time() - max(written, default=0.0)
