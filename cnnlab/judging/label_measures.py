"""Measures that need only which class each image is taken for."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Counts:
    """What of a confusion matrix these measures need, of one or of many matrices at once.

    Attributes:
        hits: (..., classes) images of each class that are recognized.
        images: (classes,) images of each class.
        predicted: (..., classes) images that are taken for each class.
    """

    hits: np.ndarray
    images: np.ndarray
    predicted: np.ndarray


def counts_of(confusion: np.ndarray) -> Counts:
    """Of one matrix of counts; a row is a true class, a column a predicted one."""
    return Counts(np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0))


def label_measures(counts: Counts) -> dict[str, np.ndarray]:
    """All of them, float64 of the shape of the matrices.

    Means run over the classes that have images, and the precision of a class that no image is
    taken for is 0 (scikit-learn: `labels` of those classes, `zero_division=0`).
    """
    present = counts.images > 0
    hits, images = counts.hits[..., present].astype(np.float64), counts.images[present]
    predicted = counts.predicted[..., present]
    recall = hits / images
    precision = np.divide(hits, predicted, out=np.zeros_like(hits), where=predicted > 0)
    f1 = 2 * hits / (images + predicted)
    share = images / images.sum()
    found = {"balanced_accuracy": recall.mean(axis=-1)}
    for name, of_class in (("precision", precision), ("recall", recall), ("f1", f1)):
        found[f"macro_{name}"] = of_class.mean(axis=-1)
        found[f"weighted_{name}"] = of_class @ share
    return {**found, "matthews": matthews(counts), "kappa": kappa(counts)}


def matthews(counts: Counts) -> np.ndarray:
    """Matthews correlation, -1..1; 0 where all images are of one class or taken for one.

    For more than two classes Gorodkin 2004 (Comput. Biol. Chem. 28), as scikit-learn.
    """
    total = float(counts.images.sum())
    agreed = counts.hits.sum(axis=-1) * total - counts.predicted @ counts.images.astype(np.float64)
    spread = total**2 - (counts.predicted.astype(np.float64) ** 2).sum(axis=-1)
    spread = spread * (total**2 - float((counts.images.astype(np.float64) ** 2).sum()))
    found: np.ndarray = np.divide(
        agreed, np.sqrt(spread), out=np.zeros(np.shape(spread)), where=spread > 0
    )
    return found


def kappa(counts: Counts) -> np.ndarray:
    """Cohen's kappa (1960), up to 1; NaN where all images are of one class and taken for it."""
    chance = by_chance(counts)
    agreed = counts.hits.sum(axis=-1) / float(counts.images.sum())
    found: np.ndarray = np.full(chance.shape, np.nan)
    np.divide(agreed - chance, 1 - chance, out=found, where=chance < 1)
    return found


def by_chance(counts: Counts) -> np.ndarray:
    """Share of images that would be right if as many were taken for each class, but any ones."""
    total = float(counts.images.sum())
    return np.asarray(counts.predicted @ counts.images.astype(np.float64) / total**2)
