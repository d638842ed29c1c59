"""Which image trains, which validates and which is locked away as test."""

from collections.abc import Sequence

import numpy as np

from cnnlab.domain.config import SplitFractions
from cnnlab.domain.errors import DatasetError

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)


def assign_splits(
    labels: np.ndarray,
    given: Sequence[str | None],
    fractions: SplitFractions,
    copies: np.ndarray | None = None,
) -> np.ndarray:
    """Give every image its split: stratified, from a seed, the upload's own parts honoured.

    What the upload calls validation or test stays that; only a part that it didn't bring is drawn
    from its training images. Each class gives at least one image to every part that is drawn, as
    long as it keeps one for training. Copies of one picture stay on one side of what is drawn:
    they come to where the first of them is.

    Args:
        labels: (N,) int, the class of each image.
        given: (N,) the upload's own split of each image, or None.
        fractions: shares and seed; a share counts in the images of the class that are not given
            to another part.
        copies: (N,) int, number of the group of images that show one picture, -1 for an image
            without copies; None where none are known.

    Returns:
        (N,) array of `train`, `validation` or `test`.

    Raises:
        DatasetError: no image is left to train or to validate on.
    """
    splits = np.array([split or TRAIN for split in given], dtype="<U10")
    shares = {VALIDATION: fractions.validation, TEST: fractions.test}
    drawn = {name: share for name, share in shares.items() if share and name not in splits}
    leader = _leaders(splits, copies)
    generator = np.random.default_rng([fractions.seed, 0x5B117])
    for label in np.unique(labels):
        members = np.flatnonzero((labels == label) & (splits == TRAIN))
        generator.shuffle(members)
        pictures = members[leader[members] == members]
        start = 0
        for name, share in drawn.items():
            wanted = max(1, round(share * len(members)))
            taken = pictures[start : start + min(wanted, len(pictures) - start - 1)]
            splits[taken] = name
            start += len(taken)
    splits = splits[leader]
    for name in (TRAIN, VALIDATION):
        if name not in splits:
            raise DatasetError(
                f"No {name} image is left: every class needs at least 2 images. "
                f"Import more images or choose another split. Received: images={len(labels)}"
            )
    return splits


def _leaders(splits: np.ndarray, copies: np.ndarray | None) -> np.ndarray:
    """(N,) the image whose split an image shares: of its copies in the same part the first."""
    leader = np.arange(len(splits))
    if copies is None:
        return leader
    first: dict[tuple[int, str], int] = {}
    for row in np.flatnonzero(copies >= 0).tolist():
        leader[row] = first.setdefault((int(copies[row]), str(splits[row])), row)
    return leader


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
