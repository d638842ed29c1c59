"""One range of values for all images of a dataset that have more than 8 bits a channel."""

import math
from collections.abc import Sequence

import numpy as np

from cnnlab.datasets.pictures.extremes import Extremes
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.value_range import ValueRange, number_words
from cnnlab.domain.words import counted

# What cameras and scanners give, whatever type it is stored in: 8, 10, 12, 14 and 16 bits.
_BITS = {2.0**bits - 1: bits for bits in (8, 10, 12, 14, 16)}
# How far values may lie beyond a usual range and still be meant for it: resizing overshoots.
_BEYOND_INTEGERS, _BEYOND_FLOATS = 0.02, 0.1
# A dataset that uses less of a usual range, 32 of 256 grey levels, isn't meant for it.
_LEAST_USED = 1 / 8
# Of the images as of the pixels, a few may be unlike the others.
_ODD_IMAGES = 0.01
_DARK = 1 / 16
ALL_OF_16_BITS = ValueRange(0.0, 65535.0)
"""Of a few photos of 16 bits a colour among those of 8: a dark one stays as dark as its like."""
KIND = "value_range"
"""Of the warning that tells the range."""


def choose_range(extremes: Sequence[Extremes]) -> ValueRange:
    """The range that these images are meant for.

    It is the smallest usual one (0 to 1 of floats, 0 to 255, 1023, 4095, 16383 or 65535) that holds
    them all but for a few pixels and a few images, if they use a fair part of it; -1 to 1 of
    floats; else from their own lowest to their highest value.

    Args:
        extremes: of the deep images, at least one.
    """
    low = float(np.quantile([one.low for one in extremes], _ODD_IMAGES, method="lower"))
    high = float(np.quantile([one.high for one in extremes], 1 - _ODD_IMAGES, method="higher"))
    is_float = any(one.is_float for one in extremes)
    beyond = _BEYOND_FLOATS if is_float else _BEYOND_INTEGERS
    usual = [ValueRange(0.0, top) for top in _BITS]
    if is_float:
        usual = [ValueRange(-1.0, 1.0) if low < -beyond else ValueRange(0.0, 1.0), *usual]
    for ends in usual:
        span = ends.high - ends.low
        is_within = ends.low - beyond * span <= low and high <= ends.high + beyond * span
        if is_within and high - low >= _LEAST_USED * span:
            return ends
    return _own_range(low, high, is_float)


def _own_range(low: float, high: float, is_float: bool) -> ValueRange:
    """From the lowest to the highest value, from 0 where that is near."""
    if high <= low:
        return ValueRange(low, low + 1)
    if 0 < low < (high - low) / 4:
        low = 0.0
    if is_float:  # of a measured number three digits say enough
        step = 10.0 ** (math.floor(math.log10(high - low)) - 2)
        low, high = (float(f"{end:.10g}") for end in _outwards(low, high, step))
    return ValueRange(low, high)


def _outwards(low: float, high: float, step: float) -> tuple[float, float]:
    return math.floor(low / step) * step, math.ceil(high / step) * step


def range_note(
    value_range: ValueRange,
    extremes: Sequence[Extremes],
    *,
    is_given: bool,
    are_few_photos: bool = False,
) -> DatasetWarning:
    """Say which range deep images are read with, why, and what it does to them.

    Args:
        value_range: of the dataset.
        extremes: of its deep images; none where all have 8 bits.
        is_given: whether the user chose it.
        are_few_photos: whether these are colours of 16 bits among more images of 8.
    """
    if not extremes:
        message = (
            f"No image has more than 8 bits a channel, so the range {value_range.words} was not "
            "used."
        )
        return DatasetWarning(KIND, message, 0)
    least = number_words(min(one.least for one in extremes))
    most = number_words(max(one.most for one in extremes))
    why = "as most images have 8 bits" if are_few_photos else _why(value_range, is_given)
    message = (
        f"{counted(len(extremes), 'image has', 'images have')} more than 8 bits a channel, with "
        f"values from {least} to {most}. Everywhere {number_words(value_range.low)} is taken for "
        f"black and {number_words(value_range.high)} for white, {why}."
        f"{_consequences(value_range, extremes)} The report of the dataset can set another range, "
        "an import with --range LOW..HIGH as well."
    )
    return DatasetWarning(KIND, message, len(extremes))


def _why(value_range: ValueRange, is_given: bool) -> str:
    if is_given:
        return "as you said"
    if value_range.low == 0 and value_range.high in _BITS:
        return f"the range of {_BITS[value_range.high]}-bit data"
    if value_range in (ValueRange(0.0, 1.0), ValueRange(-1.0, 1.0)):
        return "the usual range of such numbers"
    return "their own range without a few odd pixels"


def _consequences(value_range: ValueRange, extremes: Sequence[Extremes]) -> str:
    low, high = value_range
    cut = sum(one.least < low or one.most > high for one in extremes)
    darkest = low + _DARK * (high - low)
    dark = sum(one.high < darkest for one in extremes)
    told = ""
    if cut:
        told += (
            f" In {counted(cut, 'image', 'images')} some pixels lie beyond it and become black or "
            "white."
        )
    if dark:
        told += (
            f" {counted(dark, 'image stays', 'images stay')} below {number_words(darkest)} and "
            "will look almost black."
        )
    return told
