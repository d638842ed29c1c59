"""The bootstrap: measures of images drawn again, class by class, with a fixed seed."""

from collections.abc import Iterator

import numpy as np

from cnnlab.judging.label_measures import Counts, label_measures

RESAMPLES = 2_000
"""For intervals at 95 %: the 50 outermost on each side."""
FEWEST_RESAMPLES = 400
_DRAWS = 8_000_000
"""Images that are drawn in all: of many images fewer resamples are made."""
_BLOCK = 1_000_000
_SEED = 0x1D6ED


def resampled(labels: np.ndarray) -> Iterator[np.ndarray]:
    """Rows of images drawn again with replacement, as many of each class as there are.

    The images of a part are a draw, of which cnnlab fixes how many of each class there are: what
    wavers is which ones.

    Args:
        labels: (N,) int.

    Yields:
        (some, N) int64 indices into `labels`, of one class after the other; the same for the same
        labels.
    """
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    size = np.repeat(sizes, sizes).astype(np.float32)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    generator = np.random.default_rng([_SEED, len(labels)])
    wanted = int(np.clip(_DRAWS // len(labels), FEWEST_RESAMPLES, RESAMPLES))
    rows = max(1, _BLOCK // len(labels))
    for done in range(0, wanted, rows):
        shape = (min(rows, wanted - done), len(labels))
        # Below 1 by at most 2**-24: in float32 the product may still round up to the size.
        drawn = (generator.random(shape, dtype=np.float32) * size).astype(np.int64)
        yield order[start + np.minimum(drawn, size.astype(np.int64) - 1)]


def resampled_label_measures(
    labels: np.ndarray, predicted: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    """(resamples,) of each measure of `label_measures`."""
    images = np.bincount(labels, minlength=classes)
    right = predicted == labels
    blocks = []
    for drawn in resampled(labels):
        offset = np.arange(len(drawn))[:, None] * classes
        cells = len(drawn) * classes
        hits = np.bincount((offset + labels[drawn]).ravel(), right[drawn].ravel(), minlength=cells)
        taken = np.bincount((offset + predicted[drawn]).ravel(), minlength=cells)
        counts = Counts(hits.reshape(-1, classes), images, taken.reshape(-1, classes))
        blocks.append(label_measures(counts))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def resampled_means(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(resamples,) means of values of the images, (N,) float."""
    return np.concatenate([values[drawn].mean(axis=1) for drawn in resampled(labels)])
