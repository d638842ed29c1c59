"""Classes that a split lacks: without training images unlearned, without validation unjudged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnlab.domain.data.split import TRAIN, VALIDATION
from cnnlab.domain.words import counted

_NAMED = 10


@dataclass(frozen=True)
class ClassSets:
    """Which classes of a dataset training or validation doesn't have.

    Attributes:
        untrained: classes without a training image.
        unjudged: classes without a validation image, though they have others.
        lost_images: validation images of untrained classes.
    """

    untrained: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    lost_images: int = 0

    def __bool__(self) -> bool:
        return bool(self.untrained or self.unjudged)

    @property
    def words(self) -> str:
        """What is missing and what follows from it; empty where nothing is."""
        return " ".join(filter(None, (self._untrained_words(), self._unjudged_words())))

    def _untrained_words(self) -> str:
        if not self.untrained:
            return ""
        one = len(self.untrained) == 1
        lost = (
            f", and {'its' if one else 'their'} "
            f"{counted(self.lost_images, 'validation image counts', 'validation images count')} as "
            "wrong"
            if self.lost_images
            else ""
        )
        have, they = ("has", "it") if one else ("have", "they")
        return f"{_named(self.untrained)} {have} no training image: {they} can't be learned{lost}."

    def _unjudged_words(self) -> str:
        if not self.unjudged:
            return ""
        have, they = ("has", "it is") if len(self.unjudged) == 1 else ("have", "they are")
        return (
            f"{_named(self.unjudged)} {have} no validation image: how well {they} recognized can't "
            "be seen."
        )


def compare_class_sets(
    labels: np.ndarray, splits: np.ndarray, names: Sequence[str], *, is_judged: bool = True
) -> ClassSets:
    """Compare the classes of the training and of the validation images.

    Args:
        labels: (N,) int, positions in `names`.
        splits: (N,) of `train`, `validation` or `test`.
        names: of the classes.
        is_judged: False where validation images are still to be drawn.
    """
    trained = np.bincount(labels[splits == TRAIN], minlength=len(names))
    judged = np.bincount(labels[splits == VALIDATION], minlength=len(names))
    return ClassSets(
        tuple(name for name, count in zip(names, trained, strict=True) if not count),
        tuple(
            name
            for name, learned, seen in zip(names, trained, judged, strict=True)
            if is_judged and learned and not seen
        ),
        int(judged[trained == 0].sum()),
    )


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"The {'class' if len(names) == 1 else 'classes'} {shown}{more}"
