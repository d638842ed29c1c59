"""The line of versions that begins with a dataset: which is the newest, and who adds to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.people.person import Action
from cnnlab.files import wait_for_lock
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.fixes import versions
from cnnlab.lab.workplace import workplace

_LOCK_FILE = "versions.lock"


@asks(Action.VIEW)
def newest_version(dataset: str) -> Dataset:
    """The newest version that was made of a dataset, over others too; itself where there is none.

    Raises:
        NotFoundError: there is no such dataset.
    """
    store = workplace().datasets
    found = [store.load(dataset)]
    everything = store.list()
    for version in found:  # grows while it is gone through
        found += [other for other in everything if other.parent == version.id]
    return max(found, key=lambda version: (version.version, version.created_at))


@contextmanager
def changing_newest(dataset: str) -> Iterator[Dataset]:
    """The newest version, to make another one of it within this context.

    Who does so at the same time, in another tab or process, waits and builds on what is made here:
    else one of the two changes would be missing in what is the newest version then.

    Raises:
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    first = versions(dataset)[-1]
    with wait_for_lock(workplace().home.dataset(first.id) / _LOCK_FILE):
        yield newest_version(dataset)
