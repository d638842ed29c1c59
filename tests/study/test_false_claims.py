"""The promise: a study without any true effect claims something in at most 5 % of the cases."""

import math

import pytest

from tests.study.made_studies import NO_EFFECT, false_claim_rate

STUDIES = 2_000
# The simulation is a sample too: of a true rate of 5 %, a share of 2,000 studies lies more than
# three of its standard errors (0.49 %) too high only once in 700 times. The studies are the same
# every time, so the answer doesn't flicker.
MOST = 0.05 + 3 * math.sqrt(0.05 * 0.95 / STUDIES)


@pytest.mark.parametrize("seeds", [3, 5, 8])
@pytest.mark.parametrize("name", ["independent", "shared", "heavy_tailed", "near_perfect"])
def test_without_an_effect_at_most_one_study_in_twenty_claims_anything(name, seeds):
    assert false_claim_rate(NO_EFFECT[name], seeds, STUDIES) <= MOST


def test_the_simulation_notices_a_rule_that_claims_too_easily():
    assert false_claim_rate(NO_EFFECT["independent"], 5, STUDIES // 4, alpha=0.2) > MOST
