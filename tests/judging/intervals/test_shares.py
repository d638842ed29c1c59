"""Intervals of shares against scipy and published ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cnnlab.judging.intervals.shares import difference_of_shares, measured, wilson

SHARES = st.integers(1, 3_000).flatmap(
    lambda images: st.tuples(st.integers(0, images), st.just(images))
)


@given(SHARES)
def test_wilson_is_scipys(share):
    hits, images = share
    found = wilson(hits, images)
    low, high = stats.binomtest(hits, images).proportion_ci(method="wilson")
    assert found["value"] == hits / images
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=1e-9)
    assert 0 <= found["low"] <= found["value"] <= found["high"] <= 1


def test_nothing_has_no_share():
    nothing = {"value": None, "low": None, "high": None}
    assert wilson(0, 0) == nothing
    assert difference_of_shares(1, 2, 0, 0) == nothing
    assert difference_of_shares(0, 0, 1, 2) == nothing
    assert measured(float("nan"), 0, 1) == nothing


@pytest.mark.parametrize(
    ("shares", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((5, 56, 0, 29), -0.0381, 0.1926),
    ],
)
def test_a_difference_has_newcombes_interval(shares, low, high):
    """Newcombe 1998, table II, method 10."""
    found = difference_of_shares(*shares)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=6e-5)


@given(SHARES, SHARES)
def test_a_difference_the_other_way_is_mirrored(one, other):
    there, back = difference_of_shares(*one, *other), difference_of_shares(*other, *one)
    assert there["value"] == pytest.approx(-back["value"])
    assert there["low"] == pytest.approx(-back["high"])
    assert -1 <= there["low"] <= there["value"] <= there["high"] <= 1
