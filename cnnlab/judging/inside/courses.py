"""How images went through the epochs: learned, forgotten, changed; and which few tell most.

An image is forgotten where it was right after an epoch and is wrong after the next one (Toneva et
al. 2019, *An Empirical Study of Example Forgetting during Deep Neural Network Learning*,
arXiv:1812.05159). There training images are counted, at every update in which they take part; here
any images, once after each epoch, so that the numbers aren't theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

FOLLOWED = 12
"""So many images are followed."""

_OF_EACH_SORT = 3

MOST_RIGHT = "right most often"
MOST_WRONG = "wrong most often"
MOST_CHANGING = "changes most often"
NEVER_CHANGING = "taken for the same class from the first epoch on"
RAREST = "of the rarest class"
HARDEST = "of the class recognized least"
"""Where no class is rarer than all others."""


@dataclass(frozen=True)
class Courses:
    """How N images went through E epochs.

    Attributes:
        learned: (N,) int, place of the first epoch after which it was right; -1 where it never was.
        forgotten: (N,) int, how often it was right after an epoch and wrong after the next.
        changes: (N,) int, how often the named class was another one than an epoch before.
        right: (N,) int, after how many epochs it was right.
        is_right_at_last: (N,) bool.
    """

    learned: np.ndarray
    forgotten: np.ndarray
    changes: np.ndarray
    right: np.ndarray
    is_right_at_last: np.ndarray

    @property
    def never(self) -> int:
        """How many images were never right."""
        return int(np.count_nonzero(self.learned < 0))

    @property
    def kept(self) -> int:
        """How many were right once, and ever since."""
        return int(np.count_nonzero((self.learned >= 0) & (self.forgotten == 0)))

    @property
    def lost(self) -> int:
        """How many were forgotten and are wrong after the last epoch."""
        return int(np.count_nonzero((self.forgotten > 0) & ~self.is_right_at_last))

    def most_forgotten(self) -> np.ndarray:
        """(M,) int, those that were forgotten, the most often forgotten first."""
        order = np.lexsort((self.is_right_at_last, -self.changes, -self.forgotten))
        found: np.ndarray = order[self.forgotten[order] > 0]
        return found


def courses_of(named: np.ndarray, labels: np.ndarray) -> Courses:
    """How images went through the epochs.

    Args:
        named: (E, N) int, the class that each was taken for after each epoch, E at least 1.
        labels: (N,) int, the true ones.
    """
    right = named == labels
    ever = right.any(axis=0)
    return Courses(
        learned=np.where(ever, right.argmax(axis=0), -1),
        forgotten=np.count_nonzero(right[:-1] & ~right[1:], axis=0),
        changes=np.count_nonzero(named[:-1] != named[1:], axis=0),
        right=np.count_nonzero(right, axis=0),
        is_right_at_last=right[-1],
    )


class Followed(NamedTuple):
    """An image that is followed: its place among all, and what it was chosen for."""

    place: int
    why: str


def choose_followed(
    courses: Courses, labels: np.ndarray, true_probabilities: np.ndarray
) -> list[Followed]:
    """Twelve images that tell most, three of each sort; of classes as different as can be.

    Args:
        courses: of all images.
        labels: (N,) int.
        true_probabilities: (E, N), of the true class.

    Returns:
        As many as there are images, at most `FOLLOWED`; the same ones each time.
    """
    mean = true_probabilities.mean(axis=0)
    why_few, few = _few(courses, labels)
    order = np.lexsort((np.abs(mean - 0.5), -courses.changes))
    changing, steady = (order[(courses.changes[order] > 0) == does] for does in (True, False))
    sorts: list[tuple[str, np.ndarray]] = [
        (MOST_RIGHT, np.lexsort((-mean, -courses.right))),
        (MOST_WRONG, np.lexsort((mean, courses.right))),
        (MOST_CHANGING, changing),
        (why_few, few[np.argsort(np.abs(mean[few] - np.median(mean[few])), kind="stable")]),
    ]
    chosen: list[Followed] = []
    for why, order in sorts:
        chosen += _next_of(order, labels, chosen, why, _OF_EACH_SORT)
    for why, order in ((MOST_CHANGING, changing), (NEVER_CHANGING, steady)):
        left = FOLLOWED - len(chosen)  # a sort may have fewer than three
        chosen += _next_of(order, labels, chosen, why, left)
    return chosen


def _few(courses: Courses, labels: np.ndarray) -> tuple[str, np.ndarray]:
    """The images of the rarest class, or of that which is right least, and which of both it is."""
    classes, of, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if np.count_nonzero(counts == counts.min()) == 1 and len(classes) > 1:
        return RAREST, np.flatnonzero(of == counts.argmin())
    right = np.bincount(of, weights=courses.right, minlength=len(classes))
    return HARDEST, np.flatnonzero(of == right.argmin())


def _next_of(
    order: np.ndarray, labels: np.ndarray, chosen: Sequence[Followed], why: str, count: int
) -> list[Followed]:
    """The first so many that aren't chosen yet, a second one of a class after all first ones."""
    taken = {one.place for one in chosen}
    free = [int(place) for place in order if int(place) not in taken]
    seen: dict[int, int] = {}
    turns = []
    for place in free:
        turn = seen[int(labels[place])] = seen.get(int(labels[place]), 0) + 1
        turns.append(turn)
    spread = sorted(range(len(free)), key=lambda at: turns[at])
    return [Followed(free[at], why) for at in spread[:count]]
