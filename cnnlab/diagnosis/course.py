"""How the training loss of one run went: it levelled off, it still falls, or it never got down.

The thresholds are those of the rules on the learning rate and of the trends, so that a lesson and a
run's diagnosis never say two things of one curve.
"""

from collections.abc import Sequence
from enum import StrEnum

from cnnlab.diagnosis.curves import SHORT, is_finite, read_curves
from cnnlab.diagnosis.rate_rules import AT_CHANCE, SWING_SHARE
from cnnlab.diagnosis.trends import still_moves
from cnnlab.domain.records.training import EpochRecord


class Course(StrEnum):
    """How a training loss went."""

    CONVERGED = "converged"
    """It fell, and the last third of the epochs brought less than a tenth of the whole fall."""
    FALLING = "falling"
    """It fell, and the last third brought a tenth of the fall or more."""
    SWINGING = "swinging"
    """It fell, and still jumps by more than a tenth of what guessing gives."""
    NOT_LEARNED = "not_learned"
    """It ends where guessing is, or above."""
    BROKEN = "broken"
    """It was no longer a finite number."""
    TOO_SHORT = "too_short"
    """There are too few epochs to tell."""


def course_of(history: Sequence[EpochRecord], guessing: float, *, has_failed: bool) -> Course:
    """How the training cross-entropy of a run without regularization went.

    Args:
        history: oldest first.
        guessing: cross-entropy of guessing by how frequent the classes are, nats.
        has_failed: whether its loss was no longer finite, which ends a run.
    """
    if has_failed or not all(map(is_finite, history)):
        return Course.BROKEN
    curves = read_curves(history)
    if curves is None or curves.epochs < SHORT:
        return Course.TOO_SHORT
    curve = curves.train_cross_entropy
    if curve.end >= AT_CHANCE * guessing:
        return Course.NOT_LEARNED
    if curve.swing > SWING_SHARE * guessing:
        return Course.SWINGING
    return Course.FALLING if still_moves(curve) else Course.CONVERGED
