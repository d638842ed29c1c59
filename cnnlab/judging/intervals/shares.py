"""Intervals of shares of images, and what all intervals here have in common."""

import math

from cnnlab.domain.records.measured import Measured

CONFIDENCE = 0.95
"""Of all intervals."""
Z = 1.959963984540054
"""Of the normal distribution, two-sided at that confidence."""


def measured(value: float, low: float, high: float) -> Measured:
    """A number with its interval, as plain floats; all None where the number is none (NaN)."""
    if not math.isfinite(value):
        return undefined()
    return {"value": float(value), "low": float(low), "high": float(high)}


def undefined() -> Measured:
    """Of what isn't defined, such as the recall of a class without images."""
    return {"value": None, "low": None, "high": None}


def wilson(hits: float, images: float) -> Measured:
    """A share with Wilson's score interval (1927, J. Am. Stat. Assoc. 22), never outside 0..1.

    Args:
        hits: how many of them, 0 to `images`.
        images: of how many; with 0 nothing is defined.
    """
    if not images:
        return undefined()
    share = hits / images
    middle = (share + Z**2 / (2 * images)) / (1 + Z**2 / images)
    spread = share * (1 - share) / images + Z**2 / (4 * images**2)
    half = Z * math.sqrt(spread) / (1 + Z**2 / images)
    # At the ends rounding would leave the interval some 1e-17 beside the share.
    return measured(share, min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def difference_of_shares(
    hits: float, images: float, other_hits: float, other_images: float
) -> Measured:
    """Share minus other share, of different images, with Newcombe's interval.

    For validation minus test accuracy: Newcombe 1998 (Statist. Med. 17, 873), method 10, from
    Wilson's intervals of both.

    Args:
        hits: how many of them, 0 to `images`.
        images: of how many.
        other_hits: likewise, of the share that is taken away.
        other_images: likewise.
    """
    one, other = wilson(hits, images), wilson(other_hits, other_images)
    if one["value"] is None or other["value"] is None:
        return undefined()
    assert one["low"] is not None and one["high"] is not None
    assert other["low"] is not None and other["high"] is not None
    value = one["value"] - other["value"]
    down = math.hypot(one["value"] - one["low"], other["high"] - other["value"])
    up = math.hypot(one["high"] - one["value"], other["value"] - other["low"])
    return measured(value, value - down, value + up)
