"""Studies drawn from known truths: what the verdicts claim can be counted against them."""

from collections.abc import Callable

import numpy as np

from cnnlab.study.verdicts import METRICS, Comparison, Rules, compare

IMAGES = 100
"""Validation images: accuracies come in steps of a point."""
ARMS = 5
REFERENCE = "arm 0"
RATE, SEED_SD = 0.85, 0.02

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
"""Accuracies of shape (arms, seeds) with no true difference between the arms."""


def counted(rng, rates):
    """Accuracy on IMAGES images that are each met with the run's rate."""
    return rng.binomial(IMAGES, np.clip(rates, 0, 1)) / IMAGES


def independent(rng, shape):
    """Every run has its own luck."""
    return counted(rng, RATE + SEED_SD * rng.standard_normal(shape))


def shared(rng, shape):
    """What a seed does, it does to all arms (the pairs cancel it); the images' luck stays."""
    seeds = 0.05 * rng.standard_normal(shape[1])
    return counted(rng, np.broadcast_to(RATE + seeds, shape))


def heavy_tailed(rng, shape):
    """Most runs agree, some are far off (Student t with 2 degrees of freedom)."""
    return counted(rng, RATE + SEED_SD * rng.standard_t(2, shape))


def collapsing(rng, shape):
    """One run in ten never learns."""
    return counted(rng, np.where(rng.random(shape) < 0.1, 0.1, RATE))


def near_perfect(rng, shape):
    """Hardly any errors: most differences are a point or none at all."""
    return counted(rng, np.full(shape, 0.99))


def same_images(rng, shape):
    """All runs see the same images, easy and hard ones, so they differ by few of them."""
    rates = rng.beta(1.5, 0.26, IMAGES)
    return (rng.random((*shape, IMAGES)) < rates).mean(axis=-1)


NO_EFFECT: dict[str, Draw] = {
    draw.__name__: draw
    for draw in (independent, shared, heavy_tailed, collapsing, near_perfect, same_images)
}


def judged(accuracies, alpha=0.05) -> list[Comparison]:
    """The comparisons of one study, without the reference."""
    values = {f"arm {number}": dict(enumerate(row)) for number, row in enumerate(accuracies)}
    rules = Rules(METRICS["val_accuracy"], alpha=alpha, resolution=1 / IMAGES)
    found = compare(values, REFERENCE, rules)
    return [comparison for arm, comparison in found.items() if arm != REFERENCE]
