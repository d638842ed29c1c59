"""Moves from a solution in random directions, as large as its own filters are.

Filter normalization (Li et al. 2018, arXiv:1712.09913, section 4): each filter of a random
direction is given the length of the solution's own filter, so that a distance of 0.1 means a
tenth of every filter, however large the weights are. Biases and the scales and shifts of
normalizations stay where they are, as there. What sharpness means beyond that is an open question:
weights can be scaled from one layer to the next without a change of the function (Dinh et al. 2017,
arXiv:1703.04933).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

Weights = list[np.ndarray]
Axes = tuple[int, ...] | None
"""Over which the length of a filter is taken; None for what isn't moved."""

Loss = Callable[[Weights], float | None]
"""At given weights; None where it isn't finite."""

_DIRECTION = 0xD14EC7


def filter_direction(weights: Weights, axes: Sequence[Axes], seed: int, number: int) -> Weights:
    """A random direction whose filters have the lengths of those of the weights.

    Two solutions of one seed get the same directions but for these lengths.

    Args:
        weights: of the solution.
        axes: for each of them.
        seed: of the run.
        number: of the direction.
    """
    generator = np.random.default_rng([seed, number, _DIRECTION])
    return [
        np.zeros_like(weight) if along is None else _as_long(weight, along, generator)
        for weight, along in zip(weights, axes, strict=True)
    ]


def _as_long(
    weight: np.ndarray, axes: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    drawn = generator.standard_normal(weight.shape)
    wanted = np.sqrt(np.sum(np.square(weight, dtype=np.float64), axis=axes, keepdims=True))
    length = np.sqrt(np.sum(np.square(drawn), axis=axes, keepdims=True))
    return (drawn * wanted / length).astype(weight.dtype)


def moved(weights: Weights, *steps: tuple[float, Weights]) -> Weights:
    """The weights after steps: each so far along a direction."""
    return [
        weight + sum(distance * direction[at] for distance, direction in steps)
        for at, weight in enumerate(weights)
    ]


def between(first: Weights, second: Weights, place: float) -> Weights:
    """The weights on the line through two solutions: at 0 the first, at 1 the second."""
    return [(1 - place) * one + place * other for one, other in zip(first, second, strict=True)]


def rises(
    loss: Loss, weights: Weights, directions: Sequence[Weights], distances: Sequence[float]
) -> tuple[float | None, list[float | None]]:
    """The loss at the weights, and how much larger it is at each distance on average.

    Args:
        loss: of the network.
        weights: of the solution.
        directions: each is gone both ways.
        distances: as parts of the filters' lengths.

    Returns:
        None in place of what isn't finite.
    """
    here = loss(weights)
    found: list[float | None] = []
    for distance in distances:
        there = [
            loss(moved(weights, (way * distance, direction)))
            for direction in directions
            for way in (1, -1)
        ]
        found.append(_rise(here, there))
    return here, found


def _rise(here: float | None, there: Sequence[float | None]) -> float | None:
    known = [value for value in there if value is not None]
    if here is None or len(known) < len(there):
        return None
    return math.fsum(known) / len(known) - here


def plane(
    loss: Loss, weights: Weights, first: Weights, second: Weights, places: Sequence[float]
) -> list[list[float | None]]:
    """The loss on the plane of two directions, a row for each place along the second one."""
    return [
        [loss(moved(weights, (across, first), (up, second))) for across in places] for up in places
    ]
