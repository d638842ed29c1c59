"""What was measured of finished runs beside their curves, arm against reference, seed by seed.

Nobody chose these measures before the launch, so they make no verdict of the study; but chance is
judged as there: paired by seed (Student's t), Holm's procedure over the arms, nothing below three
seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cnnlab.domain.words import points, points_interval
from cnnlab.study.chance.paired import (
    FEWEST_PAIRS,
    Interval,
    holm_levels,
    mean_of,
    paired_estimate,
)

ALPHA = 0.05


@dataclass(frozen=True)
class Pairs:
    """One arm against the reference on one number.

    Attributes:
        arm: its name.
        mean: of the arm, over the seeds that both have.
        of_reference: likewise.
        difference: arm minus reference; its ends are None below three seeds and where all
            differences are equal.
        seeds: that both have.
    """

    arm: str
    mean: float
    of_reference: float
    difference: Interval
    seeds: int

    @property
    def found(self) -> Literal["more", "less", "cannot_tell"]:
        """What can be told: that the arm has more, less, or neither."""
        estimate = self.difference.estimate
        if estimate is None or estimate[1] <= 0 <= estimate[2]:
            return "cannot_tell"
        return "more" if estimate[0] > 0 else "less"

    @property
    def words(self) -> str:
        """The difference of two shares: 'difference +2.0 points, −0.4 to +4.4'."""
        difference = self.difference
        said = f"difference {points(difference.mean or 0.0, signed=True)}"
        if difference.low is None or difference.high is None:
            return said
        return f"{said}, {points_interval(difference.low, difference.high)}"


def compare_pairs(values: Mapping[str, Mapping[int, float]], reference: str) -> dict[str, Pairs]:
    """Every arm against the reference; those that share no seed with it are left out.

    Args:
        values: by arm and seed, finite.
        reference: name of the arm that the others are compared with.
    """
    theirs = values.get(reference, {})
    shared = {
        arm: sorted(of_arm.keys() & theirs.keys())
        for arm, of_arm in values.items()
        if arm != reference and of_arm.keys() & theirs.keys()
    }
    estimates = {
        arm: paired_estimate([values[arm][seed] - theirs[seed] for seed in seeds])
        for arm, seeds in shared.items()
    }
    judged = {
        arm: p
        for arm, estimate in estimates.items()
        if estimate.n >= FEWEST_PAIRS and (p := estimate.p) is not None
    }
    levels = dict(zip(judged, holm_levels(list(judged.values()), ALPHA), strict=True))
    found = {}
    for arm, seeds in shared.items():
        estimate = estimates[arm]
        known = Interval(estimate.mean, None, None, None, estimate.n, 1 - ALPHA)
        found[arm] = Pairs(
            arm,
            mean_of([values[arm][seed] for seed in seeds]),
            mean_of([theirs[seed] for seed in seeds]),
            estimate.interval(1 - levels[arm]) if arm in levels else known,
            len(seeds),
        )
    return found
