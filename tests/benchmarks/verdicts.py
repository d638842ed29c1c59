"""How often verdicts are wrong, and how often they find an effect: simulated studies, real runs.

    python tests/benchmarks/verdicts.py [--studies N] [POOL.jsonl ...] [--smoke]

Prints, for 2 to 8 arms and 3 to 20 seeds, arms judged together (now) beside each alone and the rule
of the first versions:

- the share of studies without any true effect that claim one (promise: 5 %), by the kind of spread;
- all false claims together where some arms differ, some by the margin, some not at all;
- the share of true effects found, beside that of an oracle that knows the standard deviation;
- how often an arm without any effect is told to make no difference;
- what further looks cost, and how often a study that is watched ever claims;
- how often 'N more seeds' is said, and how often the next look tells;
- how often the intervals hold the truth about these images and about new ones.

Or, given pools of real runs (`study_pools.py`), the same of studies drawn from these. `--smoke`
simulates a few studies, and draws some from a made pool.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.study.chance.looks import ALPHA, FURTHER
from tests.benchmarks.options import option_parser
from tests.benchmarks.pooled_verdicts import print_pool
from tests.benchmarks.simulated_verdicts import (
    advice,
    coverage,
    false_claims,
    followed_advice,
    kind_of,
    looked_again,
    mixed_false_claims,
    power,
    told_alike,
    watched_claims,
)
from tests.benchmarks.tables import print_table
from tests.study.made_truths import KINDS, hidden_collapses
from tests.study.vectorized import decide, decide_first

SEEDS = (3, 5, 6, 8, 12, 20)
ARMS = (2, 3, 5, 8)


def main() -> None:
    """Print the tables."""
    given = _options()
    if given.smoke:
        smoke()
        return
    for pool in given.pools:
        print_pool(pool, given.studies)
    if not given.pools:
        print_simulated(given.studies)


def smoke() -> None:
    """All of it, as small as it can be."""
    rng = np.random.default_rng(0)
    rows = [
        {"set": "made", "arm": arm, "seed": seed, "judged_epochs": 1,
         "right": rng.integers(0, 2, 30).tolist()}
        for arm in "abc" for seed in range(4)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        pool = Path(folder) / "pool.jsonl"
        pool.write_text("\n".join(map(json.dumps, rows)))
        print_pool(pool, 5)
    print_simulated(20)


def _options() -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("pools", nargs="*", type=Path, metavar="POOL", help="instead of drawn ones")
    parser.add_argument("--studies", type=int, default=20_000)
    return parser.parse_args()


def print_simulated(studies: int) -> None:
    """The tables of simulated studies."""
    error = np.sqrt(0.05 * 0.95 / studies)
    print(f"{studies} studies each; standard error at 5 %: {error:.2%}. Together / alone / first.")
    columns = [f"{seeds} seeds" for seeds in SEEDS]
    every = {name: kind_of(name) for name in KINDS} | {"(hidden collapses)": hidden_collapses}
    for arms in ARMS:
        rows = (
            (
                name,
                [
                    " / ".join(
                        f"{100 * found:.1f}"
                        for found in (
                            false_claims(draw, arms, seeds, studies, together=True),
                            false_claims(draw, arms, seeds, studies, decide),
                            false_claims(draw, arms, seeds, studies, decide_first),
                        )
                    )
                    for seeds in SEEDS
                ],
            )
            for name, draw in every.items()
        )
        print_table(f"False claims in percent, {arms} arms", columns, rows)
    rows = (
        (
            f"{arms} arms",
            [
                " / ".join(
                    f"{100 * mixed_false_claims(arms, seeds, studies, together=together):.2f}"
                    for together in (True, False)
                )
                for seeds in SEEDS
            ],
        )
        for arms in ARMS
    )
    print_table("All false claims together, true differences mixed, worst of 16", columns, rows)
    for arms in (2, 3, 5, 8):
        rows = (
            (
                f"{effect} paired sd",
                [
                    " / ".join(
                        f"{100 * found:.0f}" for found in power(arms, seeds, effect, studies)
                    )
                    for seeds in SEEDS
                ],
            )
            for effect in (0.5, 0.8, 1.2, 2.0)
        )
        print_table(
            f"Found in percent, {arms} arms: oracle / together / alone / first", columns, rows
        )
    rows = (
        (f"paired sd {noise}", [f"{told_alike(seeds, studies, noise):.1%}" for seeds in SEEDS])
        for noise in (0.005, 0.01, 0.02)
    )
    print_table("No effect, and told so (margin .02)", columns, rows)
    print(f"\nAlpha: planned look {ALPHA:.2%}, all others together {FURTHER:.2%}")
    for watches in (False, True):
        rates = (looked_again(3, last, studies, watches=watches) for last in (5, 8, 12))
        how = "where the means look best" if watches else "after 3 seeds"
        print(
            f"Stopped {how}, looked at, finished with 5 / 8 / 12 seeds, looked at again: "
            + " / ".join(f"{rate:.2%}" for rate in rates)
        )
    print("\nWatched, looked at after every seed from 3 to 20: ever claimed in percent")
    for arms in ARMS:
        for effect in (0, 0.8, 1.2, 2.0):
            ever = [watched_claims(arms, last, studies // 4, effect) for last in (5, 8, 12, 20)]
            shown = " / ".join(f"{100 * share:.1f}" for share in ever)
            print(f"{arms} arms, {effect} paired sd, by 5 / 8 / 12 / 20 seeds: {shown}", flush=True)
        naive = watched_claims(arms, 20, studies // 4, naive=True)
        print(f"{arms} arms, no effect, the t test by 20 seeds: {100 * naive:.1f}", flush=True)
    for rounds in (1, 3):
        rate, _, _ = followed_advice(studies // 10, rounds)
        print(f"Seeds added as advised, {rounds} times: {rate:.2%}")
    for arms in (2, 5):
        rows = (
            (
                f"{effect} paired sd",
                [
                    "{:.0%}: {:.0%}".format(*advice(arms, seeds, effect, studies // 10))
                    for seeds in SEEDS[:4]
                ],
            )
            for effect in (0, 0.3, 0.5, 0.8, 1.2, 2.0)
        )
        print_table(f"More seeds said, and then told, {arms} arms", columns[:4], rows)
    rows = (
        (
            f"{images} images, gains ± {of_image}",
            [
                "{:.0%} / {:.0%}".format(*coverage(seeds, images, studies // 20, of_image=of_image))
                for seeds in SEEDS
            ],
        )
        for images in (50, 100, 400)
        for of_image in (0.0, 0.1, 0.3)
    )
    print_table("Truth about new images held: by seeds alone / two-way", columns, rows)


if __name__ == "__main__":
    main()
