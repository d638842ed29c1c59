"""A measured number with what is known of how sure it is."""

from typing import TypedDict


class Measured(TypedDict):
    """A number with its 95 % interval; all None where it isn't defined (a class without images)."""

    value: float | None
    low: float | None
    high: float | None
