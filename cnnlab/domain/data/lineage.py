"""The part of every image through all versions of a dataset: who has one keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.data.drawing import IN_TRAINING, draw_parts

NOT_GIVEN = -1
"""In place of a part's number: nobody said where the image belongs."""

PICTURES_COUNTED, IMAGES_COUNTED = 1, 2
"""The rules by which parts are drawn. By the first, of earlier releases, a share that is meant in
images counts pictures, however many copies each has: with copies a part comes out too large."""

_VALIDATION = 1
_DRAWN, _REFILLED = 0x5B117, 0x2EF11


@dataclass(frozen=True)
class Generation:
    """Images of a dataset when some of them were new in it: what the draw of their parts rests on.

    Attributes:
        labels: (N,) int32, the class of each image.
        given: (N,) int8, number of the part that the upload or the user says, or `NOT_GIVEN`.
        copies: (N,) int32, number of the picture of an image that has copies, else -1.
        origin: (N,) int64, the image's row in the generation before, -1 for a new image.
        rule: how the first generation is drawn.
    """

    labels: np.ndarray
    given: np.ndarray
    copies: np.ndarray
    origin: np.ndarray
    rule: int = IMAGES_COUNTED

    @classmethod
    def first(
        cls,
        labels: np.ndarray,
        given: np.ndarray,
        copies: np.ndarray | None = None,
        rule: int = IMAGES_COUNTED,
    ) -> "Generation":
        """All images are new; without `copies` none are known."""
        none = np.full(len(labels), -1, np.int64)
        if copies is None or not np.any(copies >= 0):
            return cls(labels, given, none, none)  # the rules are one
        return cls(labels, given, copies, none, rule)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_new(self) -> bool:
        """Whether any of its images were new."""
        return bool(np.any(self.origin < 0))

    @property
    def owned(self) -> set[int]:
        """The parts, apart from training, that images were given to."""
        return set(np.unique(self.given).tolist()) - {NOT_GIVEN, IN_TRAINING}


def draw_lineage(
    generations: Sequence[Generation], shares: Mapping[int, float], seed: int
) -> np.ndarray:
    """Give every image of the last generation its part, as its forebears had it.

    Images of the first generation are drawn as of an upload. In a later one, an image that was
    moved by hand is where it was moved to, any other old one where it was. Of the new ones, a copy
    of an old image goes to the old one's part (of several to one that is judged, so that nothing
    trains what judges), and the others are drawn: as many as each class then lacks of its share.

    Where no validation image is left (all of them were excluded or moved), training images take
    their place: of those that were not moved there by hand, while these suffice; test images never
    do.

    Args:
        generations: from the first on.
        shares: of each part that may be drawn, by its number, 0 to 1, in the order of choice.
        seed: of the split.

    Returns:
        (N,) int8, numbers of parts.
    """
    first = generations[0]
    shares = {part: share for part, share in shares.items() if share}
    parts = _draw_first(first, shares, seed)
    is_held = np.zeros(len(first), bool)
    for number, (before, now) in enumerate(zip(generations, generations[1:], strict=False), 1):
        parts, is_held = _inherit(parts, before, now), _held_in_training(is_held, before, now)
        if not np.any(parts == _VALIDATION) and _VALIDATION in shares:
            _refill_validation(parts, now, is_held, shares, [seed, _REFILLED, number])
        if now.has_new:
            drawn = {
                part: share
                for part, share in shares.items()
                if part not in first.owned or not np.any(parts == part)
            }
            _draw_new(parts, now, drawn, np.random.default_rng([seed, _DRAWN, number]))
    return parts


def _draw_first(first: Generation, shares: Mapping[int, float], seed: int) -> np.ndarray:
    parts: np.ndarray = np.maximum(first.given, IN_TRAINING)
    drawn = {part: share for part, share in shares.items() if part not in first.owned}
    is_open = parts == IN_TRAINING
    generator = np.random.default_rng([seed, _DRAWN])
    if first.rule == PICTURES_COUNTED:
        _draw_pictures(parts, first, drawn, generator)
    else:
        draw_parts(parts, first.labels, is_open, is_open, first.copies, drawn, generator)
    return parts


def _draw_pictures(
    parts: np.ndarray,
    first: Generation,
    shares: Mapping[int, float],
    generator: np.random.Generator,
) -> None:
    """As earlier releases drew: a run of theirs is to go on with the images that it had."""
    is_open = parts == IN_TRAINING
    leader = np.arange(len(parts))
    rows = np.flatnonzero(is_open & (first.copies >= 0))
    _, firsts, pictures = np.unique(first.copies[rows], return_index=True, return_inverse=True)
    leader[rows] = rows[firsts][pictures]
    for label in np.unique(first.labels):
        members = np.flatnonzero((first.labels == label) & is_open)
        generator.shuffle(members)
        leaders = members[leader[members] == members]
        start = 0
        for part, share in shares.items():
            wanted = max(1, round(share * len(members)))
            taken = leaders[start : start + min(wanted, len(leaders) - start - 1)]
            parts[taken] = part
            start += len(taken)
    parts[:] = parts[leader]


def _inherit(parts: np.ndarray, before: Generation, now: Generation) -> np.ndarray:
    """(N,) int8: old images where they were or were moved to, new ones where they were given to."""
    inherited: np.ndarray = np.maximum(now.given, IN_TRAINING)
    is_here = (now.origin >= 0) & ~_is_moved(before, now)
    inherited[is_here] = parts[now.origin[is_here]]
    return inherited


def _is_moved(before: Generation, now: Generation) -> np.ndarray:
    """(N,) bool, which images were given to another part than in the generation before."""
    is_moved: np.ndarray = (now.origin >= 0) & (now.given != NOT_GIVEN)
    is_moved[is_moved] = now.given[is_moved] != before.given[now.origin[is_moved]]
    return is_moved


def moved_by_hand(generations: Sequence[Generation]) -> np.ndarray:
    """(N,) bool, which images of the last generation the user moved to a part, now or before."""
    is_moved = np.zeros(len(generations[0]), bool)
    for before, now in zip(generations, generations[1:], strict=False):
        is_old, inherited = now.origin >= 0, np.zeros(len(now), bool)
        inherited[is_old] = is_moved[now.origin[is_old]]
        is_moved = inherited | _is_moved(before, now)
    return is_moved


def _held_in_training(is_held: np.ndarray, before: Generation, now: Generation) -> np.ndarray:
    """(N,) bool, which images were moved to training by hand, now or before, or are copies."""
    is_moved = _is_moved(before, now)
    is_here = (now.origin >= 0) & ~is_moved
    held: np.ndarray = is_moved & (now.given == IN_TRAINING)
    held[is_here] = is_held[now.origin[is_here]]
    return held | (now.copies >= 0) & np.isin(now.copies, now.copies[held])


def _refill_validation(
    parts: np.ndarray,
    now: Generation,
    is_held: np.ndarray,
    shares: Mapping[int, float],
    seeds: Sequence[int],
) -> None:
    """Have old training images validate, as many of each class as if they were drawn."""
    is_old = now.origin >= 0
    is_counted = is_old & np.isin(parts, [IN_TRAINING, *shares])
    share = {_VALIDATION: shares[_VALIDATION]}
    for is_free in (~is_held, is_held):
        if not np.any(parts == _VALIDATION):
            is_open = is_old & (parts == IN_TRAINING) & is_free
            generator = np.random.default_rng(seeds)
            draw_parts(parts, now.labels, is_open, is_counted, now.copies, share, generator)


def may_refill(generations: Sequence[Generation]) -> bool:
    """Whether the last generation may have lost all validation images, at some seed and shares.

    If so, who validates instead is drawn, and what comes after must keep it.
    """
    fewest = left = _fewest_validate(generations[0])
    for before, now in zip(generations, generations[1:], strict=False):
        is_moved = _is_moved(before, now) & (now.given != _VALIDATION)
        lost = len(before) - int(np.count_nonzero(now.origin >= 0) - np.count_nonzero(is_moved))
        left = fewest - lost
        fewest = max(1, left)
    return left < 1


def _fewest_validate(first: Generation) -> int:
    """How many images of an upload validate at least, whatever the seed and the shares."""
    if _VALIDATION in first.owned:
        return int(np.count_nonzero(first.given == _VALIDATION))
    is_open = np.maximum(first.given, IN_TRAINING) == IN_TRAINING
    alone = -2 - np.arange(len(first))  # an image without copies is a picture of its own
    shown = np.where(first.copies < 0, alone, first.copies)[is_open]
    pictures, labels = np.unique(np.stack([shown, first.labels[is_open]]), axis=1)
    _, at, classes = np.unique(pictures, return_inverse=True, return_counts=True)
    # A class with two pictures that are its alone can give one and keep one.
    return int(np.count_nonzero(np.bincount(labels[classes[at] == 1]) > 1))


def _draw_new(
    parts: np.ndarray,
    now: Generation,
    shares: Mapping[int, float],
    generator: np.random.Generator,
) -> None:
    is_new, has_copies = now.origin < 0, now.copies >= 0
    is_open = is_new & (parts == IN_TRAINING)
    old_part = np.full(int(now.copies.max(initial=-1)) + 1, -1, np.int8)
    old = np.flatnonzero(~is_new & has_copies)
    np.maximum.at(old_part, now.copies[old], parts[old])
    copied = np.flatnonzero(is_open & has_copies)
    copied = copied[old_part[now.copies[copied]] >= 0]
    parts[copied] = old_part[now.copies[copied]]
    is_open[copied] = False
    is_counted = np.isin(parts, [IN_TRAINING, *shares])
    draw_parts(parts, now.labels, is_open, is_counted, now.copies, shares, generator)
