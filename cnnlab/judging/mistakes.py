"""Which class is taken for which other one, the commonest mistakes first."""

from collections.abc import Sequence
from typing import NamedTuple

from cnnlab.domain.words import called, percent


class Mistake(NamedTuple):
    """Images of one class that are taken for another one: a cell of the confusion matrix.

    Attributes:
        true: label of their class.
        predicted: label of the class that they are taken for.
        images: how many.
        of: all images of their class, at least as many.
    """

    true: int
    predicted: int
    images: int
    of: int

    @property
    def share(self) -> float:
        """Of the images of the class, 0..1."""
        return self.images / self.of


def mistakes_of(confusion: Sequence[Sequence[int]]) -> list[Mistake]:
    """All kinds of mistakes that were made, those first that were made most often.

    Args:
        confusion: counts, square; a row is a true class, a column a predicted one.

    Returns:
        Of equally many images the larger share of their class is first.
    """
    made = [
        Mistake(true, predicted, images, sum(row))
        for true, row in enumerate(confusion)
        for predicted, images in enumerate(row)
        if images and true != predicted
    ]
    return sorted(made, key=lambda one: (-one.images, -one.share))


def mistake_words(mistake: Mistake, classes: Sequence[str]) -> str:
    """A mistake in words: `7 of 40 images of cat taken for dog (18 %)`."""
    return (
        f"{mistake.images:,} of {mistake.of:,} images of {called(classes[mistake.true])} taken for "
        f"{called(classes[mistake.predicted])} ({percent(mistake.share, decimals=0)})"
    )
