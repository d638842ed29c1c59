"""How often verdicts are wrong, and how often they find an effect: simulated studies.

    python tests/benchmarks/verdicts.py [studies]

Prints, for five arms on 100 validation images (see tests/study/made_studies.py):

- the share of studies without any true effect that claim something all the same (promise: 5 %),
- the same where the promise isn't given: one arm with the same mean but a lopsided spread, and
  looking again and again while seeds are added,
- the share of true effects that are found, by their size in standard errors of the mean paired
  difference, alone with the reference and among five arms.
"""

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.study.statistics import alpha_of_look
from tests.benchmarks.options import read_options
from tests.study.made_studies import (
    ARMS,
    IMAGES,
    NO_EFFECT,
    RATE,
    SEED_SD,
    counted,
    false_claim_rate,
    independent,
    is_claim,
    judged,
)

SEEDS = (3, 5, 8, 12)
EFFECTS = (1, 2, 3, 4, 6)
ALPHA = 0.05
LOOKS = range(3, 13)
MOST_SEEDS = 30


def lopsided(rng, shape):
    """Three arms like the reference; one is a little better but collapses in one run of ten."""
    rates = np.full(shape, RATE)
    fallen = rng.random(shape[1]) < 0.1
    rates[1] = np.where(fallen, RATE - 0.45, RATE + 0.05)
    return counted(rng, rates)


def looked_at_each_seed(rng) -> bool:
    """Whether a study without effect ever claims anything while it grows from 3 to 12 seeds."""
    accuracies = independent(rng, (ARMS, LOOKS[-1]))
    return any(any(map(is_claim, judged(accuracies[:, :seeds]))) for seeds in LOOKS)


def followed_advice(rng, rounds: int, alpha_of) -> bool:
    """Whether a study without effect claims anything when `more_seeds` is obeyed so many times.

    Args:
        rng: source of the accuracies.
        rounds: how often seeds are added at most.
        alpha_of: alpha by the number of the look, from 1.
    """
    accuracies, seeds = independent(rng, (ARMS, MOST_SEEDS)), 3
    for look in range(1, rounds + 2):
        found = judged(accuracies[:, :seeds], alpha_of(look))
        if any(map(is_claim, found)):
            return True
        wanted = [comparison.more_seeds for comparison in found if comparison.more_seeds]
        if not wanted or seeds == MOST_SEEDS:
            return False
        seeds = min(MOST_SEEDS, seeds + min(wanted))
    return False


def found_rate(arms: int, seeds: int, effect: float, studies: int) -> tuple[float, float]:
    """Shares in which the better arm is said to help, and to hurt."""
    rng = np.random.default_rng(seeds)
    deviation = math.sqrt(2 * (SEED_SD**2 + RATE * (1 - RATE) / IMAGES))
    shift = effect * deviation / math.sqrt(seeds)
    lower = RATE - shift / 2
    verdicts = []
    for _ in range(studies):
        rates = lower + SEED_SD * rng.standard_normal((arms, seeds))
        rates[1] += shift
        verdicts.append(judged(counted(rng, rates))[0].verdict)
    return verdicts.count("helps") / studies, verdicts.count("hurts") / studies


def main(studies: int) -> None:
    """Print the tables."""
    error = math.sqrt(0.05 * 0.95 / studies)
    print(f"{studies} studies each; standard error at 5 %: {error:.2%}")
    print("\nFalse claims, no true effect" + "".join(f"{seeds:>5} seeds" for seeds in SEEDS))
    for name, draw in (NO_EFFECT | {"(lopsided)": lopsided}).items():
        rates = (false_claim_rate(draw, seeds, studies) for seeds in SEEDS)
        print(f"{name:28}" + "".join(f"{rate:11.2%}" for rate in rates), flush=True)
    print("\nFalse claims of studies that are looked at more than once")
    rng, repeated = np.random.default_rng(0), range(studies // 4)
    each = sum(looked_at_each_seed(rng) for _ in repeated) / len(repeated)
    print(f"after each of 3..12 seeds: {each:.2%}", flush=True)
    for rounds in (1, 2, 5):
        plain, spent = (
            sum(followed_advice(rng, rounds, alpha_of) for _ in repeated) / len(repeated)
            for alpha_of in (lambda look: ALPHA, lambda look: alpha_of_look(look, ALPHA))
        )
        print(f"seeds added as advised, {rounds} times: {plain:.2%}, with spent alpha {spent:.2%}")
    for arms in (2, ARMS):
        print(f"\nEffects found, {arms} arms" + "".join(f"{effect:>5} s.e." for effect in EFFECTS))
        for seeds in SEEDS:
            rates = [found_rate(arms, seeds, effect, studies // 4) for effect in EFFECTS]
            cells = "".join(f"{found:10.1%}" for found, _ in rates)
            print(f"{seeds:4} seeds              {cells}", flush=True)


if __name__ == "__main__":
    main(*read_options(__doc__, studies=20_000))
