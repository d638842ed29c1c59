"""Round numbers beside an axis that is drawn by us: 0.001, 0.002, 0.005, not 0.00042."""

import itertools
import math

_MOST_STEPS = 4
_LOG_STEPS = ((1, 2, 5), (1, 3), (1,))
"""What is named in each power of ten: as much as has room."""

_LEAST_GAP = 0.22
"""Between two ticks, of the axis: on a phone five digits have room in it beside those that begin at
its end."""


def round_ticks(low: float, high: float, *, is_log: bool, is_whole: bool = False) -> list[float]:
    """Round numbers between two ends; the ends themselves where fewer than two lie there.

    Args:
        low: the lower end; above 0 where the axis is logarithmic.
        high: above `low`.
        is_log: whether equal ways are equal factors.
        is_whole: whether only whole numbers have a meaning.
    """
    ticks = _log_ticks(low, high) if is_log else _even_ticks(low, high, is_whole=is_whole)
    return ticks if len(ticks) > 1 else [low, high]


def _even_ticks(low: float, high: float, *, is_whole: bool) -> list[float]:
    rough = (high - low) / _MOST_STEPS
    power = math.floor(math.log10(rough))
    step = next(one for one in _sizes((1, 2, 5), power, power + 1) if one >= rough * (1 - 1e-9))
    if is_whole:
        step = max(1.0, step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    length = math.log(high / low)
    powers = math.floor(math.log10(low)), math.floor(math.log10(high))
    ticks: list[float] = []
    for digits in _LOG_STEPS:
        ticks = [one for one in _sizes(digits, *powers) if _is_between(one, low, high)]
        places = [math.log(one / low) / length for one in ticks]
        if all(after - before >= _LEAST_GAP for before, after in itertools.pairwise(places)):
            break
    return ticks


def _sizes(digits: tuple[int, ...], lowest: int, highest: int) -> list[float]:
    """These digits with all powers of ten from one to the other."""
    return [float(f"{digit}e{power}") for power in range(lowest, highest + 1) for digit in digits]


def _is_between(value: float, low: float, high: float) -> bool:
    return low * (1 - 1e-9) <= value <= high * (1 + 1e-9)
