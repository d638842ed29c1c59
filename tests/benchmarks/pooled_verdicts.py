"""Studies drawn from pools of real runs: false claims where truth is equal, effects found."""

import json
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.tables import print_table
from tests.study.vectorized import HELPS, HURTS, decide

SEEDS = (3, 5, 8)
EFFECTS = (1.0, 2.0, 3.0)


@dataclass(frozen=True)
class Pool:
    """Runs of one dataset: every arm with every seed.

    Attributes:
        arms: the reference first.
        right: (arms, seeds, images) float, share of the judged epochs in which it was told rightly.
    """

    arms: tuple[str, ...]
    right: np.ndarray

    @property
    def differences(self):
        """(arms - 1, seeds, images) from the reference."""
        return self.right[1:] - self.right[:1]


def read_pools(path):
    """{dataset: pool} of a file of `study_pools.py`; seeds that an arm lacks are left out."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {name: _pool([row for row in rows if row["set"] == name]) for name in _names(rows)}


def _names(rows):
    return dict.fromkeys(row["set"] for row in rows)


def _pool(rows):
    arms = tuple(dict.fromkeys(row["arm"] for row in rows))
    found = {(row["arm"], row["seed"]): row for row in rows}
    seeds = [
        seed
        for seed in sorted({row["seed"] for row in rows})
        if all((arm, seed) in found for arm in arms)
    ]
    right = [
        [np.array(found[arm, seed]["right"]) / found[arm, seed]["judged_epochs"] for seed in seeds]
        for arm in arms
    ]
    return Pool(arms, np.array(right))


def ratios(pool):
    """By arm, how many times as much it wavers as it would if images flipped independently."""
    images = pool.differences.shape[-1]
    flipped = pool.differences.var(axis=1, ddof=1).sum(axis=-1) / images**2
    return pool.differences.mean(axis=-1).var(axis=1, ddof=1) / flipped


def drawn(pool, rng, studies, arms, seeds):
    """Studies with equal truth: (studies, arms - 1, seeds) differences, their flips.

    Seeds are drawn without one coming twice in a study; arms of a study are those of the pool, or
    some of them. Each arm's mean over all its seeds is taken away.
    """
    of_runs = pool.differences.mean(axis=-1)
    centred = of_runs - of_runs.mean(axis=1, keepdims=True)
    images = pool.differences.shape[-1]
    differences = np.empty((studies, arms - 1, seeds))
    flips = np.empty((studies, arms - 1))
    for study in range(studies):
        chosen = rng.permutation(len(pool.arms) - 1)[: arms - 1]
        some = rng.permutation(of_runs.shape[1])[:seeds]
        differences[study] = centred[np.ix_(chosen, some)]
        on_images = pool.differences[np.ix_(chosen, some)]
        flips[study] = on_images.var(axis=1, ddof=1).sum(axis=-1) / images**2
    return differences, flips


def print_pool(path, studies):
    """Tables of every dataset in a file."""
    for name, pool in read_pools(path).items():
        runs = pool.right.shape[1]
        print(f"\n{name}: {runs} seeds, {pool.right.shape[2]} validation images")
        told = zip(pool.arms[1:], ratios(pool), strict=True)
        print("Wavers, by independent images: " + ", ".join(f"{arm} {x:.2f}" for arm, x in told))
        rng = np.random.default_rng(len(pool.arms))
        sizes = [arms for arms in (2, 3, 5) if arms <= len(pool.arms)]
        columns = [f"{seeds} seeds" for seeds in SEEDS if seeds <= runs]
        cells = {
            arms: [_cell(pool, rng, studies, arms, seeds) for seeds in SEEDS if seeds <= runs]
            for arms in sizes
        }
        rows = ((f"{arms} arms", [one[0] for one in cells[arms]]) for arms in sizes)
        print_table("False claims in percent: together / alone", columns, rows)
        rows = (
            (f"{arms} arms, {effect:g} paired sd", [one[1][number] for one in cells[arms]])
            for arms in sizes
            for number, effect in enumerate(EFFECTS)
        )
        print_table("Found in percent: together / alone", columns, rows)


def _cell(pool, rng, studies, arms, seeds):
    """False claims, and by effect what is found of it in the first arm; as text."""
    differences, flips = drawn(pool, rng, studies, arms, seeds)
    resolution = 1 / pool.right.shape[2]
    both = [{"flips": flips}, {}]
    told = [decide(differences, resolution=resolution, **options) for options in both]
    false = [np.isin(found, (HELPS, HURTS)).any(axis=1).mean() for found in told]
    size = differences.std(axis=(0, 2), ddof=1).mean()
    found = []
    for effect in EFFECTS:
        moved = differences.copy()
        moved[:, 0] += effect * size
        told = [decide(moved, resolution=resolution, **options) for options in both]
        found.append(_shares([(one[:, 0] == HELPS).mean() for one in told]))
    return _shares(false), found


def _shares(values):
    return " / ".join(f"{100 * value:.1f}" for value in values)
