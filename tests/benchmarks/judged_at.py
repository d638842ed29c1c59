"""Where in its training a run should be judged: false claims and power of each rule, simulated.

    python tests/benchmarks/judged_at.py [STUDIES] [SIZES] [--smoke]

Runs are simulated image by image: 100 validation images, 30 epochs, an accuracy that rises and
jumps from epoch to epoch. A jump is true of all images (both halves that cross-fitting makes share
it) or luck of each image. Prints, for two arms:

- false claims: both arms are equally good in every epoch but for their jumps (.04 against .005), or
  the arm overfits: it is better early and worse late, with equal means where it is judged;
- power: the arm is two points better, both jump alike;
- early stopping: both arms are equally good, one of them ends once what it watches no longer
  improves: its last epochs are low because it ended there. What is left of the rule is how far.

`--smoke` takes ten studies of the smallest size.
"""

import itertools
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.study.measures.judged_epochs import judged_images, needed_epochs
from tests.benchmarks.options import read_options
from tests.study.made_studies import IMAGES
from tests.study.vectorized import HELPS, HURTS, decide

RULES = ("last", "mean_last", "cross_fitted", "best")
SEEDS = (3, 5, 8, 12)
EPOCHS, LAST = 30, 3
QUIET, JUMPY = 0.005, 0.04
SEED_SD, OF_IMAGE = 0.01, 0.3


def run(rng, level, jumps, hardness):
    """(epochs, images) right or wrong, and losses of one run.

    Args:
        rng: source of its luck.
        level: (epochs,) accuracy that it would have without jumps.
        jumps: standard deviation of what an epoch has more or less on all images.
        hardness: (images,) what each image has more or less in all runs.
    """
    epoch = level + SEED_SD * rng.standard_normal() + jumps * rng.standard_normal(len(level))
    # An image stays right or wrong through the epochs but for a few near the boundary.
    own = 0.7 * rng.random(IMAGES) + 0.3 * rng.random((len(level), IMAGES))
    rate = np.clip(epoch[:, None] + hardness, 0, 1)
    right = own < rate
    return right, np.where(right, 0.2, 2.0)


def judged_accuracies(rng, seeds, levels, jumps):
    """{rule: (2, seeds)} accuracies of a study of two arms."""
    hardness = OF_IMAGE * (rng.random(IMAGES) - 0.5)
    found = {rule: np.empty((2, seeds)) for rule in RULES}
    for arm in range(2):
        for seed in range(seeds):
            right, losses = run(rng, levels[arm], jumps[arm], hardness)
            best = int(right.sum(axis=1).argmax())
            for rule in RULES:
                where = list(needed_epochs(rule, len(right), last=LAST, best=best))
                judged = judged_images(rule, right[where], losses[where])
                found[rule][arm, seed] = judged.accuracy.mean()
    return found


def claims(seeds, studies, levels, jumps):
    """{rule: shares of studies in which the second arm helps, and hurts}."""
    rng = np.random.default_rng(seeds)
    drawn = [judged_accuracies(rng, seeds, levels, jumps) for _ in range(studies)]
    shares = {}
    for rule in RULES:
        values = np.stack([study[rule] for study in drawn])
        told = decide(values[:, 1:] - values[:, :1], resolution=1 / IMAGES)[:, 0]
        shares[rule] = ((told == HELPS).mean(), (told == HURTS).mean())
    return shares


def rising(end):
    """(epochs,) that come near `end`."""
    return end - 0.4 * np.exp(-np.arange(EPOCHS) / 4)


def overfitting(end):
    """(epochs,) that are best early and come back to `end` at the last."""
    return rising(end + 0.03) - 0.03 * np.maximum(np.arange(EPOCHS) - 12, 0) / (EPOCHS - 13)


CASES = {
    "jumps .04 against .005": ((rising(0.75), rising(0.75)), (QUIET, JUMPY)),
    "both jump by .04": ((rising(0.75), rising(0.75)), (JUMPY, JUMPY)),
    "two points better, jumps .005": ((rising(0.74), rising(0.76)), (QUIET, QUIET)),
    "two points better, jumps .02": ((rising(0.74), rising(0.76)), (0.02, 0.02)),
    "four points better, jumps .04": ((rising(0.73), rising(0.77)), (JUMPY, JUMPY)),
    "overfits after epoch 12": ((rising(0.75), overfitting(0.75)), (QUIET, QUIET)),
}
"""Levels and jumps of the two arms."""


def stopped_early(seeds, studies, patience, alike, jumps=0.02):
    """How an arm that stops early is judged by the mean of its last epochs, at its true level.

    Args:
        seeds: of each study.
        studies: how many.
        patience: epochs without improvement that are waited for.
        alike: correlation of the jumps of what is watched with those of what is judged: 1 where it
            is the same metric.
        jumps: standard deviation of an epoch.

    Returns:
        By how much it is judged too low, as a fraction, and the share of false claims.
    """
    rng = np.random.default_rng([seeds, patience])
    shape = (studies, 2, seeds, EPOCHS)
    judged = jumps * rng.standard_normal(shape)
    watched = alike * judged + jumps * np.sqrt(1 - alike**2) * rng.standard_normal(shape)
    ends = ended_at(watched, patience)
    ends[:, 0] = EPOCHS  # the reference trains to the end
    last = np.arange(EPOCHS)
    counted = (last < ends[..., None]) & (last >= ends[..., None] - LAST)
    values = (judged * counted).sum(axis=-1) / LAST + SEED_SD * rng.standard_normal(shape[:3])
    told = decide(values[:, 1:] - values[:, :1], resolution=1 / IMAGES)[:, 0]
    return float(-(values[:, 1] - values[:, 0]).mean()), float(np.isin(told, (HELPS, HURTS)).mean())


def ended_at(watched, patience):
    """Epochs of each run that ends after so many without a new best, as `stops_early` has it."""
    best = np.maximum.accumulate(watched, axis=-1)
    is_new = watched == best
    epochs = np.arange(watched.shape[-1])
    newest = np.maximum.accumulate(np.where(is_new, epochs, 0), axis=-1)
    waited = epochs - newest >= patience
    return np.where(waited.any(axis=-1), waited.argmax(axis=-1) + 1, watched.shape[-1])


def main(studies: int, sizes: int) -> None:
    """Print the table."""
    print(f"{studies} studies each. Helps / hurts in percent.")
    for name, (levels, jumps) in CASES.items():
        print(f"\n{name}\n{'':14}" + "".join(f"{rule:>16}" for rule in RULES))
        for seeds in SEEDS[:sizes]:
            shares = claims(seeds, studies, levels, jumps)
            cells = "".join(
                f"{f'{100 * helps:.1f} / {100 * hurts:.1f}':>16}"
                for helps, hurts in shares.values()
            )
            print(f"{seeds:>8} seeds{cells}", flush=True)
    print("\nStops early, equally good: points judged too low, false claims in percent")
    print(" " * 34 + "".join(f"{f'{seeds} seeds':>14}" for seeds in SEEDS[:sizes]))
    for alike, patience in itertools.product((1.0, 0.5), (3, 5, 10)):
        name = f"patience {patience}, watched / judged {alike:g}"
        found = [stopped_early(seeds, 5 * studies, patience, alike) for seeds in SEEDS[:sizes]]
        cells = "".join(f"{f'{100 * low:.2f}: {100 * wrong:.1f}':>14}" for low, wrong in found)
        print(f"{name:34}{cells}", flush=True)


if __name__ == "__main__":
    main(*read_options(__doc__, studies=(1_000, 10), sizes=(len(SEEDS), 1)))
