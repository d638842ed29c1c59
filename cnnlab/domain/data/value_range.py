"""Which values of images with more than 8 bits a channel are black and white: one for a dataset."""

import math
from typing import NamedTuple

from cnnlab.domain.errors import UploadError

_EXPECTED = "two numbers with two dots between them, the lower one first, such as 0..4095"


class ValueRange(NamedTuple):
    """The same for all deep images of a dataset, in both splits and all classes.

    Attributes:
        low: this and lower values are black, 0 of 255.
        high: this and higher values are white, 255 of 255.
    """

    low: float
    high: float

    @property
    def words(self) -> str:
        """As in a sentence: `0 to 4,095`."""
        return f"{number_words(self.low)} to {number_words(self.high)}"

    def __str__(self) -> str:
        """As the command line takes it: `0..4095`."""
        return f"{self.low:.10g}..{self.high:.10g}"


def number_words(value: float) -> str:
    """A value of a pixel: whole ones with separators of thousands, others with four digits."""
    return (f"{value:,.0f}" if value == round(value) else f"{value:,.4g}").replace("-", "−")


def checked_range(low: float, high: float) -> ValueRange:
    """A range that a user gives.

    Raises:
        UploadError: it isn't finite, or its ends are in the wrong order.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise UploadError(
            f"The range of values must be {_EXPECTED}. Received: {low:.10g}..{high:.10g}"
        )
    return ValueRange(float(low), float(high))


def parse_range(text: str) -> ValueRange:
    """Read `LOW..HIGH`.

    Raises:
        UploadError: it isn't written so.
    """
    low, dots, high = text.replace("−", "-").partition("..")
    try:
        if not dots:
            raise ValueError
        return checked_range(float(low), float(high))
    except ValueError as error:
        raise UploadError(
            f"The range of values must be {_EXPECTED}. Received: {text[:80]!r}"
        ) from error
