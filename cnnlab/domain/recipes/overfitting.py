"""What makes a network overfit on purpose, so that regularizers have something to rescue."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.config.presets import FIXED_PRESETS
from cnnlab.domain.words import counted, listed

_FEW, _FEWEST = 20, 4
_UNITS, _BATCH_SIZE = 512, 16
_STEPS, _EPOCHS, _MOST_EPOCHS = 400, 20, 100
_LARGE = "small_cnn"
_SMALL = {"tiny_cnn", *FIXED_PRESETS}


@dataclass(frozen=True)
class Overfitting:
    """Settings with which a network learns its training images by heart.

    Attributes:
        changes: values by dotted config field.
        words: what they are, in a sentence.
    """

    changes: dict[str, Any]
    words: str


def overfit_on_purpose(
    training: Sequence[int], preset: str, *, has_own_layers: bool = False, has_phases: bool = False
) -> Overfitting:
    """Few images, a wide layer before the classes, and steps enough to learn them by heart.

    Args:
        training: images of each class that could train, not empty.
        preset: the network's; too small ones and those of a fixed width are replaced.
        has_own_layers: whether the network is a list of layers, which stays.
        has_phases: whether phases set the epochs, which then stay.
    """
    usual = sorted(training)[len(training) // 2]
    few = _FEW if usual >= 2 * _FEW else max(_FEWEST, usual // 2)
    images = sum(min(count, few) for count in training)
    steps = math.ceil(images / _BATCH_SIZE)
    epochs = min(_MOST_EPOCHS, max(_EPOCHS, math.ceil(_STEPS / steps)))
    changes: dict[str, Any] = {
        "split.images_per_class": few,
        "training.batch_size": _BATCH_SIZE,
    }
    said = [
        f"{counted(few, 'training image')} of each class (of up to {max(training):,})",
        f"batches of {_BATCH_SIZE}",
    ]
    if not has_own_layers:
        chosen = _LARGE if preset in _SMALL else preset
        changes |= {"architecture.preset": chosen, "architecture.dense_units": _UNITS}
        said.append(f"{chosen} with {_UNITS} dense units")
    if not has_phases:
        changes["training.epochs"] = epochs
        said.append(f"{epochs} epochs ({epochs * steps:,} steps)")
    words = f"Set: {listed(said)}; augmentation and regularization of the base are off."
    return Overfitting(changes, words)
