"""Whose parts are those of a dataset's images: what is to be said of it on its page and card."""

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.fixes import drop_splits
from cnnlab.domain.data.lineage import PICTURES_COUNTED
from cnnlab.domain.data.split import TEST, VALIDATION

_NO_TEST = "No test images are left, and none are drawn."
_EARLIER_RULE = (
    "Its parts are drawn by the rule of an earlier version: too large where pictures have copies. "
    "Import the file again for the right shares."
)


def keeps_parts(dataset: Dataset, index: ImageIndex) -> bool:
    """Whether the images of this version are in the parts that they had in the one before.

    Not where the last change was to draw all of them anew, and not in versions of earlier releases.
    """
    return len(index.generations) > 1 and not drop_splits(dataset.changes)


def split_notes(index: ImageIndex) -> list[str]:
    """What isn't as one would expect of the parts, in sentences."""
    notes = []
    if TEST in index.owned and not np.any(index.own_splits == TEST):
        notes.append(_NO_TEST)
    are_drawn = not {VALIDATION, TEST} <= index.owned
    if are_drawn and index.generations[0].rule == PICTURES_COUNTED:
        notes.append(_EARLIER_RULE)
    return notes
