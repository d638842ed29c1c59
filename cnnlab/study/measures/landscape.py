"""How wide the minima of a study's arms are, and what lies between them.

That wide minima generalize is an old guess (Hochreiter and Schmidhuber 1997; Keskar et al. 2017,
arXiv:1609.04836) and no law: the same function can be had in sharp and in flat places by scaling
weights (Dinh et al. 2017, arXiv:1703.04933). Distances here are parts of each filter's own length
(Li et al. 2018, arXiv:1712.09913), which takes out one such scaling, not all.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnlab.domain.records.solutions import StudyLandscape
from cnnlab.domain.words import capitalized, digits, percent
from cnnlab.study.chance.paired import FEWEST_PAIRS, mean_of
from cnnlab.study.chance.pairs import Pairs, compare_pairs
from cnnlab.study.measures.bands import Band, band

RISE_NATS = 0.5
"""The width of a minimum is how far one may go until the loss has risen by so much."""
_NO_HILL_NATS = 0.02
_PLATEAU_NATS = 0.1
"""So much more loss may be what makes a minimum wide."""


@dataclass(frozen=True)
class Barrier:
    """What lies between the reference's solutions and an arm's, on the mean over the seeds.

    Attributes:
        ends: mean cross-entropy on the training images at the reference's solution and the arm's.
        height: nats by which the highest place between them lies above the straight line from one
            end to the other; about 0 where there is no hill.
        seeds: how many.
    """

    ends: tuple[float, float]
    height: float
    seeds: int


def width(distances: Sequence[float], rises: Sequence[float | None]) -> float:
    """How far from a solution the loss has risen by `RISE_NATS`, as a part of the filters' lengths.

    Between two distances the root of the rise is taken as straight, as it is in a bowl. Where the
    rise isn't finite it is large.

    Args:
        distances: rising, above 0.
        rises: of the loss, nats.

    Returns:
        At most the largest distance, which stands for at least so far.
    """
    before, root_before, wanted = 0.0, 0.0, math.sqrt(RISE_NATS)
    for distance, rise in zip(distances, rises, strict=True):
        if rise is None:
            return distance
        root = math.sqrt(max(0.0, rise))
        if root >= wanted:
            return before + (wanted - root_before) / (root - root_before) * (distance - before)
        before, root_before = distance, root
    return distances[-1]


def widths_of(found: StudyLandscape) -> dict[str, dict[int, float]]:
    """The width of each solution whose own loss is finite, by arm and seed.

    From one whose loss isn't finite nothing can rise: it has no width.
    """
    widths: dict[str, dict[int, float]] = {}
    for one in found["widths"]:
        if one["cross_entropy"] is not None:
            widths.setdefault(one["arm"], {})[one["seed"]] = width(found["distances"], one["rises"])
    return widths


def cut_seeds(found: StudyLandscape) -> dict[str, int]:
    """Of how many solutions of an arm the loss hadn't risen enough at the largest distance.

    Their widths stand for at least so much. An arm without any isn't there.
    """
    return dict(
        Counter(
            one["arm"]
            for one in found["widths"]
            if one["cross_entropy"] is not None
            and all(rise is not None and rise < RISE_NATS for rise in one["rises"])
        )
    )


def losses_of(found: StudyLandscape) -> dict[str, float]:
    """Mean cross-entropy at the solutions of each arm whose losses are finite, nats."""
    losses: dict[str, list[float]] = {}
    for one in found["widths"]:
        if one["cross_entropy"] is not None:
            losses.setdefault(one["arm"], []).append(one["cross_entropy"])
    return {arm: mean_of(of_arm) for arm, of_arm in losses.items()}


def compare_widths(found: StudyLandscape, reference: str) -> dict[str, Pairs]:
    """The width of each arm's minima against the reference's."""
    return compare_pairs(widths_of(found), reference)


def rise_bands(found: StudyLandscape) -> dict[str, Band]:
    """Mean rise of the loss over the seeds of each arm, for 0 and each distance, with its band."""
    rows: dict[str, dict[int, list[dict[str, float]]]] = {}
    for one in found["widths"]:
        rows.setdefault(one["arm"], {})[one["seed"]] = _rows([0.0, *one["rises"]])
    return {arm: band(of_arm, "cross_entropy") for arm, of_arm in rows.items()}


def line_bands(found: StudyLandscape, part: str) -> dict[str, Band]:
    """Mean loss over the seeds of each arm, for each place of the line, with its 95 % band.

    Args:
        found: what was measured.
        part: `train` or `validation`.
    """
    rows: dict[str, dict[int, list[dict[str, float]]]] = {}
    for one in found["lines"]:
        values = one["train"] if part == "train" else one["validation"]
        rows.setdefault(one["arm"], {})[one["seed"]] = _rows(values)
    return {arm: band(of_arm, "cross_entropy") for arm, of_arm in rows.items()}


def barriers_of(found: StudyLandscape) -> dict[str, Barrier]:
    """What lies between the solutions, by arm; where a loss isn't finite nothing is known."""
    first, last = (_place(found["places"], end) for end in (0.0, 1.0))
    barriers = {}
    for arm, line in line_bands(found, "train").items():
        between = line.mean[first : last + 1]
        if between and all(map(math.isfinite, between)):
            steps = len(between) - 1
            above = (
                loss - (between[0] + (between[-1] - between[0]) * step / steps)
                for step, loss in enumerate(between)
            )
            barriers[arm] = Barrier((between[0], between[-1]), max(above), line.seeds)
    return barriers


def width_words(
    pairs: Pairs, reference: str, losses: Mapping[str, float], most: float = 1.0
) -> str:
    """How wide an arm's minima are, and whether wider than the reference's, in a sentence or two.

    Where the arm's losses are far above, the second says that this may be all: near guessing a loss
    rises slowly whatever happens to the weights.

    Args:
        pairs: of the arm.
        reference: name of the arm that it is compared with.
        losses: from `losses_of`.
        most: largest distance that was measured.
    """
    what = (
        f"its loss has risen by {RISE_NATS:g} nats once every filter has moved by "
        f"{_share(pairs.mean, most)} of its length in a random direction, that of {reference} by "
        f"{_share(pairs.of_reference, most)}"
    )
    if pairs.seeds < FEWEST_PAIRS:
        return f"{pairs.arm}: {what}; so few seeds prove nothing."
    size = f" ({pairs.words})"
    said = {
        "more": f"{capitalized(pairs.arm)} lies in wider minima than {reference}: {what}{size}.",
        "less": f"{capitalized(pairs.arm)} lies in narrower minima than {reference}: {what}{size}.",
        "cannot_tell": f"Can't tell whether {pairs.arm} lies in wider minima: {what}{size}.",
    }
    return said[pairs.found] + _plateau_words(pairs, reference, losses)


def _plateau_words(pairs: Pairs, reference: str, losses: Mapping[str, float]) -> str:
    """That a wide place may be a plateau: of who has the larger loss where that is told wider."""
    if pairs.found == "cannot_tell" or not {pairs.arm, reference} <= losses.keys():
        return ""
    wider, other = (pairs.arm, reference) if pairs.found == "more" else (reference, pairs.arm)
    if losses[wider] - losses[other] < _PLATEAU_NATS:
        return ""
    higher, lower = (digits(losses[arm], most_decimals=2) for arm in (wider, other))
    return (
        f" But the cross-entropy on training images is {higher} nats for {wider} and {lower} for "
        f"{other}: who has learned less may lie on a plateau, which is wide too."
    )


def barrier_words(arm: str, found: Barrier, reference: str) -> str:
    """What lies between the reference and an arm, as a sentence that claims nothing."""
    if found.height < _NO_HILL_NATS:
        hill = "there is no hill"
    else:
        hill = f"a hill rises {digits(found.height, most_decimals=2)} nats above the straight way"
    ends = " and ".join(digits(end, most_decimals=3) for end in found.ends)
    return (
        f"Between {reference} and {arm} (train cross-entropy {ends} nats) {hill}, on the mean over "
        "the seeds."
    )


def _share(value: float, most: float) -> str:
    at_least = "at least " if value >= most else ""
    return f"{at_least}{percent(value, decimals=0)}"


def _place(places: Sequence[float], wanted: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - wanted))


def _rows(values: Sequence[float | None]) -> list[dict[str, float]]:
    return [{"cross_entropy": math.nan if value is None else value} for value in values]
