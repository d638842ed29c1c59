"""Moves from a solution in random directions: against bowls whose rise and width have a formula."""

import math

import numpy as np
import pytest

from cnnlab.study.measures.landscape import RISE_NATS, width
from cnnlab.training.judging.directions import between, filter_direction, moved, plane, rises

AXES = [(0, 1, 2), None, (0,), (0, 1)]


@pytest.fixture
def weights():
    generator = np.random.default_rng(3)
    shapes = [(3, 3, 2, 5), (5,), (7, 4), (3, 3, 6, 1)]
    return [generator.normal(0, 0.3, shape).astype(np.float32) for shape in shapes]


def bowl(weights, curvature):
    """Half the curvature times the squared distance: the rise is the same in every direction."""

    def loss(at):
        squares = sum(
            np.sum(np.square(one - own, dtype=np.float64))
            for one, own in zip(at, weights, strict=True)
        )
        return 0.25 + curvature / 2 * float(squares)

    return loss


def moved_length(weights):
    kernels = [one for one, axes in zip(weights, AXES, strict=True) if axes is not None]
    return math.sqrt(sum(float(np.sum(np.square(kernel))) for kernel in kernels))


def test_every_filter_of_a_direction_is_as_long_as_the_solutions_own(weights):
    direction = filter_direction(weights, AXES, 1, 0)
    for drawn, own, axes in zip(direction, weights, AXES, strict=True):
        if axes is None:
            assert not drawn.any()
        else:
            lengths = [np.sqrt(np.sum(np.square(one), axis=axes)) for one in (drawn, own)]
            np.testing.assert_allclose(*lengths, rtol=1e-5)
        assert (drawn.shape, drawn.dtype) == (own.shape, own.dtype)


def test_a_filter_of_zeros_stays_and_nothing_becomes_infinite(weights):
    weights[0][..., 2] = 0
    assert not filter_direction(weights, AXES, 1, 0)[0][..., 2].any()


def test_arms_of_a_seed_go_the_same_way_however_long_their_filters_are(weights):
    ours = filter_direction(weights, AXES, 1, 0)
    theirs = filter_direction([3 * one for one in weights], AXES, 1, 0)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(3 * mine, other, rtol=1e-5)
    for seed, number in ((2, 0), (1, 1)):
        assert not np.allclose(ours[0], filter_direction(weights, AXES, seed, number)[0])


@pytest.mark.parametrize("curvature", [0.5, 4.0, 60.0])
def test_the_rise_and_the_width_of_a_bowl_are_those_of_the_formula(weights, curvature):
    distances = [0.02 * step for step in range(1, 101)]
    directions = [filter_direction(weights, AXES, 5, number) for number in range(3)]
    here, found = rises(bowl(weights, curvature), weights, directions, distances)
    length = moved_length(weights)
    assert here == pytest.approx(0.25)
    expected = [curvature / 2 * (distance * length) ** 2 for distance in distances]
    assert found == pytest.approx(expected, rel=1e-4)
    true_width = math.sqrt(2 * RISE_NATS / curvature) / length
    assert width(distances, found) == pytest.approx(min(true_width, 2.0), rel=1e-3)


def test_the_mean_of_both_ways_is_taken_where_they_differ(weights):
    direction = filter_direction(weights, AXES, 5, 0)
    slope = direction[0] / np.sum(np.square(direction[0]))

    def loss(at):
        along = float(np.sum((at[0] - weights[0]) * slope))
        return 1 + along + 3 * max(0.0, along)

    _, found = rises(loss, weights, [direction], [0.5])
    assert found[0] == pytest.approx((0.5 + 1.5 - 0.5) / 2, rel=1e-4)


def test_what_is_not_finite_somewhere_has_no_mean_and_makes_a_narrow_minimum(weights):
    direction = filter_direction(weights, AXES, 5, 0)
    far = moved_length(weights) * 0.3

    def loss(at):
        walked = math.sqrt(
            sum(float(np.sum(np.square(a - b))) for a, b in zip(at, weights, strict=True))
        )
        return None if walked > far else 0.1

    here, found = rises(loss, weights, [direction], [0.1, 0.2, 0.4])
    assert here == 0.1
    assert found[:2] == pytest.approx([0, 0]) and found[2] is None
    assert width([0.1, 0.2, 0.4], found) == 0.4


def test_a_line_has_its_ends_and_goes_on_beyond_them(weights):
    other = [one + 1 for one in weights]
    for place in (-0.5, 0.0, 0.25, 1.0, 1.5):
        for at, own in zip(between(weights, other, place), weights, strict=True):
            np.testing.assert_allclose(at, own + place, atol=1e-6)


def test_a_plane_has_the_solution_at_its_centre_and_the_bowls_circles(weights):
    first, second = (filter_direction(weights, AXES, 5, number) for number in range(2))
    places = [-1.0, 0.0, 1.0]
    found = np.array(plane(bowl(weights, 2.0), weights, first, second, places))
    assert found[1, 1] == pytest.approx(0.25)
    assert found.min() == found[1, 1]
    square = moved_length(weights) ** 2
    assert found[1, 0] == pytest.approx(0.25 + square, rel=1e-4)
    assert found[0, 1] == pytest.approx(0.25 + square, rel=1e-4)
    corner = moved(weights, (1.0, first), (-1.0, second))
    assert found[0, 2] == pytest.approx(bowl(weights, 2.0)(corner))
