import numpy as np
import pytest
from scipy import stats

from cnnlab.study.chance.smallest_effect import (
    SmallestEffect,
    Source,
    Spread,
    effect_found,
    effect_words,
    pooled_spread,
    smallest_effect,
    source_words,
    typical_effect,
)
from cnnlab.study.wording import METRICS

ACCURACY, NATS = METRICS["val_accuracy"], METRICS["val_cross_entropy"]


@pytest.mark.parametrize(("seeds", "arms"), [(3, 2), (5, 2), (5, 5), (20, 5), (50, 24)])
def test_an_effect_of_that_size_is_found_in_80_percent_of_simulated_studies(seeds, arms):
    effect = effect_found(0.01, seeds, arms)
    drawn = np.random.default_rng(0).normal(effect, 0.01, (40_000, seeds))
    p = stats.ttest_1samp(drawn, 0, axis=1).pvalue
    assert np.mean(p <= 0.05 / (arms - 1)) == pytest.approx(0.8, abs=0.01)


def test_fewer_than_three_seeds_find_nothing():
    assert effect_found(0.01, 2, 2) is None
    assert smallest_effect(Spread(0.01, 4), 2, 2) is None
    assert typical_effect(200, 2, 2) is None


def test_the_spread_is_pooled_over_arms_whose_means_differ():
    generator = np.random.default_rng(1)
    arms = [generator.normal(mean, 0.02, 2000) for mean in (0, 0.3, -1)]
    found = pooled_spread([*arms, [0.5], []])
    assert found.sd == pytest.approx(0.02, rel=0.03)
    assert (found.df, found.pairs) == (3 * 1999, 6000)
    assert pooled_spread([[0.1], []]) is None
    assert pooled_spread([[0.1, 0.1, 0.1]]) is None
    assert pooled_spread([[0.1, 0.1, 0.1]], resolution=0.01).sd == pytest.approx(0.01 / 6**0.5)


def test_the_true_spread_lies_in_its_interval_in_80_percent():
    generator = np.random.default_rng(2)
    holds = 0
    for _ in range(3000):
        low, high = pooled_spread([generator.normal(0, 1, 4), generator.normal(0, 1, 4)]).likely
        holds += low <= 1 <= high
    assert holds / 3000 == pytest.approx(0.8, abs=0.025)


def test_more_images_and_more_seeds_find_less():
    few, many = typical_effect(100, 5, 2), typical_effect(400, 5, 2)
    assert many.low == pytest.approx(few.low / 2)
    assert typical_effect(100, 10, 2).high < few.high
    # the wide side of what is usual holds a pool's own spread
    assert few.low < effect_found(0.03, 5, 2) < few.high


def test_it_is_told_in_the_metrics_units():
    assert effect_words(SmallestEffect(0.0213, 0.016, 0.032), ACCURACY) == "2.1 points (1.6 to 3.2)"
    assert effect_words(SmallestEffect(None, 0.016, 0.032), ACCURACY) == "1.6 to 3.2 points"
    assert effect_words(SmallestEffect(0.1, 0.05, 0.3), NATS) == "0.10 nats (0.05 to 0.30)"
    assert effect_words(SmallestEffect(5.0, 3.0, 9.0), ACCURACY) == "–"
    assert effect_words(None, ACCURACY) == "–"
    assert "12 earlier pairs" in source_words(Source.SIMILAR, 12, 100, ACCURACY)
    assert "a hint only" in source_words(Source.OTHER, 12, 100, ACCURACY)
    assert "of the 1,200 validation images" in source_words(Source.TYPICAL, 0, 1200, ACCURACY)
    assert source_words(Source.TYPICAL, 0, 1200, NATS).startswith("Unknown")
