"""Images in a split without class folders, as in `val/images/1.jpg`: a table may label them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cnnlab.datasets.labelling.class_folders import ClassFolders
from cnnlab.datasets.labelling.given_labels import rank_given
from cnnlab.datasets.labelling.labelled import Layout
from cnnlab.datasets.labelling.sorting import Sorted
from cnnlab.datasets.labelling.tables.ranking import Ranked
from cnnlab.datasets.upload.sources import Member
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.words import counted, listed

_LEAST_KNOWN_SHARE = 0.5
"""Of the images that a table labels, so many must be of classes that the folders have: the others
may be numbers of classes, or answers that nobody has checked."""


def label_flat_splits(
    folders: ClassFolders, found: Sorted, read: Callable[[Member], bytes]
) -> tuple[Layout, Sequence[str]]:
    """The class folders, and labels from a table for what lies in a split but in no class folder.

    Args:
        folders: the upload's folders read as classes.
        found: its images, and the files that may be tables.
        read: gives the content of one.

    Returns:
        The layout, and the tables that were used.
    """
    flat = folders.unlabelled
    if not (flat and found.tables):
        return folders.outer, ()
    images = [found.images[at] for at in flat]
    given, _ = rank_given(Sorted(images, found.tables), read, Labelling())
    labels = {
        flat[at]: own[0]
        for table in given.taken
        for at, own in table.labels.items()
        if len(own) == 1
    }
    if not _are_classes(labels, folders.outer.classes):
        return folders.outer, ()
    layout = folders.outer_with(labels)
    used = [table.path for table in given.taken]
    return replace(layout, warnings=(_warning(given, labels, folders),)), used


def _are_classes(labels: Mapping[int, str], classes: set[str]) -> bool:
    known = sum(label in classes for label in labels.values())
    return len(set(labels.values())) > 1 and known >= _LEAST_KNOWN_SHARE * len(labels)


def _warning(given: Ranked, labels: Mapping[int, str], folders: ClassFolders) -> DatasetWarning:
    splits = sorted({str(folders.splits[position]) for position in labels})
    message = (
        f"The labels of {counted(len(labels), 'image')} ({listed(splits)}) that lie in no class "
        f"folder were taken from {given.title}, all others from the class folders."
    )
    return DatasetWarning("tables", message, len(labels))
