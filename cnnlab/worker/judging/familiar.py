"""Learning what the training images of a run's model are like, once for each attempt.

Imported once TensorFlow is loaded.
"""

from collections.abc import Callable

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.split import TRAIN, VALIDATION, limit_training
from cnnlab.judging.familiarity import (
    MOST_TRAINING,
    MOST_VALIDATION,
    Familiar,
    Features,
    learn_familiarity,
    spread_over_classes,
)
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.familiarity import read_familiarity, write_familiarity
from cnnlab.storage.home import Home
from cnnlab.training.input.images import StoredImages
from cnnlab.training.judging.picture_model import PictureModel
from cnnlab.worker.process.homes import dataset_folder

_AT_ONCE = 16
"""Who waits for an answer meanwhile waits for so many images at most."""


def learn(
    home: Home,
    attempt: Attempt,
    config: RunConfig,
    model: PictureModel,
    after_batch: Callable[[], None],
) -> Familiar | None:
    """What the training images of a model are like: as it is kept, or found out now and kept.

    Args:
        home: the home folder.
        attempt: of the run.
        config: of the run.
        model: built from its states.
        after_batch: called after each forward pass; what it raises ends the learning.

    Returns:
        None where the run has no validation image, so that no limit can be set.

    Raises:
        StorageError: the dataset is gone or damaged, or the disk is full.
    """
    kept = read_familiarity(attempt.folder)
    if kept is not None:
        return kept
    folder = dataset_folder(home, config.dataset)
    index = ImageIndex(folder)
    splits = index.split(config.split)
    train = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    validation = np.flatnonzero(splits == VALIDATION)
    if not len(validation):
        return None
    images = StoredImages(prepare_images(folder, config.image, lambda done, total: after_batch()))

    def features(positions: np.ndarray, most: int) -> Features:
        chosen, parts = spread_over_classes(index.labels, positions, most), []
        for start in range(0, len(chosen), _AT_ONCE):
            parts.append(model(images[chosen[start : start + _AT_ONCE]])[1])
            after_batch()
        return Features(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    familiar = learn_familiarity(
        features(train, MOST_TRAINING), features(validation, MOST_VALIDATION)
    )
    write_familiarity(attempt.folder, familiar)
    return familiar
