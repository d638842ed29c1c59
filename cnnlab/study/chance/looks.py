"""How much of the accepted chance of a false claim each look at a study may use.

Who looks at verdicts, goes on and looks again gets another chance to be wrong. The look at the
planned runs, often the only one, has the whole level; looks before it and after it share a quarter
of it more: 3/4, 3/16, 3/64 ... of that quarter, which add up however many there are (an alpha
spending rule after Lan and DeMets 1983, Biometrika 70, with the bound of Bonferroni). What early
looks have used is taken from the planned one.
"""

from collections.abc import Sequence

from cnnlab.domain.study import RecordedLook

ALPHA = 0.05
"""Accepted chance that a study without any effect claims one at the look that was planned."""
FURTHER = ALPHA / 4
"""The same for all other looks together."""


def alpha_of_look(looks: Sequence[RecordedLook], state: str, *, is_planned: bool) -> float:
    """What one look may use, 0..1; a state that was seen before keeps what it was given.

    Args:
        looks: recorded so far, in order.
        state: of the runs that count now.
        is_planned: whether all runs of the study as it stands count.
    """
    for look in looks:
        if look.state and look.state == state:
            return look.alpha
    had_planned = any(look.is_planned for look in looks)
    if is_planned and not had_planned:
        return ALPHA - sum(look.alpha for look in looks)
    further = len(looks) - had_planned
    return 0.75 * FURTHER * 0.25**further


def alpha_spent(looks: Sequence[RecordedLook]) -> float:
    """What all recorded looks have used together, 0..1; at most 6.25 %."""
    return sum(look.alpha for look in looks)
