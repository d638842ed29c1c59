"""The rules of `cnnlab.study.verdicts` on many studies at once, for simulations.

`test_vectorized.py` holds both together. Also the rule of the first versions, to compare with.
"""

import numpy as np
from scipy import special

from cnnlab.study.chance.anchored import largest_level, most_seeds, seeds_share
from cnnlab.study.chance.equivalence import level_of_arm
from cnnlab.study.chance.guards import LEANS
from cnnlab.study.chance.watching import PRECISION
from cnnlab.study.verdicts import METRICS

HELPS, HURTS, SAME, UNKNOWN = 1, -1, 2, 0
FAR = 5 * METRICS["val_accuracy"].small / 100
MARGIN = 0.02


def decide(differences, *, alpha=0.05, resolution=0.0, margin=MARGIN, flips=None):
    """(studies, arms) int verdicts of (studies, arms, seeds) differences of an accuracy.

    Args:
        differences: arm minus reference.
        alpha: accepted chance of any false claim of a study.
        resolution: see `paired_estimate`.
        margin: differences up to it don't matter.
        flips: (studies, arms) from `flips` where arms are judged together, else None.
    """
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
    claimed = adjusted <= alpha
    if flips is not None and seeds <= most_seeds(mean.shape[1]):
        together = ~far.any(axis=1) & (skew[:, 0] == 0) & ~_differ(error**2 / flips, seeds - 1)
        claimed = np.where(together[:, None], _together(mean, error, flips, seeds, alpha), claimed)
    told = np.where(claimed, np.sign(mean), np.where(same, SAME, UNKNOWN))
    return told.astype(int)


def _together(mean, error, flips, seeds, alpha):
    """(studies, arms) bool, what `anchored` claims."""
    arms = mean.shape[1]
    df = arms * (seeds - 1) / (1 + (arms - 1) / 4)
    ratio = (error**2 / flips).mean(axis=1, keepdims=True)
    statistics = np.abs(mean) / np.sqrt(ratio * flips)
    needed = [
        -special.stdtrit(df, largest_level(alpha, left, df) / 2) for left in range(arms, 0, -1)
    ]
    order = np.argsort(-statistics, axis=1)
    passed = np.take_along_axis(statistics, order, 1) >= needed
    claimed = np.empty_like(passed)
    np.put_along_axis(claimed, order, np.logical_and.accumulate(passed, axis=1), 1)
    return claimed & (_p(mean / error, seeds) <= alpha * seeds_share(seeds))


def _differ(ratios, df):
    arms = ratios.shape[1]
    found = df * arms * np.log(ratios.mean(axis=1)) - df * np.log(ratios).sum(axis=1)
    return special.chdtrc(arms - 1, found / (1 + (arms + 1) / (3 * arms * df))) < 0.01


def decide_watched(differences, *, alpha=0.05):
    """What a study that is watched claims now: HELPS, HURTS or UNKNOWN, without any guard."""
    seeds = differences.shape[-1]
    mean, error = _estimates(differences, 0.0)
    square, share = (mean / error) ** 2 / (seeds - 1), PRECISION / (PRECISION + seeds)
    log_e = np.log(share) / 2 + seeds / 2 * (np.log1p(square) - np.log1p(share * square))
    return ((_holm(np.minimum(np.exp(-log_e), 1)) <= alpha) * np.sign(mean)).astype(int)


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
