"""Whether the maps of a run's model depend on what it has learnt: found out once, and kept.

Imported once TensorFlow is loaded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.domain.data.split import TRAIN, VALIDATION
from cnnlab.domain.records.explanation import ShuffleCheck
from cnnlab.judging.familiarity import spread_over_classes
from cnnlab.storage.attempts.explanation import read_check, write_check
from cnnlab.storage.home import Home
from cnnlab.training.explaining.shuffling import shuffle_check
from cnnlab.training.input.images import StoredImages
from cnnlab.worker.process.homes import dataset_folder

if TYPE_CHECKING:
    from cnnlab.worker.judging.held_models import HeldModel

_PICTURES = 12


def check_method(
    home: Home, held: "HeldModel", method: str, after_pass: Callable[[], None]
) -> ShuffleCheck | None:
    """What came of shuffling the weights: as it is kept, or found out now and kept.

    On twelve validation images, or training images where there are none.

    Args:
        home: the home folder.
        held: the model.
        method: a key of `METHODS`.
        after_pass: called after each pass through the network; what it raises ends the check.

    Returns:
        None where the run has no image of its own.

    Raises:
        RunStateError: the method can't work for this network.
        StorageError: the dataset is gone or damaged, or the disk is full.
    """
    kept = read_check(held.attempt.folder, method)
    if kept is not None:
        return kept
    folder = dataset_folder(home, held.config.dataset)
    index = ImageIndex(folder)
    splits = index.split(held.config.split)
    rows = np.flatnonzero(splits == VALIDATION)
    if not len(rows):
        rows = np.flatnonzero(splits == TRAIN)
    if not len(rows):
        return None
    chosen = spread_over_classes(index.labels, rows, _PICTURES)
    images = StoredImages(
        prepare_images(folder, held.config.image, lambda done, total: after_pass())
    )
    check = shuffle_check(held.model.clone, held.explainer, method, images[chosen], after_pass)
    write_check(held.attempt.folder, check)
    return check
