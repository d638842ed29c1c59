"""The axis of differences: ticks on both sides of zero, and what is too far off to lie on it."""

import pytest

from cnnlab.figures.answers.difference_axis import difference_axis, far_off


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(8.9, 14.0), (0.05, 4.1)],
        [(-59.3, -54.4), (8.9, 14.0)],
        [(-0.01, 0.04)],
        [(0.3, 97.0)],
    ],
)
@pytest.mark.parametrize("margin", [0.1, 2.0])
def test_the_axis_holds_all_with_the_margin_and_a_tick_on_both_sides_of_zero(rows, margin):
    axis = difference_axis(rows, margin)
    low, high = axis["range"]
    assert low < min([-margin, *(start for start, _ in rows)])
    assert high > max([margin, *(end for _, end in rows)])
    steps = [factor * 10.0**power for power in range(-4, 4) for factor in (1, 2, 5)]
    step = next(step for step in steps if step * axis["nticks"] >= high - low)  # as Plotly does
    assert low <= -step and step <= high


@pytest.mark.parametrize(
    ("rows", "far"),
    [
        ([(8.9, 14.0), (0.05, 4.1), (-1.7, 1.5), (-59.3, -54.4)], [3]),
        ([(-59.3, -54.4), (-1.0, 1.0), (-50.0, -40.0), (0.0, 2.0)], [0, 2]),
        ([(8.9, 14.0), (0.05, 4.1)], []),
        ([(-59.3, -54.4)], []),
        ([(-59.3, -54.4), (-50.0, -40.0), (-1.0, 1.0)], []),  # most lie there
        ([(-59.3, 54.4), (-1.0, 1.0)], []),  # it can't be told where
        ([], []),
    ],
)
def test_far_off_is_what_would_shrink_the_most(rows, far):
    assert far_off(rows, 2.0) == far
