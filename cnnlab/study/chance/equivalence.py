"""No difference that matters: two one-sided tests (Schuirmann 1987, J. Pharmacokin. Biopharm. 15).

An arm whose difference is surely smaller than a margin, chosen before the launch, makes no
difference that matters. An arm can be told wrong in one way only: that it differs where it doesn't,
or that it doesn't matter where it does; both can't be at once. So one arm alone has the whole level
for each (the partitioning principle: Stefansson, Kim and Hsu 1988). Of several arms Holm's
procedure hands the share of an arm that differs on to the others, though that arm could still be
told not to matter; so each arm is tested at half of its equal share. Measured for mixed truths,
with arms exactly at the margin, all wrong claims together are then 4.6 to 5.9 % in the worst of 240
cases (at the whole share 7.2 %, at the level of Holm's procedure 7.7 %).
"""

from cnnlab.study.chance.paired import Estimate, Interval


def level_of_arm(alpha: float, arms: int) -> float:
    """At which level each one-sided test of one arm is done.

    Args:
        alpha: accepted probability of any false claim of the study, 0..1.
        arms: how many are compared with the reference.
    """
    return alpha if arms == 1 else alpha / (2 * arms)


def within_margin(found: Estimate, level: float, margin: float) -> Interval | None:
    """The interval that shows an arm to make no difference that matters, or None.

    Two one-sided t tests at `level` both reject exactly where the interval of confidence
    1 - 2 * level lies within the margin.

    Args:
        found: the difference.
        level: of each of the two tests, 0..1.
        margin: differences below this don't matter, in the metric's own units.
    """
    interval = found.interval(1 - 2 * level)
    if interval.estimate is None:
        return None
    _, low, high = interval.estimate
    return interval if -margin < low and high < margin else None
