"""Numbers in words, with their unit."""

import math

import pytest

from cnnlab.domain.words import (
    UNKNOWN,
    data_size,
    digits,
    digits_alike,
    duration,
    exact_percent,
    percent,
    points,
    rough_duration,
    unit_in_brackets,
    with_sign,
    with_unit,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00"),
        (3.456, "3.46"),
        (93.45, "93.5"),
        (100.0, "100"),
        (-0.0312, "−0.03"),
        (-0.0001, "0.00"),
        (math.nan, UNKNOWN),
    ],
)
def test_numbers_have_three_significant_digits(value, shown):
    assert digits(value, most_decimals=2) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((-22.64, 4.7), ["−22.6", "+4.7"]),
        ((-19.31, -38.52, -0.13), ["−19.3", "−38.5", "−0.1"]),
        ((-16.2, -0.034), ["−16.20", "−0.03"]),
        ((120.0, 0.04, 0.0001), ["+120.00", "+0.04", "0.00"]),
        ((1.5, None, math.inf), ["+1.50", UNKNOWN, UNKNOWN]),
        ((None, 0.0), [UNKNOWN, "0.00"]),
    ],
)
def test_numbers_that_are_read_together_have_the_same_decimals(values, shown):
    assert digits_alike(values, most_decimals=2, signed=True) == shown


def test_a_difference_has_its_sign_and_a_real_minus():
    assert [with_sign(value, 1) for value in (1.23, -0.4, -0.04)] == ["+1.2", "−0.4", "0.0"]


def test_shares_are_percentages_and_their_differences_points():
    assert [percent(share) for share in (0.9351, 1.0, None, math.nan)] == [
        "93.5\u00a0%",
        "100.0\u00a0%",
        UNKNOWN,
        UNKNOWN,
    ]
    assert percent(0.126, decimals=0) == "13\u00a0%"
    assert [exact_percent(share) for share in (0.05, 0.9875)] == ["5\u00a0%", "98.75\u00a0%"]
    assert (points(0.071), points(0.071, signed=True)) == ("7.1 points", "+7.1 points")
    assert points(-0.071, signed=True) == "−7.1 points"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.42, "0.42\u00a0s"),
        (12.4, "12\u00a0s"),
        (75, "75\u00a0s"),
        (150, "2\u00a0min"),
        (5399, "1\u00a0h 30\u00a0min"),
        (7500, "2\u00a0h 5\u00a0min"),
    ],
)
def test_durations_are_told_in_the_unit_that_suits_them(seconds, shown):
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.2, "10\u00a0s"),
        (13, "10\u00a0s"),
        (34, "30\u00a0s"),
        (127.4, "2\u00a0min"),
        (1150, "20\u00a0min"),
        (5399, "1\u00a0h 30\u00a0min"),
        (5400, "2\u00a0h"),
        (11000, "3\u00a0h"),
    ],
)
def test_what_is_estimated_is_rounded_coarsely(seconds, shown):
    assert rough_duration(seconds) == shown


@pytest.mark.parametrize(
    ("count_bytes", "shown"),
    [
        (500, "500\u00a0bytes"),
        (20 * 2**20, "20\u00a0MiB"),
        (2 * 10**9, "1.86\u00a0GiB"),
        (1010 * 2**20, "0.986\u00a0GiB"),
        (5000 * 2**30, "5,000\u00a0GiB"),
    ],
)
def test_sizes_are_told_by_powers_of_1024_and_say_so(count_bytes, shown):
    assert data_size(count_bytes) == shown


def test_units_stand_behind_a_space_but_degrees():
    assert [with_unit("15", unit) for unit in ("°", "px", "%", "", None)] == [
        "15°",
        "15 px",
        "15 %",
        "15",
        "15",
    ]
    assert [unit_in_brackets("L2", unit) for unit in ("px", "", None)] == ["L2 (px)", "L2", "L2"]
