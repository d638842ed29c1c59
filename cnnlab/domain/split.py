"""Which image trains, which validates and which is locked away as test."""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.config import SplitFractions
from cnnlab.domain.errors import DatasetError

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)


def assign_splits(
    labels: np.ndarray, given: Sequence[str | None], fractions: SplitFractions
) -> np.ndarray:
    """Give every image its split: stratified, from a seed, the upload's own parts honoured.

    What the upload calls validation or test stays that; only a part that it didn't bring is drawn
    from its training images. Each class gives at least one image to every part that is drawn, as
    long as it keeps one for training.

    Args:
        labels: (N,) int, the class of each image.
        given: (N,) the upload's own split of each image, or None.
        fractions: shares and seed; a share counts in the images of the class that are not given
            to another part.

    Returns:
        (N,) array of `train`, `validation` or `test`.

    Raises:
        DatasetError: no image is left to train or to validate on.
    """
    splits = np.array([split or TRAIN for split in given], dtype="<U10")
    shares = {VALIDATION: fractions.validation, TEST: fractions.test}
    drawn = {name: share for name, share in shares.items() if share and name not in splits}
    generator = np.random.default_rng([fractions.seed, 0x5B117])
    for label in np.unique(labels):
        members = np.flatnonzero((labels == label) & (splits == TRAIN))
        generator.shuffle(members)
        start = 0
        for name, share in drawn.items():
            wanted = max(1, round(share * len(members)))
            taken = members[start : start + min(wanted, len(members) - start - 1)]
            splits[taken] = name
            start += len(taken)
    for name in (TRAIN, VALIDATION):
        if name not in splits:
            raise DatasetError(
                f"No {name} image is left: every class needs at least 2 images. "
                f"Import more images or choose another split. Received: images={len(labels)}"
            )
    return splits


def count_splits(splits: np.ndarray) -> dict[str, int]:
    """Images in each of train, validation and test."""
    return {name: int(np.count_nonzero(splits == name)) for name in SPLITS}


def clean_train_subset(labels: np.ndarray, seed: int, *, everything: int = 500) -> np.ndarray:
    """Positions of the fixed, stratified part of the training images for clean metrics.

    All of them up to `everything`, else about 30 % (at least `everything`, at most 5,000):
    forward passes are some 3.5 times faster than training, so that this costs at most about
    10 % of an epoch.

    Args:
        labels: (N,) int, classes of the training images.
        seed: the split's seed; arms of a comparison share it.
        everything: up to so many images all are taken.

    Returns:
        Sorted (M,) int positions.
    """
    count = len(labels)
    if count <= everything:
        return np.arange(count)
    share = min(max(everything, 0.3 * count), 5000) / count
    generator = np.random.default_rng([seed, 0xC1EA])
    parts = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        parts.append(generator.permutation(members)[: max(1, round(share * len(members)))])
    return np.sort(np.concatenate(parts))
