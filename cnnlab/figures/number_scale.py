"""Where numbers lie on an axis from 0 to 1, linear or by powers of ten, and back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.figures.round_ticks import round_ticks

_FACTOR_FOR_LOG = 50
"""Numbers above 0 that are further apart than this are drawn by their logarithms."""


@dataclass(frozen=True)
class NumberScale:
    """An axis.

    Attributes:
        low: number at 0.
        high: number at 1; above `low`.
        is_log: whether equal ways are equal factors; `low` is above 0 then.
    """

    low: float
    high: float
    is_log: bool

    @staticmethod
    def of(values: Sequence[float], *, may_be_log: bool = True) -> "NumberScale":
        """One on which all these finite numbers lie; there is at least one."""
        low, high = min(values), max(values)
        if low == high:
            around = abs(low) / 2 or 0.5
            return NumberScale(low - around, high + around, is_log=False)
        is_log = may_be_log and low > 0 and high / low > _FACTOR_FOR_LOG
        return NumberScale(low, high, is_log)

    def place(self, value: float) -> float:
        """Where a number lies; 0..1 for what lies between both ends."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(value) - low) / (high - low)

    def value(self, place: float) -> float:
        """The number at a place."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + place * (high - low)
        return math.exp(scaled) if self.is_log else scaled

    @property
    def ticks(self) -> list[float]:
        """Round numbers to be named."""
        return round_ticks(self.low, self.high, is_log=self.is_log)

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.is_log else value
