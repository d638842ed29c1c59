"""What counts of a lesson's study, seed by seed, and what the seeds say of its claim."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cnnlab.domain.run import Run, Status
from cnnlab.domain.words import counted, points, points_interval
from cnnlab.lab.study.designs import training_images
from cnnlab.lab.study.view import StudyView
from cnnlab.study.chance.claims import JudgedClaim, Outcome, judge_claim

BySeed = Mapping[int, float]


def differences(arm: BySeed, reference: BySeed) -> dict[int, float]:
    """Arm minus reference, for each seed that both have."""
    return {seed: arm[seed] - reference[seed] for seed in sorted(arm.keys() & reference.keys())}


def judged(
    values: BySeed,
    view: StudyView,
    *,
    matters: float,
    never_far: float,
    **options: Any,  # noqa: ANN401
) -> JudgedClaim:
    """What the seeds say of a claim, at the level that this look at the study allows.

    Nothing where the number isn't known of each seed: those that are left may be the lucky ones.

    Args:
        values: by seed; above zero speaks for the claim.
        view: of the study.
        matters: see `judge_claim`, as for the others.
        never_far: likewise.
        options: likewise.
    """
    found = judge_claim(
        list(values.values()), alpha=view.alpha, matters=matters, never_far=never_far, **options
    )
    wanted = len(view.study.seeds)
    if found.seeds == wanted or found.why_not:
        return found
    why_not = (
        f"only {found.seeds} of {counted(wanted, 'pair')} of networks could be measured, and the "
        "others may be the lucky ones"
    )
    return replace(found, outcome=Outcome.CANNOT_TELL, is_small=False, why_not=why_not)


def borne_out(claim: JudgedClaim, matters: float, *, above: str, within: str, below: str) -> str:
    """Which expectation the interval of a claim bears out; empty where it is none of them.

    Args:
        claim: that a number is above zero.
        matters: up to it, on either side of zero, the number is none that matters.
        above: the expectation that the claim holds.
        within: that the number is about zero.
        below: that it is less.
    """
    if claim.outcome is Outcome.HOLDS:
        return above
    if claim.outcome is Outcome.CANNOT_TELL or claim.low is None or claim.high is None:
        return ""
    if claim.high < 0:
        return below
    return within if claim.low > -matters else ""


def mean(values: BySeed) -> float:
    """Over the seeds, of which there is one at least."""
    return sum(values.values()) / len(values)


def points_between(claim: JudgedClaim) -> str:
    """A difference of shares with its interval: '3.1 points (1.2 to 5.0)'.

    Where the interval holds zero, neither is a size: '+1.1 points (−0.4 to +2.6)'.
    """
    if claim.mean is None or claim.low is None or claim.high is None:
        return "an unknown difference"
    if claim.low < 0 < claim.high:
        return f"{points(claim.mean, signed=True)} ({points_interval(claim.low, claim.high)})"
    near, far = sorted((abs(claim.low), abs(claim.high)))
    return f"{points(abs(claim.mean))} ({100 * near:.1f} to {100 * far:.1f})"


def doubts(claim: JudgedClaim) -> tuple[str, ...]:
    """Why nothing is told although there is an interval, in a sentence; none where that decides."""
    return (f"Nothing is told: {claim.why_not}.",) if claim.why_not else ()


def guessing_nats(view: StudyView) -> float:
    """Cross-entropy of guessing by how frequent the classes are in training."""
    config = view.study.config(view.study.reference, 0)
    most = config.split.images_per_class
    counts = [min(count, most or count) for count in training_images(config) if count]
    return -sum(count / sum(counts) * math.log(count / sum(counts)) for count in counts)


def is_broken(run: Run) -> bool:
    """Whether a run failed because its loss was no longer a finite number."""
    return run.status is Status.FAILED and "finite" in (run.message or "")
