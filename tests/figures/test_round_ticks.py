"""Round numbers beside an axis."""

import pytest

from cnnlab.figures.round_ticks import round_ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0003, 0.01, [0.0003, 0.001, 0.003, 0.01]),
        (1e-4, 3e-2, [0.0001, 0.001, 0.01]),
        (1e-6, 1e-2, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]),
        (8, 128, [10, 20, 50, 100]),
        (0.0011, 0.0018, [0.0011, 0.0018]),
    ],
)
def test_rates_are_named_by_ones_twos_and_fives_or_less_as_far_as_there_is_room(low, high, ticks):
    assert round_ticks(low, high, is_log=True) == ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 0.6, [0, 0.2, 0.4, 0.6]),
        (0.8, 0.98, [0.8, 0.85, 0.9, 0.95]),
        (-15, 15, [-10, 0, 10]),
    ],
)
def test_even_steps_are_round(low, high, ticks):
    assert round_ticks(low, high, is_log=False) == ticks


def test_what_is_counted_has_no_halves():
    assert round_ticks(2, 4, is_log=False, is_whole=True) == [2, 3, 4]
