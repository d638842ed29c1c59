"""Where a cross-entropy was going at the end of a run: better, nowhere, or too short to tell."""

import numpy as np

from cnnlab.diagnosis.curves import FEWEST_EPOCHS, SHORT, Curve

STILL_MOVING = 0.10
"""A last third that brought a tenth of the whole improvement: on an exponential approach, the run
was less than three time constants long."""

FLAT_SHARE = 0.02
"""A last third that brought at most this share of the whole improvement brought nothing."""

HIDDEN_FALL = 0.25
"""Part of the level before the last third that a fall may take and be called noise."""

PLATEAU_EPOCHS = 9
"""Shorter runs have less than three epochs in their last third."""


def improves(curve: Curve) -> bool:
    """Whether a cross-entropy fell over the last third by more than noise and than nothing.

    A short curve tells its bend from its noise only where it fell twice in a row.
    """
    if curve.epochs < FEWEST_EPOCHS:
        return False
    if curve.epochs < SHORT:
        return bool(np.all(np.diff(curve.values[-3:]) < 0)) and curve.recent_share > FLAT_SHARE
    return -curve.recent_change > 2 * curve.level_noise and curve.recent_share > FLAT_SHARE


def still_moves(curve: Curve) -> bool:
    """Whether the last third brought a good part of the improvement, noise taken off."""
    noise = curve.level_noise if curve.epochs >= SHORT else 0.0
    surely = -curve.recent_change - noise
    return improves(curve) and surely >= STILL_MOVING * (curve.start - curve.end)


def is_flat(curve: Curve) -> bool:
    """Whether a cross-entropy fell over the last third by at most noise or the smallest share.

    Noise hides no fall that took a good part of what was left.
    """
    whole = abs(curve.start - curve.end)
    fall = -curve.recent_change
    slack = max(FLAT_SHARE * whole, min(2 * curve.level_noise, HIDDEN_FALL * (curve.end + fall)))
    return fall <= slack


def trend_words(what: str, curve: Curve) -> str:
    """Where a curve was going at the end; nothing where it is too short to tell."""
    if improves(curve):
        return f" {what} was still improving."
    if curve.epochs < PLATEAU_EPOCHS:
        return ""
    return f" {what} has stopped improving." if is_flat(curve) else ""
