"""Slices of the images on which a model is worse, found by themselves and then confirmed.

Whoever looks at a hundred slices finds some that look bad by chance alone. So one half of the
images is for looking, and what looked worst there is tried on the other half, which nothing was
chosen by; Holm's correction there is for all slices that were tried. Copies of a picture are in
the same half, and one of them counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnlab.domain.data.folds import draw_folds, picture_numbers
from cnnlab.domain.holm import holm
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import Slice
from cnnlab.judging.intervals.fisher import fewer_right_p
from cnnlab.judging.intervals.shares import difference_of_shares, wilson
from cnnlab.judging.slices.slice_candidates import Candidate, candidates
from cnnlab.judging.slices.traits import Traits

ALPHA = 0.05
"""Probability of naming any slice on which the model isn't worse."""

MOST_TRIED = 10
"""Of those that look worse on the first half, so many are tried on the second. Each one makes it
harder for all: with 10, a slice needs p = 0.005 to be the first that is confirmed."""

_WORTH_TRYING_P = 0.05
"""What isn't even this unlikely on the first half won't be confirmed on the second."""

_MOSTLY_THE_SAME = 0.75
"""Shared part of two slices, of the images that are in either, from which on one is enough."""

HALVES = 0x51CE
"""Makes the draw of the halves independent of others of the same seed."""


@dataclass(frozen=True)
class SliceSearch:
    """What a search has found.

    Attributes:
        slices: that were confirmed, the worst first.
        tried: how many were tried on the second half.
        looked_at: how many were looked at on the first half.
    """

    slices: list[Slice]
    tried: int
    looked_at: int


class _Promising(NamedTuple):
    """A slice that looks worse on the first half."""

    p: float
    candidate: Candidate


def find_slices(
    predictions: Predictions, class_names: Sequence[str], traits: Traits, seed: int = 0
) -> SliceSearch:
    """Find the slices of a part of a dataset on which the model is worse.

    Args:
        predictions: of all images of the part.
        class_names: in the order of the labels.
        traits: of these images, in the same order.
        seed: of the halves; the same seed gives the same answer.
    """
    labels = predictions.labels
    right = predictions.probabilities.argmax(axis=1) == labels
    pictures = picture_numbers(traits.copies, len(labels))
    is_counted = np.zeros(len(labels), bool)
    is_counted[np.unique(pictures, return_index=True)[1]] = True
    in_first = draw_folds(labels, pictures, 2, seed=seed, purpose=HALVES) == 0
    looked_at = list(candidates(labels, class_names, traits, is_counted, in_first))
    tried = _most_promising(looked_at, right, is_counted & in_first)
    found = [_measured(candidate, right, is_counted & ~in_first) for candidate in tried]
    adjusted = holm([one["p_value"] for one in found])
    own = predictions.probabilities[np.arange(len(labels)), labels]
    slices: list[Slice] = []
    for candidate, one, p in zip(tried, found, adjusted, strict=True):
        if p <= ALPHA:
            rows = np.flatnonzero(candidate.members)
            worst = rows[np.argsort(own[rows], kind="stable")]
            slices.append({**one, "p_value": p, "positions": predictions.positions[worst].tolist()})
    slices.sort(key=lambda one: one["difference"]["value"] or 0.0)
    return SliceSearch(slices, len(tried), len(looked_at))


def _most_promising(
    looked_at: Sequence[Candidate], right: np.ndarray, counted: np.ndarray
) -> list[Candidate]:
    """Those that look worst on the first half, the most telling of those that are alike."""
    found = [_Promising(_fewer_right(one, right, counted), one) for one in looked_at]
    found = [one for one in found if one.p <= _WORTH_TRYING_P]
    chosen: list[Candidate] = []
    for _, candidate in sorted(found, key=lambda one: one.p):
        if len(chosen) == MOST_TRIED:
            break
        if not any(_are_alike(candidate.members, other.members) for other in chosen):
            chosen.append(candidate)
    return chosen


def _are_alike(one: np.ndarray, other: np.ndarray) -> bool:
    both = np.count_nonzero(one & other)
    return bool(both >= _MOSTLY_THE_SAME * np.count_nonzero(one | other))


def _counts(images: np.ndarray, right: np.ndarray) -> tuple[int, int]:
    """How many of some images are right, and how many there are."""
    return int(np.count_nonzero(right[images])), int(np.count_nonzero(images))


def _fewer_right(candidate: Candidate, right: np.ndarray, counted: np.ndarray) -> float:
    members = _counts(candidate.members & counted, right)
    return fewer_right_p(*members, *_counts(candidate.others & counted, right))


def _measured(candidate: Candidate, right: np.ndarray, counted: np.ndarray) -> Slice:
    """What the second half says of a slice; p value before Holm's correction."""
    members = _counts(candidate.members & counted, right)
    others = _counts(candidate.others & counted, right)
    return {
        "words": candidate.words,
        "feature": candidate.feature,
        "compared_with": candidate.others_words,
        "positions": [],
        "images": members[1],
        "accuracy": wilson(*members),
        "accuracy_elsewhere": wilson(*others),
        "difference": difference_of_shares(*members, *others),
        "p_value": fewer_right_p(*members, *others),
    }
