"""What a worker reads of a dataset: the images of a run, who trains, who validates."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.split import TEST, TRAIN, VALIDATION, draw_label_noise, limit_training
from cnnlab.domain.errors import StorageError
from cnnlab.worker.process.homes import dataset_folder, home_of_work

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData

_log = logging.getLogger("cnnlab.worker")


class Told(Protocol):
    """Who is told what is being done, as a `JobRecorder` is."""

    def phase(self, text: str) -> None:
        """Take what is being done."""

    def beat(self) -> None:
        """Take a sign of life."""


def load_data(
    config: RunConfig, recorder: Told, wait_for_training: Callable[[], object]
) -> "TrainingData":
    """Prepare the images of a run's dataset, split them, and do to the labels what is asked for.

    Args:
        config: of the run.
        recorder: is told what is being done.
        wait_for_training: returns once `cnnlab.training` is loaded.

    Raises:
        DatasetError: no image is left to train or to validate on.
        StorageError: the dataset is gone or damaged, or the disk is full.
    """
    recorder.phase("Preparing the images")
    folder, images = _prepared(config, recorder)
    index = ImageIndex(folder)
    splits = index.split(config.split)
    recorder.phase("Starting TensorFlow")
    wait_for_training()
    from cnnlab.training.input.data import TrainingData  # noqa: PLC0415 - it is loaded by now
    from cnnlab.training.input.images import StoredImages  # noqa: PLC0415

    train = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    noise = draw_label_noise(index.labels, train, len(index.class_names), config.split)
    return TrainingData(
        images=StoredImages(images),
        labels=noise.applied_to(index.labels),
        train=train,
        validation=np.flatnonzero(splits == VALIDATION),
        class_names=tuple(index.class_names),
        noise=noise,
        value_range=index.value_range,
        test=np.flatnonzero(splits == TEST),
    )


def _prepared(config: RunConfig, recorder: Told) -> tuple[Path, Path]:
    """The dataset's folder and the array of its images as squares.

    They lie together on the machine's own disk, where it has a copy; without room for both there,
    in the home.
    """
    home = home_of_work()
    own, ours = dataset_folder(home, config.dataset, recorder.beat), home.dataset(config.dataset)
    try:
        return own, prepare_images(own, config.image, lambda done, total: recorder.beat())
    except StorageError as error:
        if own == ours or not ours.is_dir():
            raise
        _log.warning("the images are prepared at %s: %s", ours, error)
        return ours, prepare_images(ours, config.image, lambda done, total: recorder.beat())
