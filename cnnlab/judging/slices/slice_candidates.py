"""Which slices of a part there are to look at: cut points come from one half of its images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnlab.judging.slices.traits import NO_TINT, TINTS, Traits

LEAST_PICTURES = 10
"""So many of each half must be in a slice, and as many beside it: of fewer, no difference that is
likely could be told from chance."""

_TAIL = 0.25
"""A tail holds a quarter of the images: larger ones hide what is wrong at the end, smaller ones
have too few images in an ordinary validation part."""


@dataclass(frozen=True)
class Candidate:
    """A slice to look at.

    Attributes:
        words: what its images have in common.
        feature: as in `Slice`.
        members: (N,) bool, the images in it.
        others: (N,) bool, those that it is compared with.
        others_words: what these are.
    """

    words: str
    feature: str
    members: np.ndarray
    others: np.ndarray
    others_words: str


class _Property(NamedTuple):
    """What some images have and others don't; `note` says where the cut is."""

    adjective: str
    addition: str
    note: str
    feature: str
    has: np.ndarray

    def words(self, of_class: str = "") -> str:
        return f"{self.adjective}images{of_class}{self.addition}{self.note}"


class _Tails(NamedTuple):
    """How the two ends of a number are called, and what the number is."""

    feature: str
    low: str
    high: str
    number: str
    unit: str


_TAILS = {
    "brightness": _Tails("brightness", "dark ", "bright ", "mean grey level", " of 255"),
    "size": _Tails("size", "small ", "large ", "shorter side", " px"),
    "sharpness": _Tails("sharpness", "soft ", "sharp ", "fine detail", " grey levels"),
    "colourfulness": _Tails("colour", "pale ", "colourful ", "colourfulness", ""),
}


def candidates(
    labels: np.ndarray,
    class_names: Sequence[str],
    traits: Traits,
    is_counted: np.ndarray,
    in_first: np.ndarray,
) -> Iterator[Candidate]:
    """All slices that are large enough in both halves: of all images, and of each class.

    The tails of a class are those of its own images, and it is compared with its own others: what
    is hard about the class itself is said once, of the class.

    Args:
        labels: (N,) int.
        class_names: in the order of the labels.
        traits: of the images.
        is_counted: (N,) bool, one image of each picture.
        in_first: (N,) bool, the half that the cut points come from.
    """
    everything = np.ones(len(labels), bool)

    def enough(images: np.ndarray) -> bool:
        counted = images & is_counted
        first = int(np.count_nonzero(counted & in_first))
        return min(first, int(np.count_nonzero(counted)) - first) >= LEAST_PICTURES

    def made(found: _Property, among: np.ndarray, of_class: str = "") -> Iterator[Candidate]:
        members, others = found.has & among, ~found.has & among
        if enough(members) and enough(others):
            rest = f"the other images{of_class}"
            yield Candidate(found.words(of_class), found.feature, members, others, rest)

    for found in _properties(traits, everything, is_counted & in_first):
        yield from made(found, everything)
    for label, name in enumerate(class_names):
        members, of_class = labels == label, f" of {name!r}"
        yield from made(_Property("", of_class, "", "class", members), everything)
        if enough(members):
            for found in _properties(traits, members, members & is_counted & in_first):
                yield from made(found, members, of_class)


def _properties(traits: Traits, among: np.ndarray, cut_by: np.ndarray) -> Iterator[_Property]:
    """Everything by which images are told apart; tails of `cut_by`, which lies in `among`."""
    for name, tails in _TAILS.items():
        values = getattr(traits, name)
        if values is not None and cut_by.any():
            yield from _tails(values, tails, cut_by)
    if traits.tint is not None and np.any(traits.tint[among] != NO_TINT):
        for number, tint in enumerate(TINTS):
            yield _Property(f"{tint} ", "", "", "colour", traits.tint == number)
        yield _Property("", " without a tint", "", "colour", traits.tint == NO_TINT)
    if traits.copies is not None:
        yield _Property("", " that have copies", "", "copies", traits.copies >= 0)
        yield _Property("", " without copies", "", "copies", traits.copies < 0)


def _tails(values: np.ndarray, tails: _Tails, cut_by: np.ndarray) -> Iterator[_Property]:
    low = float(np.quantile(values[cut_by], _TAIL, method="lower"))
    high = float(np.quantile(values[cut_by], 1 - _TAIL, method="higher"))
    for adjective, cut, has, side in (
        (tails.low, low, values <= low, "at most"),
        (tails.high, high, values >= high, "at least"),
    ):
        cut_words = f"{cut:.0f}" if cut >= 100 else f"{cut:.3g}"
        note = f" ({tails.number} {side} {cut_words}{tails.unit})"
        yield _Property(adjective, "", note, tails.feature, has)
