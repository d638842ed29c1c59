"""What arms measured beside their curves, each as one plain sentence.

These sentences describe; only the study's verdicts are claims. Where many numbers are looked
through for the largest difference, the sentence says whether it may be chance.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnlab.domain.words import capitalized, listed, percent, points
from cnnlab.study.chance.paired import FEWEST_PAIRS, paired_interval
from cnnlab.study.measures.bands import Band, Histories, band
from cnnlab.study.measures.measured import (
    Calibration,
    Evaluations,
    Strength,
    calibration_of,
    layer_histories,
    memorization_histories,
    robustness_of,
)

ALPHA = 0.05
_WELL_CALIBRATED = 0.01
_SEVERAL = ("were", "they are", "they have")
_ROOM = 0.5
"""An arm below this share of what the reference is above guessing has too little to lose."""
_AT = {
    "rotation": "At {} rotation",
    "shift": "At a shift of {}",
    "brightness": "At {} brighter or darker",
    "blur": "At a blur of {}",
    "noise": "At noise of {}",
}


def robustness_words(
    evaluations: Mapping[str, Evaluations], arm: str, reference: str
) -> str | None:
    """Where an arm differs most from the reference on distorted images.

    What an arm loses to a distortion is compared, not what is left: an arm that is better on the
    images as they are stands distortions no better for that. The kind of distortion with the
    largest mean difference is told, at the strength where it is largest. Whether it may be chance
    is judged over that kind's strengths, at alpha divided by the number of kinds that were looked
    through (Bonferroni).

    Args:
        evaluations: by arm and seed.
        arm: to speak of.
        reference: to compare it with.

    Returns:
        Such as 'At 20° rotation augmentation goes from 93 % to 81 % (baseline from 91 % to 64 %).';
        None where they share no seed that measured it.
    """
    found = _largest(evaluations, arm, reference, ALPHA)
    return None if found is None else f"{found.words}{found.chance}."


def robustness_finding(
    evaluations: Mapping[str, Evaluations], arms: Sequence[str], reference: str
) -> str | None:
    """The one difference on distorted images that is to be told, of all arms.

    Args:
        evaluations: by arm and seed.
        arms: that are compared; each may be the one by luck, so they share the level.
        reference: to compare them with.

    Returns:
        Such as 'The largest difference that chance doesn't explain: at 20° rotation augmentation
        goes from 93 % to 81 % (baseline from 91 % to 64 %).'; None where nothing can be compared.
        An arm that guesses on the images as they are can't lose much: it is left out, and named.
    """
    each = {arm: _largest(evaluations, arm, reference, ALPHA / len(arms)) for arm in arms}
    little = [arm for arm, one in each.items() if one is not None and not one.has_room]
    found = [one for one in each.values() if one is not None and one.has_room]
    was, it_is, has = ("was", "it is", "it has") if len(little) == 1 else _SEVERAL
    left_out = (
        f" {capitalized(listed(little))} {was} left out: undistorted {it_is} less than half as far "
        f"above guessing as {reference}, so {has} less to lose."
        if little
        else ""
    )
    if not found:
        return left_out.strip() or None
    shown = [one for one in found if not one.chance]
    best = max(shown or found, key=lambda one: one.size)
    words = best.words[0].lower() + best.words[1:]
    if shown:
        return f"The largest difference that chance doesn't explain: {words}.{left_out}"
    return (
        f"No arm is shown to stand distortions better or worse than {reference}. The largest "
        f"difference: {words}{best.chance}.{left_out}"
    )


@dataclass(frozen=True)
class _Largest:
    """Where an arm differs most from the reference; `chance` is empty where it can't explain it.

    `has_room` says whether both have about as much to lose.
    """

    words: str
    size: float
    chance: str
    has_room: bool


def _largest(
    evaluations: Mapping[str, Evaluations], arm: str, reference: str, alpha: float
) -> _Largest | None:
    of_arm, of_reference = robustness_of(evaluations[arm]), robustness_of(evaluations[reference])
    by_kind = {kind: _pairs(rows, of_reference.get(kind, [])) for kind, rows in of_arm.items()}
    by_kind = {kind: pairs for kind, pairs in by_kind.items() if _over_strengths(pairs)}
    if not by_kind:
        return None
    pairs = max(by_kind.values(), key=lambda pairs: abs(_mean(_over_strengths(pairs))))
    best = max(pairs, key=lambda pair: abs(_mean([*pair.differences.values()])))
    at = best.ours[1]
    where = _AT.get(at.distortion, f"At {at.distortion} of {{}}").format(at.shown)
    images = min(
        evaluation.get("robustness_images") or 0 for evaluation in evaluations[arm].values()
    )
    resolution = 1 / images if images else 0.0
    chance = _chance_words(_over_strengths(pairs), alpha / len(by_kind), resolution)
    words = (
        f"{where} {arm} goes {_from_to(best.ours, best.seeds)} "
        f"({reference} {_from_to(best.theirs, best.seeds)})"
    )
    guessing = _guessing(evaluations[reference])
    ours, theirs = (_mean([*of[0].values.values()]) - guessing for of in (best.ours, best.theirs))
    size = abs(_mean([*best.differences.values()]))
    return _Largest(words, size, chance, ours >= _ROOM * theirs)


def _guessing(evaluations: Evaluations) -> float:
    """Accuracy of always saying the commonest class, 0..1; 0 where the images aren't known."""
    matrices = [found["confusion"] for found in evaluations.values() if found.get("confusion")]
    images = [sum(row) for row in matrices[0]] if matrices else []
    return max(images) / sum(images) if sum(images) else 0.0


def calibration_words(
    evaluations: Mapping[str, Evaluations], arm: str, reference: str
) -> str | None:
    """How far an arm's confidence is off, and which way; None where it wasn't measured."""
    found, other = calibration_of(evaluations[arm]), calibration_of(evaluations[reference])
    if found is None:
        return None
    compared = ""
    if other is not None and arm != reference:
        compared = f" ({reference} {points(other.error)})"
    return (
        f"The confidence of {arm} is off by {points(found.error)} on average{compared}: "
        f"{_direction(found)}."
    )


def weights_words(
    histories: Mapping[str, Histories], layer: str, arm: str, reference: str
) -> str | None:
    """Norm and share near zero of one layer at the end; None where they weren't measured."""
    ours, theirs = (_weights_at_end(histories[name], layer) for name in (arm, reference))
    if ours is None:
        return None
    compared = ""
    if theirs is not None and arm != reference:
        compared = f" ({reference}: {_share(theirs[1])} and {theirs[0]:.3g})"
    return (
        f"{capitalized(arm)} leaves {_share(ours[1])} of the weights of {layer} near zero and a "
        f"norm of {ours[0]:.3g}{compared}."
    )


def memorization_words(histories: Mapping[str, Histories], arm: str, reference: str) -> str | None:
    """What became of the wrongly labelled images; None without label noise."""
    ours, theirs = (_memorization_at_end(histories[name]) for name in (arm, reference))
    if ours is None:
        return None
    compared = ""
    if theirs is not None and arm != reference:
        compared = f" ({reference}: {_share(theirs[0])} and {_share(theirs[1])})"
    return (
        f"Of the training images with a wrong label {arm} repeats the wrong one for "
        f"{_share(ours[0])} and finds the true one for {_share(ours[1])}{compared}."
    )


@dataclass(frozen=True)
class _Pair:
    """One distortion of two arms: the images as they are, and distorted."""

    ours: tuple[Strength, Strength]
    theirs: tuple[Strength, Strength]

    @property
    def seeds(self) -> list[int]:
        """Those that measured all four."""
        return sorted(set.intersection(*(set(of.values) for of in (*self.ours, *self.theirs))))

    @property
    def differences(self) -> dict[int, float]:
        """By seed how much less the arm loses than the reference, accuracy 0..1."""
        (clean, distorted), (their_clean, their_distorted) = (
            [of.values for of in arm] for arm in (self.ours, self.theirs)
        )
        return {
            seed: distorted[seed] - clean[seed] - their_distorted[seed] + their_clean[seed]
            for seed in self.seeds
        }


def _pairs(ours: list[Strength], theirs: list[Strength]) -> list[_Pair]:
    """Equal strengths that both arms measured with a seed in common, undistorted too."""
    if not ours or not theirs or ours[0].strength or theirs[0].strength:
        return []  # without the images as they are nothing tells what was lost
    found = [
        _Pair((ours[0], mine), (theirs[0], other))
        for mine in ours[1:]
        for other in theirs[1:]
        if mine.strength == other.strength
    ]
    return [pair for pair in found if pair.seeds]


def _from_to(arm: tuple[Strength, Strength], seeds: Sequence[int]) -> str:
    clean, distorted = (_share(_mean([of.values[seed] for seed in seeds])) for of in arm)
    return f"from {clean} to {distorted}"


def _over_strengths(pairs: list[_Pair]) -> list[float]:
    """Mean difference of each seed over the strengths of one distortion."""
    found = [pair.differences for pair in pairs]
    shared = sorted(set.intersection(*map(set, found))) if found else []
    return [_mean([of_pair[seed] for of_pair in found]) for seed in shared]


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _chance_words(differences: list[float], level: float, resolution: float) -> str:
    if len(differences) < FEWEST_PAIRS:
        return "; so few seeds prove nothing"
    found = paired_interval(differences, 1 - level, resolution=resolution)
    if found.estimate is not None and math.prod(found.estimate[1:]) > 0:
        return ""
    return ", which may be chance"


def _direction(found: Calibration) -> str:
    excess = found.overconfidence
    if abs(excess) < _WELL_CALIBRATED:
        return "neither too sure nor too unsure on the whole"
    return f"too {'sure' if excess > 0 else 'unsure'} by {points(abs(excess))} on the whole"


def _weights_at_end(histories: Histories, layer: str) -> tuple[float, float] | None:
    rows = layer_histories(histories, layer)
    norm, near_zero = band(rows, "norm"), band(rows, "near_zero")
    return _last(norm, near_zero)


def _memorization_at_end(histories: Histories) -> tuple[float, float] | None:
    known = memorization_histories(histories)
    memorized, rescued = band(known, "memorized"), band(known, "rescued")
    return _last(memorized, rescued)


def _last(first: Band, second: Band) -> tuple[float, float] | None:
    """Both means at the last epoch that all seeds share; None where they aren't known."""
    if not first.epochs or not math.isfinite(first.mean[-1] + second.mean[-1]):
        return None
    return first.mean[-1], second.mean[-1]


def _share(value: float) -> str:
    return percent(value, decimals=0)
