"""Predictions of made models, and what `judge` says of them."""

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.judging.judge import judge

CLASS_NAMES = ("shirt", "t-shirt", "dress", "coat", "shoe", "bag", "hat", "skirt", "sock", "scarf")


def made_predictions(images=300, classes=10, *, seed=0, skill=2.5, sharpness=3.5, first=0):
    """What a model with known faults says: it mixes up neighbours, and is too sure of itself.

    Args:
        images: how many; classes have as equally many as that allows.
        classes: how many.
        seed: of the draw.
        skill: how far the right class stands out, in standard deviations; 0 is chance.
        sharpness: of its confidence; above 1 it is too sure.
        first: position of the first image in the dataset.
    """
    rng = np.random.default_rng([0x7E57, seed])
    labels = np.arange(images) % classes
    logits = rng.standard_normal((images, classes))
    rows = np.arange(images)
    logits[rows, labels] += skill
    logits[rows, labels ^ 1 if classes % 2 == 0 else labels] += 0.4 * skill * rng.random(images)
    logits *= sharpness
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return Predictions(np.arange(first, first + images), labels, probabilities)


def made_judgement(split="validation", predictions=None, *, names=None, flipped_labels=0, **found):
    """A judgement of `predictions`, or of those of `made_predictions`.

    Args:
        split: which part it is said to be of.
        predictions: of the part.
        names: of the classes, else clothes.
        flipped_labels: how many are said to be made wrong on purpose.
        found: slices and suspects, as for `judge`.
    """
    predictions = predictions or made_predictions()
    classes = predictions.probabilities.shape[1]
    names = names or [*CLASS_NAMES, *(f"class {n}" for n in range(10, classes))][:classes]
    judgement = judge(predictions, names, split=split, model_epoch=4, **found)
    return judgement | {"flipped_labels": flipped_labels}
