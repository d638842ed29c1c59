"""What the runs of all lessons share on a dataset, so that a lesson takes minutes, and how many."""

import math
from dataclasses import dataclass

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.network.run_time import START_SECONDS, run_seconds
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted
from cnnlab.lab.before_launch.recipes import set_facts
from cnnlab.lab.data.datasets import count_splits, load_dataset
from cnnlab.lab.study.designs import training_images
from cnnlab.runner.executors.this_machine import SHARING_SPEED_UP, study_slots

FEWEST_VALIDATION = 20
"""Below that an accuracy comes in steps of more than 5 points."""

_PX, _LEAST_PX = 32, 8
_FILTERS = 16
_UPDATES, _FEWEST_EPOCHS = 480, 9
"""Of the weights in a run, and its epochs: three of nine are judged. With half as many updates what
is augmented is far from its end: it would be judged by how slowly it learns."""

_BATCH, _SMALL_BATCH, _FEW_IMAGES = 16, 8, 256
"""Small ones: an epoch costs more than its updates do."""

_MOST_IMAGES, _LEAST_OF_A_CLASS = 480, 20
"""Training images of a run, unless that leaves too few of a class."""


@dataclass(frozen=True)
class Setting:
    """A dataset as lessons use it.

    Attributes:
        dataset: it.
        base: what all runs share; the lessons' studies change it.
        of_each_class: training images of each class in a run, the fewest and the most.
        train_images: in all.
        validation_images: that judge each run.
    """

    dataset: Dataset
    base: RunConfig
    of_each_class: tuple[int, int]
    train_images: int
    validation_images: int

    @property
    def classes(self) -> int:
        """How many there are."""
        return len(self.dataset.classes)

    def longer(self, times: float) -> RunConfig:
        """The base with so many times its epochs."""
        training = self.base.training
        epochs = max(1, round(times * training.epochs))
        return self.base.model_copy(
            update={"training": training.model_copy(update={"epochs": epochs})}
        )

    @property
    def words(self) -> str:
        """Which images are used, as a sentence."""
        few, many = self.of_each_class
        each = f"{many}" if few == many else f"{few} to {many}"
        whole = sum(training_images(self.base))
        part = f" of its {whole:,}" if whole > self.train_images else ""
        return (
            f"It trains on {self.train_images:,}{part} training images ({each} of each of the "
            f"{self.classes} classes) at {self.base.image.size} px, and every run is judged by the "
            f"same {counted(self.validation_images, 'validation image')}."
        )


def lesson_setting(dataset: str, *, fewest_images: int) -> Setting:
    """What lessons train on a dataset.

    Args:
        dataset: its id.
        fewest_images: training images of each class that the lesson needs.

    Raises:
        NotFoundError: there is no such dataset.
        DatasetError: it has one class only, or too few images for the lesson.
    """
    found = load_dataset(dataset)
    if len(found.classes) < 2:
        raise DatasetError(
            f"The dataset {found.name!r} has only one class: a lesson needs 2 or more, so that "
            "there is something to tell apart."
        )
    base = _base(dataset)
    counts = _used(base)
    if min(counts) < fewest_images:
        raise DatasetError(
            f"This lesson needs at least {fewest_images} training images of each class. "
            f"{found.name!r} has a class with {min(counts)}: add pictures on the Data page, or "
            "choose another dataset."
        )
    validation = count_splits(dataset, base.split)["validation"]
    if validation < FEWEST_VALIDATION:
        raise DatasetError(
            f"A lesson needs at least {FEWEST_VALIDATION} validation images, or every number in it "
            f"would be mostly luck. {found.name!r} has {validation}: add pictures on the Data "
            "page, or choose another dataset."
        )
    return Setting(found, base, (min(counts), max(counts)), sum(counts), validation)


def _base(dataset: str) -> RunConfig:
    """A small network without any regularization, trained for as many updates on any dataset."""
    plain = RunConfig(dataset=dataset)
    facts = set_facts(plain)
    most = max(_LEAST_OF_A_CLASS, _MOST_IMAGES // facts.classes)
    images = sum(min(count, most) for count in facts.train_counts)
    batch = _SMALL_BATCH if images < _FEW_IMAGES else _BATCH
    epochs = max(_FEWEST_EPOCHS, math.ceil(_UPDATES / math.ceil(images / batch)))
    return load_config(
        {
            "dataset": dataset,
            "image": {
                "size": max(_LEAST_PX, min(_PX, facts.side_px)),
                "color": "grayscale" if facts.is_grey else "rgb",
            },
            "split": {"images_per_class": most} if max(facts.train_counts) > most else {},
            "architecture": {"filters": _FILTERS},
            "training": {"epochs": epochs, "batch_size": batch},
        }
    )


def _used(config: RunConfig) -> list[int]:
    """Training images of each class in a run."""
    counts = training_images(config)
    return [min(count, config.split.images_per_class or count) for count in counts]


def lesson_seconds(study: Study, setting: Setting) -> float:
    """About how long a lesson's study takes on this machine: within a factor of two."""
    seconds = 0.0
    for arm in study.arms:
        config = study.config(arm, study.seeds[0])
        seconds += START_SECONDS + run_seconds(
            config,
            setting.classes,
            train_images=sum(_used(config)),
            other_images=setting.validation_images,
        )
    at_once = SHARING_SPEED_UP if study_slots() > 1 else 1.0
    return seconds * len(study.seeds) / at_once
