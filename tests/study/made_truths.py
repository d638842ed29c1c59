"""Accuracies of many studies at once in which no arm has another mean than the reference.

Each kind is a way in which real runs leave the textbook. Where images judge, there are 100.
"""

import numpy as np

from tests.study.made_studies import IMAGES, RATE, SEED_SD

RATIOS = 0.4
"""Standard deviation of the logarithm of the arms' ratios: they were 1.3 to 3.5 in real runs."""
SKEWED_ONLY = ("skewed reference", "skewed arms", "leaning reference", "leaning arms")
"""Where the shape of the spread differs between the reference and the arms, with equal means."""


def accuracies(kind, rng, shape):
    """(studies, arms, seeds) accuracies; all arms have the same mean."""
    return KINDS[kind](rng, shape)


def _counted(rng, rates):
    return rng.binomial(IMAGES, np.clip(rates, 0, 1)) / IMAGES


def _normal(rng, shape):
    return RATE + SEED_SD * rng.standard_normal(shape)


def _lopsided(rng, shape, shape_of_gamma):
    """Standardized; the tail is on the side of bad runs. Skewness 2 / sqrt(shape_of_gamma)."""
    drawn = rng.gamma(shape_of_gamma, size=shape)
    return (shape_of_gamma - drawn) / np.sqrt(shape_of_gamma)


def _skewed(shape_of_gamma, *, reference):
    """Lopsided in the reference or in all arms, where the others waver three times less."""

    def draw(rng, shape):
        found = RATE + 0.3 * SEED_SD * rng.standard_normal(shape)
        part = slice(0, 1) if reference else slice(1, None)
        off = _lopsided(rng, found[:, part].shape, shape_of_gamma)
        found[:, part] = RATE + SEED_SD * off
        return found

    return draw


def _shared(rng, shape):
    seeds = 0.05 * rng.standard_normal((shape[0], 1, shape[2]))
    return _counted(rng, np.broadcast_to(RATE + seeds, shape))


def _unequal(rng, shape):
    """Each arm wavers twice as much as the one before, up to 8 times."""
    return RATE + SEED_SD / 4 * 2.0 ** np.minimum(np.arange(shape[1]), 3)[
        None, :, None
    ] * rng.standard_normal(shape)


def _same_images(rng, shape):
    rates = rng.beta(1.5, 0.26, (shape[0], 1, 1, IMAGES))
    return (rng.random((*shape, IMAGES), dtype=np.float32) < rates).mean(axis=-1)


KINDS = {
    "symmetric": _normal,
    "independent": lambda rng, shape: _counted(rng, _normal(rng, shape)),
    "correlated": _shared,
    "heavy-tailed": lambda rng, shape: _counted(rng, RATE + SEED_SD * rng.standard_t(2, shape)),
    "discrete": lambda rng, shape: _counted(rng, np.full(shape, 0.99)),
    "same images": _same_images,
    "unequal": _unequal,
    "collapsing": lambda rng, shape: _counted(rng, np.where(rng.random(shape) < 0.1, 0.1, RATE)),
    "all skewed": lambda rng, shape: RATE + SEED_SD * _lopsided(rng, shape, 1),
    "leaning reference": _skewed(4, reference=True),
    "leaning arms": _skewed(4, reference=False),
    "skewed reference": _skewed(1, reference=True),
    "skewed arms": _skewed(1, reference=False),
}
"""By name; leaning has skewness 1, skewed has 2 (exponential)."""


def hidden_collapses(rng, shape):
    """One arm is a little better but collapses in one run of ten: the same mean (see `guards`)."""
    found = _normal(rng, shape)
    found[:, 1] += np.where(rng.random((shape[0], shape[2])) < 0.1, -0.45, 0.05)
    return found


def flips(rng, shape):
    """(studies, arms) what images say of how much arms waver: right by a factor of 1.5 or so."""
    return np.exp(RATIOS * rng.standard_normal(shape))
