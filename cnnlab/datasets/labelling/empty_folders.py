"""Folders that lie where the class folders lie and hold no image."""

from collections.abc import Iterable, Iterator

from cnnlab.datasets.labelling.class_folders import ClassFolders
from cnnlab.datasets.labelling.labels import clean_label, natural_key
from cnnlab.datasets.labelling.split_folders import is_holder
from cnnlab.datasets.upload.sources import Listing, Member
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.words import counted

_NAMED = 10

KIND = "empty_classes"


def find_empty_folders(
    listing: Listing, folders: ClassFolders, masks: Iterable[Member] = ()
) -> Iterator[DatasetWarning]:
    """Name the folders beside the class folders that give no class.

    Args:
        listing: the upload's files and folders.
        folders: of its images.
        masks: images that were left out, of which something else is told.
    """
    used = {*listing.folders, *_folders(listing.members)}
    known = {folder for path in used for folder in _upwards(path)}
    filled = {up for path in folders.filled | _folders(masks) for up in _upwards(path)}
    names = {
        clean_label(folder.rpartition("/")[2])
        for folder in known - filled
        if folder.rpartition("/")[0] in folders.parents
    }
    empty = sorted(
        (name for name in names - folders.outer.classes if name and not is_holder(name)),
        key=natural_key,
    )
    if empty:
        shown = ", ".join(repr(name[:80]) for name in empty[:_NAMED])
        more = f" and {len(empty) - _NAMED} more" if len(empty) > _NAMED else ""
        one = len(empty) == 1
        holds, no_class = ("holds", "is no class") if one else ("hold", "are no classes")
        what = f"{holds} no image that can be read and {no_class}"
        message = f"{counted(len(empty), 'folder')} beside the class folders {what}: {shown}{more}."
        yield DatasetWarning(KIND, message, len(empty))


def _folders(members: Iterable[Member]) -> set[str]:
    return {member.path.rpartition("/")[0] for member in members}


def _upwards(path: str) -> Iterator[str]:
    """The folder and all that it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]
