"""What a learning-rate test finds."""

from typing import TypedDict


class RatePoint(TypedDict):
    """The losses at one learning rate, smoothed over the steps before it.

    Attributes:
        learning_rate: of the step.
        loss: median of the tests; None where only a minority came to this rate.
        losses: of each test; None where it had ended before.
    """

    learning_rate: float
    loss: float | None
    losses: list[float | None]


class LrTestOutcome(TypedDict):
    """What some short tests say of the learning rate.

    Attributes:
        suggestion: the median of what the tests say, with two digits; None where they can't tell.
        suggestions: what each test says; None where its loss doesn't fall.
        curve: by rising learning rate, as far as one of the tests came.
        words: what was found, or why nothing was, in a sentence or two.
        steps: planned updates of each test.
        images: those that trained.
    """

    suggestion: float | None
    suggestions: list[float | None]
    curve: list[RatePoint]
    words: str
    steps: int
    images: int
