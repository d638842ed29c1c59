"""The rules of `cnnlab.study.verdicts` on many studies at once, for simulations.

`test_vectorized.py` holds both together. Also the rule of the first versions, to compare with.
"""

import numpy as np
from scipy import special

from cnnlab.study.equivalence import level_of_arm
from cnnlab.study.guards import LEANS
from cnnlab.study.verdicts import METRICS

HELPS, HURTS, SAME, UNKNOWN = 1, -1, 2, 0
FAR = 5 * METRICS["val_accuracy"].small / 100
MARGIN = 0.02


def decide(differences, *, alpha=0.05, resolution=0.0, margin=MARGIN):
    """(studies, arms) int verdicts of (studies, arms, seeds) differences of an accuracy."""
    seeds = differences.shape[-1]
    mean, error = _estimates(differences, resolution)
    t = mean / error
    skew = _leaning(differences)[:, None]
    far = _far(differences)
    p = np.maximum(_p(t, seeds), np.where(skew * t < 0, _skewed_p(t, seeds, skew), 0))
    p = np.where(far, 1.0, p)
    adjusted = _holm(p)
    reach = special.stdtrit(seeds - 1, 1 - level_of_arm(alpha, mean.shape[1])) * error
    same = (np.abs(mean) + reach < margin) & ~far & (skew == 0)
    told = np.where(adjusted <= alpha, np.sign(mean), np.where(same, SAME, UNKNOWN))
    return told.astype(int)


def decide_first(differences, *, alpha=0.05, resolution=0.0):
    """The same by the rule of the first versions: t tests with Holm, and sign flips from 6 on."""
    seeds = differences.shape[-1]
    mean, error = _estimates(differences, resolution)
    told = _holm(_p(mean / error, seeds)) <= alpha
    if 6 <= seeds <= 14:
        told &= _flips_agree(differences, told, alpha)
    return (told * np.sign(mean)).astype(int)


def _estimates(differences, resolution):
    seeds = differences.shape[-1]
    spread = np.maximum(differences.std(axis=-1, ddof=1), resolution / np.sqrt(6))
    return differences.mean(axis=-1), np.maximum(spread, 1e-15) / np.sqrt(seeds)


def _p(t, seeds):
    return 2 * special.stdtr(seeds - 1, -np.abs(t))


def _holm(p):
    arms = p.shape[1]
    order = np.argsort(p, axis=1, kind="stable")
    ranked = np.maximum.accumulate(np.take_along_axis(p, order, 1) * np.arange(arms, 0, -1), axis=1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(ranked, 1), 1)
    return adjusted


def _leaning(differences):
    studies, arms, seeds = differences.shape
    if arms < 2 or seeds < 5:
        return np.zeros(studies)
    rest = differences - differences.mean(axis=-1, keepdims=True)
    spread = np.sqrt((rest**2).sum(axis=-1, keepdims=True) / (seeds - 1))
    scaled = rest / np.where(spread > 0, spread, 1)
    skews = (scaled**3).sum(axis=-1) * seeds / ((seeds - 1) * (seeds - 2))
    alike = np.einsum("sai,sbi->sab", scaled, scaled) / (seeds - 1)
    shared = (np.clip(alike, 0, 1) ** 3).mean(axis=(1, 2))
    variance = 6 * seeds * (seeds - 1) / ((seeds - 2) * (seeds + 1) * (seeds + 3)) * shared
    skew = skews.mean(axis=1)
    leans = (np.abs(skew) > LEANS * np.sqrt(variance)) & (spread > 0).all(axis=(1, 2))
    return np.where(leans, np.clip(skew, -2, 2), 0.0)


def _skewed_p(t, seeds, skew):
    size = t / np.sqrt(seeds)
    adjusted = np.sqrt(seeds) * (
        size + skew / 3 * size**2 + skew**2 / 27 * size**3 + skew / (6 * seeds)
    )
    return np.where(adjusted * t <= 0, 1.0, _p(adjusted, seeds))


def _far(differences):
    off = np.abs(differences - np.median(differences, axis=-1, keepdims=True))
    scale = 14.826 * np.median(off, axis=(1, 2))
    return (off > np.maximum(scale, FAR)[:, None, None]).any(axis=-1)


def _flips_agree(differences, told, alpha):
    """Only where it matters: the test is slow."""
    agree = np.zeros_like(told)
    seeds = differences.shape[-1]
    signs = 1.0 - 2.0 * (np.arange(2**seeds)[:, None] >> np.arange(seeds) & 1)
    for study, arm in np.argwhere(told):
        sums = np.abs(signs @ differences[study, arm])
        observed = abs(differences[study, arm].sum()) - 1e-12
        agree[study, arm] = np.mean(sums >= observed) <= alpha
    return agree
