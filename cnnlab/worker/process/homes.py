"""In which home lies what this process works at: each job's is that of its workspace."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.storage.bucket.address import bucket_address
from cnnlab.storage.bucket.notes import parcel_key
from cnnlab.storage.home import Home, open_home
from cnnlab.worker.process.on_node import is_on_node

_log = logging.getLogger("cnnlab.worker")
_job_homes: list[Home] = []
_own: ContextVar[Home | None] = ContextVar(
    "home of what a thread does beside the job", default=None
)


@contextlib.contextmanager
def working_at(folder: Path) -> Iterator[None]:
    """Have all threads of this process work in the home in which a job's folder lies.

    A process does one job at a time. What is opened is the home of the workspace, whichever the
    job before was of.

    Args:
        folder: of the job.

    Raises:
        StorageError: the home can't be opened.
    """
    installation = open_home()
    home = installation.holding(folder)
    _job_homes.append(open_home(installation.root, home.workspace))
    try:
        yield
    finally:
        _job_homes.pop()


@contextlib.contextmanager
def working_beside(home: Home) -> Iterator[None]:
    """Have this thread alone work in a home, whatever job comes meanwhile."""
    before = _own.set(home)
    try:
        yield
    finally:
        _own.reset(before)


def home_of_work() -> Home:
    """The home of what is being done; outside of any job that of the installation."""
    return _own.get() or (_job_homes[-1] if _job_homes else open_home())


def dataset_folder(home: Home, dataset: str, beat: Callable[[], object] = lambda: None) -> Path:
    """Where this process reads a dataset.

    A node reads its own copy of what is in the bucket, so that many runs ask the network once. The
    app's machine has its own; only what is gone there is fetched.

    Args:
        home: it belongs to.
        dataset: its id.
        beat: is called while it is fetched.

    Returns:
        Its folder; that in the home, which may be missing, where the bucket doesn't have it.

    Raises:
        CancelledError: nobody wants it any more.
        StorageError: it is in the bucket only, and can't be fetched.
    """
    folder, address = home.dataset(dataset), bucket_address()
    if address is None or (folder.is_dir() and not is_on_node()):
        return folder
    # Arrow's client for buckets: most workers do without.
    from cnnlab.storage.bucket.cache import cached_dataset  # noqa: PLC0415
    from cnnlab.storage.bucket.objects import Bucket  # noqa: PLC0415

    key = parcel_key(home, "datasets", dataset)
    try:
        return cached_dataset(Bucket(address), key, lambda _: beat())
    except NotFoundError:
        _log.info("the dataset %s isn't in the bucket (yet)", dataset)
    except StorageError as error:
        if not folder.is_dir():
            raise
        _log.warning("the dataset %s is read at %s: %s", dataset, folder, error)
    return folder
