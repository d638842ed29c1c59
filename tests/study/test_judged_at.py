"""Which rule on the judged epoch keeps the promise where one arm jumps more than the other."""

import pytest

from tests.benchmarks.judged_at import CASES, claims

STUDIES = 200


@pytest.fixture(scope="module")
def jumpy():
    levels, jumps = CASES["jumps .04 against .005"]
    return {rule: sum(shares) for rule, shares in claims(5, STUDIES, levels, jumps).items()}


def test_the_mean_of_the_last_epochs_favours_no_arm(jumpy):
    assert jumpy["mean_last"] <= 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5
    assert jumpy["last"] <= 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5


def test_the_best_epoch_favours_the_arm_that_jumps_even_on_other_images(jumpy):
    assert jumpy["best"] > 0.15
    assert jumpy["cross_fitted"] > 0.15


def test_several_epochs_find_more_than_the_last_alone():
    levels, jumps = CASES["four points better, jumps .04"]
    found = {rule: helps for rule, (helps, _) in claims(8, STUDIES, levels, jumps).items()}
    assert found["mean_last"] > found["last"] + 0.1
