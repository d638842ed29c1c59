"""Which image trains, which validates and which is locked away as test; which labels are wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.lineage import NOT_GIVEN, Generation, draw_lineage
from cnnlab.domain.data.redraw import redraw_validation, take_fold
from cnnlab.domain.errors import DatasetError

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
_NUMBERS = {name: number for number, name in enumerate(SPLITS)}

_KEPT, _FLIPPED, _WATCHED, _STRATIFIED = 0x1E55, 0xF11B, 0x3A7C, 0x57A7
"""What a draw is for; it makes the draws of one seed independent of each other."""


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
    return assign_lineage([Generation.first(labels, part_numbers(given), copies)], fractions)


def assign_lineage(generations: Sequence[Generation], fractions: SplitFractions) -> np.ndarray:
    """Give every image of a version its split: an old image keeps the one that it had.

    Where the fractions ask for it, who validates is drawn anew among all but the test images.

    Args:
        generations: of the dataset, the last one is the version itself, see `draw_lineage`.
        fractions: shares, seed, and which draw or fold.

    Returns:
        (N,) array of `train`, `validation` or `test`.

    Raises:
        DatasetError: no image is left to train or to validate on, or who validates is to be drawn
            anew and the upload says who does.
    """
    shares = {_NUMBERS[VALIDATION]: fractions.validation, _NUMBERS[TEST]: fractions.test}
    seed, draw = fractions.seed, fractions.validation_draw
    parts = draw_lineage(generations, shares, seed)
    if fractions.folds is not None:
        parts = take_fold(parts, generations, fractions.folds, seed, draw)
    elif draw:
        parts = redraw_validation(parts, generations, shares, seed, draw)
    splits: np.ndarray = np.array(SPLITS, "<U10")[parts]
    for name in (TRAIN, VALIDATION):
        if name not in splits:
            raise DatasetError(
                f"No {name} image is left: every class needs at least 2 images. "
                f"Import more images or choose another split. Received: images={len(splits)}"
            )
    return splits


def part_numbers(given: Sequence[str | None]) -> np.ndarray:
    """(N,) int8 for names of splits: their places in `SPLITS`, `NOT_GIVEN` for None."""
    return np.array([_NUMBERS[name] if name else NOT_GIVEN for name in given], np.int8)


def count_splits(splits: np.ndarray) -> dict[str, int]:
    """Images in each of train, validation and test."""
    return {name: int(np.count_nonzero(splits == name)) for name in SPLITS}


def clean_train_subset(labels: np.ndarray, seed: int, *, everything: int = 100) -> np.ndarray:
    """Positions of the fixed, stratified part of the training images for clean metrics.

    All of them up to `everything`, else about 30 % (at least `everything`, at most 5,000):
    forward passes are some 3.3 times faster than training, so that this costs about 9 % of an
    epoch from 333 images on, and up to 30 % of the short epochs of fewer. An accuracy of 95 % is
    known from 100 images to 2.2 points (one standard error).

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


def limit_training(labels: np.ndarray, train: np.ndarray, fractions: SplitFractions) -> np.ndarray:
    """Keep at most `images_per_class` training images of each class.

    Who is kept depends on the split's seed and draw alone, and what a smaller number keeps is part
    of what a larger one keeps.

    Args:
        labels: (N,) int, the class of each image of the dataset.
        train: (T,) int, sorted positions of the training images.
        fractions: the limit and the seed; without a limit all are kept.

    Returns:
        (M,) int, sorted positions, of `train`.
    """
    limit = fractions.images_per_class
    if limit is None:
        return train
    ranks = np.random.default_rng(_seeds(fractions, _KEPT)).random(len(labels))[train]
    classes = labels[train]
    kept = [
        members[np.argsort(ranks[members])][:limit]
        for members in (np.flatnonzero(classes == label) for label in np.unique(classes))
    ]
    return train[np.sort(np.concatenate(kept))]


@dataclass(frozen=True)
class LabelNoise:
    """Training images that a run is given a wrong label for, on purpose.

    Attributes:
        positions: (F,) int64, sorted, of the images in the dataset.
        true_labels: (F,) int32, what they show.
        given_labels: (F,) int32, what the run is told; each differs from the true one.
    """

    positions: np.ndarray
    true_labels: np.ndarray
    given_labels: np.ndarray

    def __len__(self) -> int:
        return len(self.positions)

    def applied_to(self, labels: np.ndarray) -> np.ndarray:
        """A copy of `labels` (N,) int32 with the given labels in their places."""
        changed = labels.copy()
        changed[self.positions] = self.given_labels
        return changed

    def sample(self, most: int, seed: int) -> "LabelNoise":
        """At most `most` of the images, drawn by the split's seed; all where there are no more."""
        if len(self) <= most:
            return self
        generator = np.random.default_rng([seed, _WATCHED])
        chosen = np.sort(generator.permutation(len(self))[:most])
        return LabelNoise(
            self.positions[chosen], self.true_labels[chosen], self.given_labels[chosen]
        )


NO_NOISE = LabelNoise(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))


def draw_label_noise(
    labels: np.ndarray, train: np.ndarray, classes: int, fractions: SplitFractions
) -> LabelNoise:
    """Draw which training images get which wrong label: symmetric label noise.

    A flipped label is any other class with equal chance (as in Zhang et al. 2017, arXiv:1611.03530,
    'partially corrupted labels', but never the true class). The images flipped at a smaller share
    are among those of a larger one and get the same wrong label there.

    Args:
        labels: (N,) int32, the true class of each image of the dataset.
        train: (T,) int, positions of the training images that are kept.
        classes: number of classes; with a single one nothing can be flipped.
        fractions: the share, which is rounded to whole images, and the seed.

    Returns:
        round(share * T) images.
    """
    wanted = round(fractions.label_noise_fraction * len(train))
    if not wanted or classes < 2:
        return NO_NOISE
    generator = np.random.default_rng(_seeds(fractions, _FLIPPED))
    ranks, offsets = generator.random(len(labels)), generator.integers(1, classes, len(labels))
    positions = np.sort(train[np.argsort(ranks[train])][:wanted]).astype(np.int64)
    true_labels = labels[positions].astype(np.int32)
    given_labels = ((true_labels + offsets[positions]) % classes).astype(np.int32)
    return LabelNoise(positions, true_labels, given_labels)


def stratified_subset(labels: np.ndarray, most: int) -> np.ndarray:
    """Fixed positions of at most `most` images with the classes in the proportions of all.

    The same labels always give the same positions, whatever the config says.

    Args:
        labels: (N,) int.
        most: at least 1.

    Returns:
        Sorted (M,) int positions, M = min(N, most).
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    ranks = np.random.default_rng([0, _STRATIFIED]).random(len(labels))
    # Every image's place within its class, 0 to 1: up to any place, each class has its proportion.
    places = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = np.argsort(np.argsort(ranks[members]))
        places[members] = (order + 0.5) / len(members)
    return np.sort(np.lexsort((ranks, places))[:most])


def _seeds(fractions: SplitFractions, purpose: int) -> list[int]:
    """What a draw of the split rests on: also who is kept and whose label is wrong is its luck."""
    seeds = [fractions.seed, purpose]
    return [*seeds, fractions.validation_draw] if fractions.validation_draw else seeds
