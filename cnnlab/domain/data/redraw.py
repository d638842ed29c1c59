"""Drawing who validates anew among the images that train or validate; the test part stays.

Comparisons that hold for one split alone may be that split's luck: drawing it anew for each seed
brings this into their spread (Bouthillier et al. 2021, 'Accounting for variance in machine learning
benchmarks', arXiv:2103.03098).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from cnnlab.domain.data.drawing import IN_TRAINING, draw_parts
from cnnlab.domain.data.folds import draw_folds, picture_numbers
from cnnlab.domain.data.lineage import Generation, moved_by_hand
from cnnlab.domain.errors import DatasetError

_VALIDATION = 1
_REDRAWN, _FOLDS = 0x4ED4A, 0xF01D5

OWN_VALIDATION = (
    "The upload brought its own validation images, so who validates can't be drawn anew: what was "
    "kept apart on purpose (other people, places or days) would come to train. Choose the same "
    "split for all seeds, or import the images without that part."
)


def redraw_validation(
    parts: np.ndarray,
    generations: Sequence[Generation],
    shares: Mapping[int, float],
    seed: int,
    draw: int,
) -> np.ndarray:
    """Draw validation images anew from those that train or validate: stratified, as many as before.

    Images that the user moved by hand stay where they are, and so does every copy of them. Copies
    of one picture stay on one side.

    Args:
        parts: (N,) int8, part of each image of the last generation as the split's seed gives it.
        generations: of the dataset.
        shares: of each part that may be drawn, by its number, 0 to 1.
        seed: of the split.
        draw: 1 or more: which of the draws.

    Returns:
        (N,) int8, numbers of parts.

    Raises:
        DatasetError: the upload brought its own validation images.
    """
    is_open, redrawn = _open(parts, generations)
    last = generations[-1]
    counted = [IN_TRAINING, *(part for part in shares if part not in generations[0].owned)]
    draw_parts(
        redrawn,
        last.labels,
        is_open,
        np.isin(parts, counted),
        last.copies,
        {_VALIDATION: shares[_VALIDATION]},
        np.random.default_rng([seed, _REDRAWN, draw]),
    )
    return redrawn


def take_fold(
    parts: np.ndarray, generations: Sequence[Generation], folds: int, seed: int, draw: int
) -> np.ndarray:
    """Have one of several equal parts of the images that train or validate be the validation part.

    A picture that is the only one of its class always trains. Else as `redraw_validation`.

    Args:
        parts: see `redraw_validation`.
        generations: likewise.
        folds: at least 2.
        seed: of the split.
        draw: 0 or more: fold `draw % folds` of the division number `draw // folds`.

    Returns:
        (N,) int8, numbers of parts.

    Raises:
        DatasetError: the upload brought its own validation images, or there are too few pictures.
    """
    is_open, redrawn = _open(parts, generations)
    repetition, fold = divmod(draw, folds)
    rows, last = np.flatnonzero(is_open), generations[-1]
    pictures = picture_numbers(last.copies[rows], len(rows))
    if (found := len(np.unique(pictures))) < folds:
        raise DatasetError(
            f"{folds} folds need as many different pictures that train or validate. Received: "
            f"{found}. Choose fewer folds or import more images."
        )
    chosen = draw_folds(last.labels[rows], pictures, folds, seed=seed, purpose=_FOLDS + repetition)
    redrawn[rows[(chosen == fold) & ~_only_pictures(last.labels[rows], pictures)]] = _VALIDATION
    return redrawn


def _open(parts: np.ndarray, generations: Sequence[Generation]) -> tuple[np.ndarray, np.ndarray]:
    """(N,) bool, who is drawn, and (N,) int8, the parts with all of those in training."""
    if _VALIDATION in generations[0].owned:
        raise DatasetError(OWN_VALIDATION)
    is_held, copies = moved_by_hand(generations), generations[-1].copies
    is_held |= (copies >= 0) & np.isin(copies, copies[is_held])
    is_open = np.isin(parts, [IN_TRAINING, _VALIDATION]) & ~is_held
    redrawn = parts.copy()
    redrawn[is_open] = IN_TRAINING
    return is_open, redrawn


def _only_pictures(labels: np.ndarray, pictures: np.ndarray) -> np.ndarray:
    """(N,) bool, which images show the only picture of their class."""
    pairs = np.unique(np.stack([labels, pictures]), axis=1)
    classes, counts = np.unique(pairs[0], return_counts=True)
    return np.isin(labels, classes[counts == 1])
