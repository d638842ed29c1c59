"""Whether augmentations would change what a dataset's images show: asked for before a launch."""

from typing import Any

import numpy as np

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.guard import SIDE_PX, GuardOutcome
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.guard import KIND, GuardRequest
from cnnlab.jobs.state import JobState
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.before_launch.kept_work import KeptWork
from cnnlab.lab.workplace import named_dataset, workplace
from cnnlab.storage.guard import GuardFolder

GuardState = JobState[GuardOutcome]
_WORK = KeptWork(KIND, "This look at the augmentation")


@asks(Action.EDIT)
def start_guard(config: RunConfig, *, again: bool = False) -> str:
    """Have a worker look at a dataset's augmented images; what is known isn't found out again.

    Only the dataset, the images, the split and the augmentation of the config count, and no more of
    them than a look sees: whoever changes the network, the optimizer, the label noise or a size
    that the small images of a look don't have gets the answer that is there.

    Args:
        config: with `dataset` set.
        again: look again where it failed, as after making room on the disk.

    Returns:
        The key by which `read_guard` tells how it goes.

    Raises:
        ConfigError: no dataset is named.
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    named_dataset(config.dataset)
    return _WORK.start(guard_key(config), GuardRequest(_asked(config)), again=again)


def guard_key(config: RunConfig) -> str:
    """The key of the look at a config's augmentation, whether anybody has asked for it or not."""
    return _WORK.key(_counted(config))


@asks(Action.EDIT)
def cancel_guard(key: str) -> None:
    """End a look that nobody wants any more; it can be asked for again.

    Raises:
        StorageError: the disk is full.
    """
    _WORK.cancel(key)


@asks(Action.VIEW)
def may_change_labels(config: RunConfig) -> bool:
    """Whether an augmentation is on that is to be looked at: blends change labels on purpose."""
    on = set(config.augmentation.active())
    return bool(on - set(config.augmentation.blends()))


@asks(Action.VIEW)
def guard_pictures(key: str, finding: int, pair: int) -> np.ndarray:
    """Examples of what was found: images, the same augmented, and what they are taken for.

    Args:
        key: of a look that has ended.
        finding: position in its findings.
        pair: position in the finding's pairs.

    Returns:
        (M, 3, H, W, C) uint8, at most four rows of an image, the same augmented, and an image of
        the class that it is taken for, black where it is taken for anything.

    Raises:
        DamagedError: they are damaged, or there is no such pair.
        StorageError: they are missing or can't be read at the moment.
    """
    files = GuardFolder(job_folder(workplace().home, KIND, key).folder)
    return files.read_pictures(finding, pair)


@asks(Action.VIEW)
def read_guard(key: str) -> GuardState:
    """Where a look at augmented images stands, and what was found.

    Raises:
        NotFoundError: there is no look with this key (any more).
    """
    return _WORK.read(key)


def known_guard(config: RunConfig) -> GuardOutcome | None:
    """What a look at this config's augmented images has found; None if there was none, or it goes.

    Raises:
        StorageError: the home can't be read.
    """
    return _WORK.known(guard_key(config))


def _asked(config: RunConfig) -> dict[str, Any]:
    """What of a config counts, as JSON values."""
    parts = ("dataset", "image", "split", "augmentation")
    values = config.model_dump(mode="json")
    return {part: values[part] for part in parts}


def _counted(config: RunConfig) -> dict[str, Any]:
    """What of that makes another look: its images are small, and have the labels of the dataset."""
    asked, side = _asked(config), config.image.size
    has_px = any(name.endswith("_px") for name in config.augmentation.active())
    asked["image"] |= {"size": min(side, SIDE_PX)}
    asked["split"] |= {"label_noise_fraction": 0.0}
    return asked | {"px_scale": min(side, SIDE_PX) / side if has_px else 1.0}
