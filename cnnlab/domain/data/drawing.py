"""Drawing parts for images: stratified by class, copies of a picture on one side, shares kept."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

IN_TRAINING = 0
"""Number of the part that the others are taken from."""


def draw_parts(  # noqa: PLR0913 - what a draw rests on
    parts: np.ndarray,
    labels: np.ndarray,
    is_open: np.ndarray,
    is_counted: np.ndarray,
    copies: np.ndarray,
    shares: Mapping[int, float],
    generator: np.random.Generator,
) -> None:
    """Take images out of training, class by class, until each part has its share.

    A picture goes with all its copies or not at all, and only where that brings no class farther
    from its share than it was: with a picture of m copies, where at least m/2 images are wanted.
    So each class has its share but for half a picture's copies. A part that would have nothing of
    a class gets its picture with the fewest copies. Each class keeps a picture for training. A
    picture that stands in several classes (one of its labels is wrong) counts in each of them.

    Args:
        parts: (N,) int, the part of each image; those drawn are changed in place.
        labels: (N,) int, classes.
        is_open: (N,) bool, the images to draw from; in training so far.
        is_counted: (N,) bool, the images of which a part is a share, the open ones among them.
        copies: (N,) int, pictures that have copies among the open ones, -1 elsewhere.
        shares: by number of the part to draw, 0 to 1, in the order in which they choose.
        generator: shuffles the open images of each class.
    """
    table = _Table(parts, labels, is_open, is_counted, copies, shares)
    for label in np.unique(labels):
        members = np.flatnonzero((labels == label) & is_open)
        generator.shuffle(members)
        for part in shares:
            table.take(int(label), part, members)


class _Table:
    """What each class has of each part, and wants.

    Attributes:
        pictures: of each picture with copies its images in each class.
    """

    def __init__(
        self,
        parts: np.ndarray,
        labels: np.ndarray,
        is_open: np.ndarray,
        is_counted: np.ndarray,
        copies: np.ndarray,
        shares: Mapping[int, float],
    ) -> None:
        self._parts, self._copies = parts, np.where(is_open, copies, -1)
        self._rows: dict[int, list[int]] = {}
        self.pictures: dict[int, Counter[int]] = {}
        # Each class meets a picture at its first image in it.
        self._is_met = is_open.copy()
        for row in np.flatnonzero(self._copies >= 0).tolist():
            picture, label = int(copies[row]), int(labels[row])
            self._rows.setdefault(picture, []).append(row)
            counts = self.pictures.setdefault(picture, Counter())
            self._is_met[row] = label not in counts
            counts[label] += 1
        classes = int(labels.max(initial=-1)) + 1
        totals = np.bincount(labels[is_counted], minlength=classes).tolist()
        self._wanted = {
            part: [max(1, round(share * total)) for total in totals]
            for part, share in shares.items()
        }
        self._has = {
            part: np.bincount(labels[is_counted & (parts == part)], minlength=classes).tolist()
            for part in shares
        }
        trains = is_counted & (parts == IN_TRAINING) & (self._is_met | ~is_open)
        self._training = np.bincount(labels[trains], minlength=classes).tolist()

    def take(self, label: int, part: int, members: np.ndarray) -> None:
        """Take pictures of a class for a part; `members` are its open images, in their order."""
        left = members[self._is_met[members] & (self._parts[members] == IN_TRAINING)]
        wanted, has = self._wanted[part][label], self._has[part]
        if not np.any(self._copies[left] >= 0):
            count = max(0, min(wanted - has[label], len(left), self._training[label] - 1))
            self._move({label: count}, part, left[:count], pictures=count)
            return
        for row in left.tolist():
            if has[label] >= wanted:
                return
            if self._brings_nearer(counts := self._counts(label, row), part):
                self._move_picture(counts, part, row)
        fewest = sorted(left.tolist(), key=lambda row: self._counts(label, row).total())
        for row in fewest:
            if has[label]:
                return
            self._move_picture(self._counts(label, row), part, row)

    def _counts(self, label: int, row: int) -> Counter[int]:
        picture = int(self._copies[row])
        return self.pictures[picture] if picture >= 0 else Counter({label: 1})

    def _brings_nearer(self, counts: Counter[int], part: int) -> bool:
        wanted, has = self._wanted[part], self._has[part]
        return all(count <= 2 * (wanted[label] - has[label]) for label, count in counts.items())

    def _move_picture(self, counts: Mapping[int, int], part: int, row: int) -> None:
        """Move an image and its copies, if each of their classes has another picture to train."""
        if all(self._training[label] > 1 for label in counts):
            picture = int(self._copies[row])
            rows = self._rows[picture] if picture >= 0 else [row]
            self._move(counts, part, np.array(rows), pictures=1)

    def _move(
        self, counts: Mapping[int, int], part: int, rows: np.ndarray, *, pictures: int
    ) -> None:
        self._parts[rows] = part
        for label, count in counts.items():
            self._has[part][label] += count
            self._training[label] -= pictures
