import numpy as np
import pytest
from scipy import special, stats

from cnnlab.study.chance.seeds_to_go import seeds_needed


@pytest.mark.parametrize("size", [1.0, 1.5, 2.5])
def test_the_smaller_number_gives_the_wanted_power_for_what_was_observed(size):
    differences = np.array([-1.0, 1.0] * 4) * np.sqrt(7 / 8) + size  # standard deviation 1
    needed, _ = seeds_needed(differences, 0.05)
    rng = np.random.default_rng(0)

    def power(seeds):
        drawn = rng.normal(size, 1, (20_000, seeds))
        return np.mean(stats.ttest_1samp(drawn, 0, axis=1).pvalue <= 0.05)

    assert power(needed) > 0.79
    assert needed == 3 or power(needed - 1) < 0.81


def test_the_larger_number_is_that_of_the_lower_80_percent_limit():
    differences = np.array([-1.0, 1.0] * 4) * np.sqrt(7 / 8) + 1.0
    few, many = seeds_needed(differences, 0.05)
    least = special.nctdtrinc(7, 0.8, np.sqrt(8)) / np.sqrt(8)
    # An effect of the limit's size shows as large a statistic in one study of five.
    assert stats.nct(7, least * np.sqrt(8)).sf(np.sqrt(8)) == pytest.approx(0.2, abs=1e-6)
    assert few < many
    power = stats.nct(many - 1, least * np.sqrt(many)).sf(stats.t(many - 1).ppf(0.975))
    assert power >= 0.8


@pytest.mark.parametrize(
    "differences", [[-1, 0, 1.01], [-1.0, 0, 1], [0.1, 0.1, 0.1], [-1, 0, 2, 1, -0.5]]
)
def test_where_even_fifty_seeds_may_be_too_few_none_is_named(differences):
    assert seeds_needed(differences, 0.0125) is None


def test_a_rounded_metric_needs_seeds_even_where_nothing_varied():
    assert seeds_needed([0.01] * 3, 0.05, resolution=0.01)[0] > 3
    assert seeds_needed([1e3, 1e3 + 1e-5], 0.05) == (3, 3)


def test_more_must_be_shown_at_a_stricter_level():
    differences = [0.9, 1.4, 2.1, 1.0]
    loose, strict = (seeds_needed(differences, level) for level in (0.05, 0.01))
    assert loose[0] < strict[0]
    assert loose[1] < strict[1]
