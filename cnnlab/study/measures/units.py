"""How redundant the networks of a study's arms are: what they keep while units are taken away.

Dropout is said to keep units from relying on single others, so that what the network knows is in
it several times (Srivastava et al. 2014, Dropout, section 2); who generalizes is found to rely less
on single directions (Morcos et al. 2018, arXiv:1803.06959).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from cnnlab.domain.records.solutions import RemovedFrom, StudyUnits, UnitsOfRun
from cnnlab.domain.words import capitalized, percent
from cnnlab.study.chance.paired import FEWEST_PAIRS, mean_of
from cnnlab.study.chance.pairs import Pairs, compare_pairs
from cnnlab.study.measures.bands import Band, band

Shown = Literal["val_accuracy", "val_cross_entropy"]

_LOWER = 0.03
"""So much less accuracy may be why a larger part of it is kept."""
FROM_WORDS: dict[RemovedFrom, str] = {
    "all": "of every layer",
    "last": "that the last layers read",
}
"""Which units are removed, in words."""


def accuracy_bands(
    found: StudyUnits, removed: RemovedFrom, metric: Shown = "val_accuracy"
) -> dict[str, Band]:
    """Mean over the seeds of each arm, for each share, with its 95 % band.

    Args:
        found: what was measured.
        removed: from which layers.
        metric: accuracy or cross-entropy, of a run the mean over the draws.

    Returns:
        By arm; `epochs` are places in `shares`. Arms without such layers are left out.
    """
    rows: dict[str, dict[int, list[dict[str, float]]]] = {}
    for run in found["runs"]:
        if removed in run["removed"]:
            curve = _curve(run, removed, metric)
            rows.setdefault(run["arm"], {})[run["seed"]] = [{metric: value} for value in curve]
    return {arm: band(of_arm, metric) for arm, of_arm in rows.items()}


def kept_shares(found: StudyUnits, removed: RemovedFrom) -> dict[str, dict[int, float]]:
    """By arm and seed: which part of its accuracy a model keeps on average, 0..1.

    The area under accuracy against the share removed, as a part of what it were if nothing was
    lost. What a model gets by guessing is in it: a share of 0 can't be reached.
    """
    kept: dict[str, dict[int, float]] = {}
    for run in found["runs"]:
        if removed not in run["removed"]:
            continue
        curve = _curve(run, removed, "val_accuracy")
        if curve[0] > 0:
            area = float(np.trapezoid(curve, found["shares"]))
            width = found["shares"][-1] - found["shares"][0]
            kept.setdefault(run["arm"], {})[run["seed"]] = area / width / curve[0]
    return kept


def undamaged(found: StudyUnits) -> dict[str, float]:
    """Mean accuracy 0..1 over the seeds of each arm without any unit removed."""
    values: dict[str, list[float]] = {}
    for run in found["runs"]:
        values.setdefault(run["arm"], []).append(_curve(run, "all", "val_accuracy")[0])
    return {arm: mean_of(of_arm) for arm, of_arm in values.items()}


def compare_kept(found: StudyUnits, removed: RemovedFrom, reference: str) -> dict[str, Pairs]:
    """What each arm keeps against the reference; a difference is one of shares."""
    return compare_pairs(kept_shares(found, removed), reference)


def kept_words(
    pairs: Pairs,
    reference: str,
    removed: RemovedFrom,
    accuracies: Mapping[str, float],
    most: float = 0.9,
) -> str:
    """What an arm keeps, and whether that is more than the reference's, in a sentence or two.

    The second says, where who keeps more was right less often, that guessing may be all.

    Args:
        pairs: of the arm.
        reference: name of the arm that it is compared with.
        removed: from which layers.
        accuracies: from `undamaged`.
        most: largest share that was removed.
    """
    what = (
        f"{percent(pairs.mean, decimals=0)} of its accuracy on average while 0 to "
        f"{percent(most, decimals=0)} of the units {FROM_WORDS[removed]} are removed, {reference} "
        f"{percent(pairs.of_reference, decimals=0)}"
    )
    arm = capitalized(pairs.arm)
    if pairs.seeds < FEWEST_PAIRS:
        return f"{arm} keeps {what}; so few seeds prove nothing."
    size = f" ({pairs.words})"
    said = {
        "more": f"{arm} is more redundant than {reference}: it keeps {what}{size}.",
        "less": f"{arm} is less redundant than {reference}: it keeps {what}{size}.",
        "cannot_tell": f"Can't tell whether {pairs.arm} is more redundant: it keeps {what}{size}.",
    }
    return said[pairs.found] + _guessing_words(pairs, reference, accuracies)


def _guessing_words(pairs: Pairs, reference: str, accuracies: Mapping[str, float]) -> str:
    """That guessing is a larger part of a lower accuracy: of who keeps more."""
    if pairs.found == "cannot_tell":
        return ""
    keeps, other = (pairs.arm, reference) if pairs.found == "more" else (reference, pairs.arm)
    if accuracies[other] - accuracies[keeps] < _LOWER:
        return ""
    lower, higher = (percent(accuracies[arm], decimals=0) for arm in (keeps, other))
    return (
        f" But with all its units {keeps} is right on {lower} and {other} on {higher}: of a lower "
        "accuracy guessing alone keeps a larger part."
    )


def _curve(run: UnitsOfRun, removed: RemovedFrom, metric: Shown) -> Sequence[float]:
    """Mean over the draws, for each share; NaN where it isn't known."""
    found = run["removed"][removed]
    rows: Sequence[Sequence[float | None]] = (
        found["accuracy"] if metric == "val_accuracy" else found["cross_entropy"]
    )
    return [float(np.mean([np.nan if one is None else one for one in row])) for row in rows]


def removed_from(found: StudyUnits) -> Mapping[RemovedFrom, int]:
    """From which layers units were removed, and how many these have in the first run that has."""
    counts: dict[RemovedFrom, int] = {}
    for run in found["runs"]:
        for name, removed in run["removed"].items():
            counts.setdefault(name, removed["units"])
    return counts
