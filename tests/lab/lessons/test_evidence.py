"""What an interval bears out, and what it doesn't where networks are missing."""

from types import SimpleNamespace

import pytest

from cnnlab.lab.lessons.evidence import borne_out, judged
from cnnlab.study.chance.claims import JudgedClaim, Outcome


@pytest.mark.parametrize(
    ("low", "high", "outcome", "bears_out"),
    [
        (0.01, 0.05, Outcome.HOLDS, "more"),
        (-0.01, 0.01, Outcome.DOES_NOT_HOLD, "same"),
        (-0.20, 0.01, Outcome.DOES_NOT_HOLD, ""),
        (-0.05, -0.03, Outcome.DOES_NOT_HOLD, "less"),
        (-0.05, 0.05, Outcome.CANNOT_TELL, ""),
    ],
)
def test_about_the_same_is_said_only_where_both_ends_say_so(low, high, outcome, bears_out):
    claim = JudgedClaim(outcome, (low + high) / 2, low, high, 0.95, 5)
    assert borne_out(claim, 0.02, above="more", within="same", below="less") == bears_out


@pytest.mark.parametrize(("seeds", "outcome"), [(4, Outcome.CANNOT_TELL), (5, Outcome.HOLDS)])
def test_nothing_is_told_where_some_seeds_could_not_be_measured(seeds, outcome):
    view = SimpleNamespace(alpha=0.05, study=SimpleNamespace(seeds=range(5)))
    values = {seed: 0.3 + 0.01 * seed for seed in range(seeds)}
    claim = judged(values, view, matters=0.02, never_far=0.1)
    assert (claim.outcome, claim.seeds) == (outcome, seeds)
    assert ("only 4 of 5 pairs" in claim.why_not) == (seeds == 4)
