"""What the simulations compute at once is what a study's page says of each."""

import numpy as np
import pytest

from tests.study.made_studies import IMAGES, judged
from tests.study.made_truths import KINDS, accuracies
from tests.study.vectorized import HELPS, HURTS, SAME, UNKNOWN, decide

NAMES = {"helps": HELPS, "hurts": HURTS, "no_difference": SAME, "cannot_tell": UNKNOWN}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("arms", "seeds"), [(2, 3), (5, 6), (4, 10)])
def test_both_give_the_same_verdicts(kind, arms, seeds):
    rng = np.random.default_rng(seeds)
    drawn = accuracies(kind, rng, (60, arms, seeds))
    drawn[::3, -1] += 0.05
    at_once = decide(drawn[:, 1:] - drawn[:, :1], resolution=1 / IMAGES)
    one_by_one = [[NAMES[found.verdict] for found in judged(study)] for study in drawn]
    assert at_once.tolist() == one_by_one
