"""What each class counts in training: how often it is drawn, and how much each image weighs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.config.training import Training
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.words import listed

_NAMED = 5

IMBALANCED_FROM = 1.5
"""Times the images of the smallest class that the largest has, from which classes differ much."""


@dataclass(frozen=True)
class ClassShare:
    """What one class counts.

    Attributes:
        images: that train.
        drawn: of them in an epoch, on average; a fraction where classes take turns.
        weight: of each drawn image in the loss.
        share: of the loss's weights that this class has, 0 to 1.
    """

    images: int
    drawn: float
    weight: float
    share: float


def class_shares(counts: Sequence[int], training: Training) -> list[ClassShare]:
    """What each class counts by a config, in the order of `counts`.

    Args:
        counts: training images of each class, at least one in all.
        training: says how images are drawn and weighed.
    """
    images = np.asarray(counts, float)
    drawn = images
    if training.sampling == "balanced":
        drawn = np.where(images > 0, images.sum() / np.count_nonzero(images), 0.0)
    weights = np.ones(len(images))
    if training.class_weights == "balanced":
        weights = np.where(images > 0, balanced_weights(images), 0.0)
    shares = drawn * weights / np.sum(drawn * weights)
    rows = zip(counts, drawn, weights, shares, strict=True)
    return [ClassShare(int(one), *map(float, numbers)) for one, *numbers in rows]


def balanced_weights(counts: np.ndarray) -> np.ndarray:
    """(classes,) float: images / (classes * images of the class), scikit-learn's 'balanced'.

    A class without an image counts as one image, and not among the classes.
    """
    weights: np.ndarray = np.sum(counts) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return weights


def are_imbalanced(counts: Sequence[int]) -> bool:
    """Whether classes differ so much that it matters how they are drawn and weighed."""
    present = [count for count in counts if count]
    return len(present) > 1 and max(present) >= IMBALANCED_FROM * min(present)


def refuse_undrawable(
    counts: Sequence[int], class_names: Sequence[str], training: Training
) -> None:
    """Refuse to draw every class equally often where one has nothing to draw.

    Args:
        counts: training images of each class.
        class_names: likewise.
        training: says how images are drawn.

    Raises:
        ConfigError: the message names the classes.
    """
    missing = [name for name, count in zip(class_names, counts, strict=True) if not count]
    if training.sampling != "balanced" or not missing:
        return
    named = [repr(name) for name in missing[:_NAMED]]
    if len(missing) > _NAMED:
        named.append(f"{len(missing) - _NAMED} more")
    raise ConfigError(
        f"training.sampling can't be balanced, because {listed(named)} "
        f"{'has' if len(missing) == 1 else 'have'} no training image to draw: set it to natural, "
        "or bring pictures of every class."
    )
