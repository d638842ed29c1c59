"""The words of a verdict: the metrics that arms are compared by, and what is found on them.

What a verdict says of one arm is made here; page, report, story and command line pass it on. Worth
in images (`worth_wording`), doses (`doses`) and what was measured beside the curves
(`measured_wording`) have words of their own; `documents` sums up all arms.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.study import MODEL_METRICS, About, JudgedAt, Study
from cnnlab.domain.words import counted, exact_percent, listed, percent, with_sign
from cnnlab.study.chance.guards import most_collapses
from cnnlab.study.chance.looks import ALPHA
from cnnlab.study.chance.paired import FEWEST_PAIRS, Interval

_MOST_EXTRA_DECIMALS = 2


@dataclass(frozen=True)
class Metric:
    """A number of a run that arms are compared by.

    Attributes:
        name: its key in histories and in JSON.
        label: what people call it.
        higher_is_better: None where neither is: the metric describes and makes no verdict.
        unit: what the words count it in.
        scale: units in 1 of the metric.
        decimals: that the words show, unless all of them are 0.
        better: begins the sentence on a difference for the better (the gap: a smaller one).
        worse: begins the sentence on a difference for the worse.
        small: in `unit`; differences up to it don't matter where no margin was chosen.
        furthest: no difference can be larger than this, in the metric's own units.
    """

    name: ComparedMetric
    label: str
    higher_is_better: bool | None
    unit: str
    scale: float
    decimals: int
    better: str
    worse: str
    small: float
    furthest: float


METRICS: dict[ComparedMetric, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "val_accuracy", "validation accuracy", True, "points", 100, 1,
            "Helps by {size} points", "Hurts by {size} points", 2.0, 1.0,
        ),
        Metric(
            "val_cross_entropy", "validation cross-entropy", False, "nats", 1, 2,
            "Helps: lowers cross-entropy by {size}", "Hurts: raises cross-entropy by {size}", 0.1,
            math.inf,
        ),
        Metric(
            "gap", "gap", None, "points", 100, 1,
            "Smaller gap: by {size} points", "Larger gap: by {size} points", 2.0, 2.0,
        ),
        Metric(
            "robustness", "accuracy on distorted images", True, "points", 100, 1,
            "Helps by {size} points", "Hurts by {size} points", 2.0, 1.0,
        ),
        Metric(
            "calibration", "calibration error", False, "points", 100, 1,
            "Helps: lowers the calibration error by {size} points",
            "Hurts: raises the calibration error by {size} points", 1.0, 1.0,
        ),
    )
}  # fmt: skip
"""By name. Points are percentage points; the gap is clean train minus validation accuracy."""
JUDGED_GAP = replace(
    METRICS["gap"],
    higher_is_better=False,
    better="Helps: makes the gap smaller by {size} points",
    worse="Hurts: makes the gap larger by {size} points",
)
"""The gap where verdicts are about it: a smaller one is better, if accuracy isn't lost for it."""
SHARES: tuple[ComparedMetric, ...] = ("val_accuracy", "robustness")
"""Metrics whose means are told in percent."""


SAID = {
    "helps": "helps",
    "hurts": "hurts",
    "no_difference": "no difference",
    "cannot_tell": "can't tell",
    "reference": "reference",
}
"""A verdict in a word or two, by its name."""
MAYBE_TOO_LITTLE, TOO_LITTLE = "maybe too little to matter", "too little to matter"
"""What is said beside a claim whose interval begins, or even ends, below the margin."""
HOW_MUCH = "how much is uncertain"
"""Likewise where it begins there, but the mean is far above: a wide interval, no small effect."""
_FAR_ABOVE = 2.0
"""Times the margin."""
JUDGED_AT: dict[JudgedAt, str] = {
    "last": "at the last epoch of each run",
    "mean_last": "over the last {epochs} of each run (their mean)",
    "cross_fitted": "at an epoch of each run that is chosen on one half of the validation images "
    "and judged on the other, both ways, which still favours arms whose accuracy jumps",
    "best": "at the best epoch of each run, which favours arms whose accuracy jumps",
}
"""Where a run is judged, in words; `judged_words` fills them."""
SCOPES: dict[About, str] = {
    "these_images": "On these validation images",
    "these_splits": "On the images of this dataset, split anew",
    "new_images": "On new images of this kind",
}
"""What an interval is about, in words."""
CANNOT_TELL_YET = "can't tell yet"
REFERENCE = "The reference: the other arms are compared with it."
GAP_RULE = (
    "A smaller gap helps only where at most 2 points of accuracy may be lost for it, a larger one "
    "hurts only where at most 2 may be won."
)
OF_MODELS = "of the model that each run keeps"
CANNOT_CROSS_FIT = (
    "Can't tell: what its runs said of each validation image wasn't kept or can't be read, so no "
    "epoch can be chosen on other images. A new study can be judged."
)
MORE_IMAGES = "more validation images are needed, more seeds alone wouldn't tell"
TOO_FEW_TO_WATCH = "an interval that may be looked at after every seed needs more seeds"
SAME_SIZE = "The reference for the same number of images with the change."
_BEGINNINGS = re.compile(r"(Helps|Hurts|No difference|Can't tell(?: yet)?|The reference):?(.*)")


def claim(found: Interval, metric: Metric, margin: float = 0.0) -> str:
    """A difference that was shown: 'Helps by 1.2 points (0.4 to 2.0).'.

    Args:
        found: its interval leaves out 0.
        metric: what the arms were compared by.
        margin: up to it differences don't matter, in the metric's own units.

    Raises:
        ValueError: it can't have been, as nothing is known of chance.
    """
    if found.estimate is None:
        raise ValueError(f"Nothing can be claimed of {found}.")
    mean, low, high = found.estimate
    ends = sorted((abs(low), abs(high)))
    decimals = _decimals(ends[0], metric)
    size, near, far = (f"{value * metric.scale:.{decimals}f}" for value in (abs(mean), *ends))
    better = (mean > 0) == bool(metric.higher_is_better)
    said = (metric.better if better else metric.worse).format(size=size)
    return f"{said} ({near} to {far}){_beside_margin(found.estimate, margin, metric)}."


_LESS = {
    TOO_LITTLE: ": less than",
    MAYBE_TOO_LITTLE: "; that may be less than",
    HOW_MUCH: f": {HOW_MUCH}, maybe less than",
}


def _beside_margin(found: tuple[float, float, float], margin: float, metric: Metric) -> str:
    """That what was shown is, or may be, less than matters; empty where it is surely more."""
    beside = too_little(*found, margin)
    return f"{_LESS[beside]} the {_amount(margin, metric)} that matter" if beside else ""


def too_little(mean: float, low: float, high: float, margin: float) -> str:
    """Whether a difference that was shown is, or may be, less than matters.

    Args:
        mean: the difference.
        low: lower end of its interval, which leaves out 0.
        high: upper end.
        margin: up to it differences don't matter.

    Returns:
        `TOO_LITTLE`, `MAYBE_TOO_LITTLE` or `HOW_MUCH`, or nothing where it is surely enough.
    """
    near, far = sorted((abs(low), abs(high)))
    if near >= margin:
        return ""
    if far < margin:
        return TOO_LITTLE
    return HOW_MUCH if abs(mean) >= _FAR_ABOVE * margin else MAYBE_TOO_LITTLE


def no_difference(found: Interval, metric: Metric, margin: float) -> str:
    """That no difference matters: 'No difference larger than 2 points (−0.8 to +1.1).'.

    Args:
        found: its interval lies within the margin.
        metric: what the arms were compared by.
        margin: up to it differences don't matter, in the metric's own units.

    Raises:
        ValueError: nothing is known of chance.
    """
    if found.estimate is None:
        raise ValueError(f"Nothing can be claimed of {found}.")
    _, low, high = found.estimate
    return f"No difference larger than {_amount(margin, metric)} ({_ends(low, high, metric)})."


def doubt(
    found: Interval,
    more_seeds: tuple[int, int] | None,
    metric: Metric,
    *,
    needs_images: bool = False,
    is_watched: bool = False,
    reference: float | None = None,
) -> str:
    """Why nothing is claimed, what is ruled out, and what would help.

    Args:
        found: its interval leaves out 0 only where the seeds lean to one side.
        more_seeds: about how many more would tell, from and to; None if it can't be said.
        metric: what the arms were compared by.
        is_watched: whether each further seed brings a verdict.
        needs_images: whether no number of seeds would tell, only more validation images.
        reference: mean of the arm that is compared with, in the metric's own units.

    Returns:
        Such as "Can't tell: at most 2.0 points better, at most 0.4 worse; about 3 to 5 more seeds
        would tell, if it is as large as it looks."
    """
    if found.n < FEWEST_PAIRS:
        so_far = ("no seed has ended yet", "1 seed proves nothing", "2 seeds prove nothing")[
            found.n
        ]
        return f"Can't tell yet: {so_far}; run at least {FEWEST_PAIRS}."
    if found.estimate is None and found.p is not None:
        return f"Can't tell yet: {TOO_FEW_TO_WATCH}."
    if found.estimate is None:
        same = "no difference" if found.mean == 0 else "the same difference"
        return f"Can't tell: every seed gave exactly {same}, so nothing is known about chance."
    _, low, high = found.estimate
    if low * high > 0:
        shown = range_words(low, high, metric)
        return f"Can't tell: {shown}, but the seeds lean to one side: a few far-off ones decide it."
    telling = MORE_IMAGES if needs_images else _telling(more_seeds)
    telling = "any further seed may tell" if is_watched else telling
    return f"Can't tell: {_ruled_out(low, high, metric, reference)}; {telling}."


def _ruled_out(low: float, high: float, metric: Metric, reference: float | None) -> str:
    decimals = _decimals(min(abs(low), abs(high)), metric)
    up, down = (f"{abs(end) * metric.scale:.{decimals}f}" for end in (high, low))
    if metric.higher_is_better is None:
        return f"at most {up} {metric.unit} larger, at most {down} smaller"
    better, worse = (up, down) if metric.higher_is_better else (down, up)
    ends = [f"at most {better} {metric.unit} better", f"at most {worse} worse"]
    if metric.name == "val_accuracy" and reference is not None:
        # An interval of few seeds may go further than an accuracy of 0 or 1, which reads absurd.
        if high > 1 - reference:
            ends[0] = "perhaps right on every image"
        if -low > reference:
            ends[1] = "perhaps as bad as guessing"
        elif high > 1 - reference:
            ends[1] = f"at most {worse} {metric.unit} worse"
    return ", ".join(ends)


def _telling(more_seeds: tuple[int, int] | None) -> str:
    if more_seeds is None:
        return "how many more seeds would tell can't be said, perhaps very many"
    few, many = more_seeds
    seeds = "1 more seed" if many == 1 else f"{many} more seeds"
    about = seeds if few == many else f"{few} to {seeds}"
    return f"about {about} would tell, if it is as large as it looks"


def collapse(far: Sequence[float], seeds: int, metric: Metric) -> str:
    """Why nothing is claimed of an arm of which seeds lie far off the others.

    Args:
        far: the differences that do.
        seeds: of the arm in all.
        metric: what the arms were compared by.
    """
    shown = listed([with_sign(value * metric.scale, metric.decimals) for value in far])
    lies = "lies" if len(far) == 1 else "lie"
    return (
        f"Can't tell: {len(far)} of {seeds} seeds {lies} far off the others ({shown} "
        f"{metric.unit}), and how often that happens decides."
    )


def collapse_bound(seeds: int) -> str:
    """What no verdict can rule out: 'No run lies far off ...; of others up to 45 % might.'."""
    share = percent(most_collapses(seeds), decimals=0)
    return (
        f"No run lies far off the others of its arm; with {seeds} runs an arm, up to {share} of "
        "further ones might."
    )


def looks_words(looks: int, alpha: float, spent: float) -> str:
    """What the looks at a study have used of the accepted chance of a false claim.

    Args:
        looks: recorded ones, this one too; 0 where none could be.
        alpha: what this one allows, 0..1.
        spent: what all of them have used, 0..1.
    """
    level, usual = exact_percent(round(alpha, 4)), exact_percent(ALPHA)
    if looks < 2 and alpha == ALPHA:
        return f"If no arm had any effect, at most {usual} of such studies would claim one."
    claims = f"at most {level} of studies without any effect claim one at this look instead of "
    if looks < 2:
        return (
            "This look came before all planned runs had finished. Most of the level is kept for "
            f"the planned look, so a claim needs more proof now: {claims}{usual}."
        )
    together = exact_percent(round(spent, 4))
    return (
        f"This is look {looks} at this study. Whoever looks, goes on and looks again gives luck "
        f"another chance, so a claim needs more proof now: {claims}{usual}, at all looks together "
        f"{together}."
    )


def lacking(metric: Metric) -> str:
    """Why nothing is claimed where runs didn't measure what the study is judged by."""
    return (
        f"Can't tell: fewer than {FEWEST_PAIRS} pairs of its runs measured the {metric.label} of "
        "their model (runs of earlier versions didn't), or it can't be read. A new study can be "
        "judged."
    )


def gap_at_a_price(low: float | None, high: float | None, *, is_smaller: bool) -> str:
    """Why a smaller gap isn't told to help, nor a larger one to hurt: what accuracy may do.

    Args:
        low: lower end of the difference in accuracy, as a fraction; None where it isn't known.
        high: its upper end.
        is_smaller: whether the gap is.
    """
    gap, price = ("smaller", "lost") if is_smaller else ("larger", "won")
    why = "the accuracy isn't known"
    if low is not None and high is not None:
        why = f"its accuracy differs by {_ends(low, high, METRICS['val_accuracy'])} points"
    return (
        f"Can't tell: the gap is {gap}, but more than 2 points of accuracy may be {price}: {why}."
    )


def watched_words() -> str:
    """What looks at a study that is watched cost."""
    return (
        f"If no arm had any effect, at most {exact_percent(ALPHA)} of such studies would ever "
        "claim one, however often they are looked at."
    )


def unknown_scope(reason: str) -> str:
    """Why nothing is claimed about new images."""
    return f"Can't tell about new images: {reason}."


def judged_words(study: Study) -> str:
    """Where the runs of a study are judged: 'over the last 3 epochs of each run (their mean)'."""
    judged_at = study.judged_at
    if judged_at == "mean_last" and study.judged_epochs == 1:  # a mean of one is that one
        judged_at = "last"
    return JUDGED_AT[judged_at].format(epochs=counted(study.judged_epochs, "epoch"))


def where_words(study: Study) -> str:
    """Where what its verdicts are about was measured; of a model `judged_at` says nothing."""
    return OF_MODELS if study.primary in MODEL_METRICS else judged_words(study)


def range_words(low: float, high: float, metric: Metric) -> str:
    """The ends of an interval: 'between −0.4 and +2.0 points'."""
    return f"between {_ends(low, high, metric, word='and')} {metric.unit}"


def difference_words(mean: float, low: float, high: float, metric: Metric) -> str:
    """A difference with its interval: '+1.2 points (−0.4 to +2.8)'."""
    decimals = _decimals(min(abs(low), abs(high)), metric)
    shown = f"{with_sign(mean * metric.scale, decimals)} {metric.unit}"
    return f"{shown} ({_ends(low, high, metric)})"


def _ends(low: float, high: float, metric: Metric, word: str = "to") -> str:
    decimals = _decimals(min(abs(low), abs(high)), metric)
    ends = [with_sign(end * metric.scale, decimals) for end in (low, high)]
    return f" {word} ".join(ends)


def _amount(value: float, metric: Metric) -> str:
    return f"{value * metric.scale:.6g} {metric.unit}"


def so_far(mean: float | None, seeds: int, metric: Metric) -> str:
    """What is said of an arm while planned runs are missing: no verdict, at most its mean.

    Args:
        mean: difference so far, None before the first pair.
        seeds: pairs that it is the mean of.
        metric: what the arms are compared by.
    """
    if mean is None or seeds < 2:
        return "No verdict yet: it comes when all planned runs have finished."
    shown = f"{with_sign(metric.scale * mean, metric.decimals)} {metric.unit}"
    return f"So far {shown} over {seeds} seeds; the verdict comes with the last run."


def lucky(lost: int, other: str = "") -> str:
    """Why nothing is claimed where one side of a pair lost more runs than the other.

    Args:
        lost: runs of the side that lost more.
        other: name of the arm that it is compared with, if it was that one; else it is itself.
    """
    runs = f"the runs of {other!r}" if other else "its runs"
    return f"Can't tell: {lost} of {runs} didn't finish, and those that did may be the lucky ones."


def split_words(words: str) -> tuple[str, str]:
    """The words of a verdict in two: what is said first of all, and the rest of the sentence.

    Returns:
        Such as `Can't tell yet` and ` 1 seed proves nothing; ...`; the first is empty where the
        words begin with no verdict.
    """
    parts = _BEGINNINGS.fullmatch(words)
    return (parts[1], parts[2]) if parts else ("", words)


def _decimals(value: float, metric: Metric) -> int:
    """As few decimals, from the metric's own on, as don't round the value to 0."""
    most = metric.decimals + _MOST_EXTRA_DECIMALS
    for decimals in range(metric.decimals, most):
        if round(value * metric.scale, decimals) != 0:
            return decimals
    return most
