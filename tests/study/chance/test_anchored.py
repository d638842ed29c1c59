"""Arms that are judged together: levels, the guard of an arm's own seeds, when each is alone."""

import numpy as np
import pytest
from scipy import stats

from cnnlab.study.chance.anchored import anchored, flips, largest_level, largest_p, most_seeds
from cnnlab.study.chance.paired import paired_estimate
from cnnlab.study.verdicts import METRICS, Rules, Verdict, compare
from tests.study.made_studies import IMAGES
from tests.study.vectorized import HELPS, HURTS, decide

RULES = Rules(METRICS["val_accuracy"], resolution=1 / IMAGES, is_anchored=True)
SAID = {Verdict.HELPS: HELPS, Verdict.HURTS: HURTS, Verdict.NO_DIFFERENCE: 2}


def drawn_study(rng, arms, seeds, gain=0.0):
    """Accuracies and what each is on every image; the last arm gains."""
    images = rng.beta(1.5, 0.5, IMAGES)
    luck = 0.03 * rng.standard_normal((arms, seeds, 1))
    luck[-1] += gain
    right = (rng.random((arms, seeds, IMAGES)) < images + luck).astype(np.float32)
    names = [f"arm {number}" for number in range(arms)]
    on_each = {name: dict(enumerate(of)) for name, of in zip(names, right, strict=True)}
    values = {
        name: {seed: float(one.mean(dtype=float)) for seed, one in of_arm.items()}
        for name, of_arm in on_each.items()
    }
    return values, on_each


def test_the_level_of_one_arm_alone_is_that_of_the_t_test():
    assert largest_level(0.05, 1, 7.0) == pytest.approx(0.05, abs=1e-5)
    assert largest_p(2.5, 1, 7.0) == pytest.approx(2 * stats.t.sf(2.5, 7), abs=1e-6)


@pytest.mark.parametrize(("arms", "df"), [(2, 3.2), (4, 4.57), (7, 12.0)])
def test_the_largest_of_several_passes_as_often_as_is_said(arms, df):
    rng = np.random.default_rng(arms)
    error = np.sqrt(rng.chisquare(df, (40_000, 1)) / df)
    largest = np.abs(rng.standard_normal((40_000, arms)) / error).max(axis=1)
    needed = stats.t.isf(largest_level(0.05, arms, df) / 2, df)
    assert (largest > needed).mean() == pytest.approx(0.05, abs=0.004)


def test_flips_are_the_variance_of_a_mean_of_independent_images():
    rng = np.random.default_rng(1)
    on_images = rng.standard_normal((2_000, 50))
    assert flips(on_images) == pytest.approx(on_images.mean(axis=1).var(ddof=1), rel=0.1)


@pytest.mark.parametrize(("arms", "seeds"), [(3, 3), (5, 3), (5, 6), (8, 8)])
def test_intervals_leave_out_zero_exactly_where_an_arm_helps_or_hurts(arms, seeds):
    rng = np.random.default_rng([arms, seeds])
    claims = 0
    for number in range(40):
        values, on_each = drawn_study(rng, arms, seeds, gain=0.08 * (number % 3))
        for found in list(compare(values, "arm 0", RULES, images=on_each).values())[1:]:
            claimed = found.verdict in (Verdict.HELPS, Verdict.HURTS)
            if found.verdict is not Verdict.NO_DIFFERENCE:
                assert claimed == (not found.low <= 0 <= found.high)
            assert claimed == (found.p_adjusted <= RULES.alpha)
            claims += claimed and found.is_anchored
    assert claims > 5


@pytest.mark.parametrize(("arms", "seeds"), [(3, 3), (5, 3), (5, 8), (3, 5)])
def test_what_simulations_compute_at_once_is_what_is_said_of_each_study(arms, seeds):
    rng = np.random.default_rng([arms, seeds, 1])
    studies = [drawn_study(rng, arms, seeds, gain=0.05 * (number % 2)) for number in range(30)]
    told = [list(compare(v, "arm 0", RULES, images=i).values())[1:] for v, i in studies]
    right = np.array([[list(of.values()) for of in on_each.values()] for _, on_each in studies])
    on_images = right[:, 1:].astype(float) - right[:, :1]
    by_images = [[flips(arm) for arm in study] for study in on_images]
    means = right.mean(axis=-1, dtype=float)
    found = decide(
        means[:, 1:] - means[:, :1], resolution=1 / IMAGES, flips=np.array(by_images), margin=0.02
    )
    assert found.tolist() == [[SAID.get(one.verdict, 0) for one in study] for study in told]


def test_five_arms_find_far_more_with_three_seeds():
    rng = np.random.default_rng(5)
    found = {True: 0, False: 0}
    for _ in range(150):
        values, on_each = drawn_study(rng, 5, 3, gain=0.08)
        for images in (on_each, None):
            told = compare(values, "arm 0", RULES, images=images)["arm 4"]
            found[bool(images)] += told.verdict is Verdict.HELPS
    assert found[True] >= 1.5 * found[False] > 0


def test_an_arm_whose_own_seeds_disagree_claims_nothing():
    quiet = [paired_estimate([0.0001, -0.0001, 0.0])] * 3
    wild = paired_estimate([0.09, 0.01, 0.05])
    judged = anchored([*quiet, wild], [1e-8, 1e-8, 1e-8, 0.0016 / 3], 0.05)
    assert judged is not None
    assert judged[3].p_adjusted == pytest.approx(wild.p)
    assert judged[3].p_adjusted > 0.05


def test_each_arm_is_judged_alone_where_together_is_not_sound():
    rng = np.random.default_rng(3)
    values, on_each = drawn_study(rng, 4, 5)
    together = compare(values, "arm 0", RULES, images=on_each)
    assert all(found.is_anchored for name, found in together.items() if name != "arm 0")
    lacking = on_each | {"arm 2": {}}
    fewer = values | {"arm 1": {seed: values["arm 1"][seed] for seed in range(4)}}
    two = {name: values[name] for name in ("arm 0", "arm 1")}
    for one, images in ((values, lacking), (values, None), (fewer, on_each), (two, on_each)):
        told = compare(one, "arm 0", RULES, images=images)
        assert not any(found.is_anchored for found in told.values())
    wavering = [paired_estimate([x, -x, 2 * x, 0.0, -2 * x]) for x in (1e-4, 1e-4, 0.1)]
    assert anchored(wavering, [1e-4] * 3, 0.05) is None
    assert anchored([paired_estimate([0.1, 0.2, 0.3])] * most_seeds(1), [1e-4] * 2, 0.05)
