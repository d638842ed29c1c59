"""A study as a story for a room: question, data, expectation, curves, verdict, limits.

Everything is plain values and words, ready to be drawn; whatever a study's kind, its number of arms
and how far it has got, no sentence says more than its numbers do.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnlab.documents.story.limits import limits
from cnnlab.documents.story.slides import (
    ArmLook,
    CurvesSlide,
    DataFact,
    DataSlide,
    QuestionSlide,
    Series,
    Story,
)
from cnnlab.documents.story.verdicts import expectations, verdict_slide
from cnnlab.documents.story.words import NOUNS, quoted, short
from cnnlab.domain.arms import change_words
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.history import thin
from cnnlab.domain.study import Arm, Kind, Study
from cnnlab.domain.words import counted, exact_percent, listed
from cnnlab.figures.study import arm_styles
from cnnlab.figures.traces import Style
from cnnlab.study.bands import Band, Histories, band
from cnnlab.study.doses import turned_by
from cnnlab.study.verdicts import METRICS, Comparison

MOST_CLASSES = 12
MOST_POINTS = 240
_MOST_NAMED_ARMS = 5
_BEYOND = 0.25
"""How far bands may stretch the chart beyond the mean curves, as a share of their span."""
_TRAINING_PART = {"split.images_per_class", "split.label_noise_fraction"}


@dataclass(frozen=True)
class Evidence:
    """What has been measured so far.

    Attributes:
        histories: epoch records by arm and seed.
        comparisons: of the study's primary metric, by arm.
        alpha: chance of any false claim that the comparisons allow.
        validation_images: how many judge each run; None if that isn't known.
        counted: number of runs that count in the comparisons.
        answer: what a study of strengths or sizes was made for, in words; empty for others.
    """

    histories: Mapping[str, Histories]
    comparisons: Mapping[str, Comparison]
    alpha: float
    validation_images: int | None
    counted: int
    answer: str = ""


def tell(study: Study, dataset: Dataset, evidence: Evidence) -> Story:
    """The story as JSON values, one key for each slide.

    Args:
        study: as it was launched.
        dataset: that it uses.
        evidence: what has been measured.
    """
    styles = arm_styles(study)
    compared = evidence.comparisons
    return {
        "study": study.id,
        "arms": [_arm(study, arm, styles[arm.name]) for arm in study.arms],
        "question": _question_slide(study, dataset, evidence),
        "data": _data_slide(study, dataset, evidence.validation_images),
        "expect": expectations(study, compared),
        "curves": curves_slide(study, evidence.histories),
        "verdict": verdict_slide(study, compared, evidence.counted, evidence.answer),
        "limits": limits(study, evidence.alpha, evidence.validation_images, evidence.counted),
    }


def _arm(study: Study, arm: Arm, style: Style) -> ArmLook:
    return {
        "name": arm.name,
        "label": short(arm.name),
        "color": style.color,
        "dash": style.dash,
        "reference": arm == study.reference,
    }


def question(study: Study, dataset: str) -> str:
    """What the study asks, as one sentence.

    Args:
        study: of any kind.
        dataset: the dataset's name.
    """
    place, others = quoted(dataset), study.arms[1:]
    turned = turned_by(study)
    if study.kind is Kind.DOSE and turned:
        return f"What does turning up {_lower(turned.label)} do on {place}?"
    if study.kind is Kind.WORTH:
        return f"What is {change_words(*study.arms[:2])} worth on {place}?"
    if len(others) == 1:
        return f"Does {short(others[0].name)} help on {place}?"
    return f"What helps on {place}?"


def _lower(label: str) -> str:
    """A field's label within a sentence; MixUp and L2 keep their capitals."""
    return label[0].lower() + label[1:] if label[1:].islower() else label


def _question_slide(study: Study, dataset: Dataset, evidence: Evidence) -> QuestionSlide:
    seeds = "1 seed" if len(study.seeds) == 1 else f"the same {len(study.seeds)} seeds"
    runs = len(study.pairs)
    setup = f"{len(study.arms)} arms, trained with {seeds}: {counted(runs, 'run')}"
    if evidence.counted < runs:
        setup += f", of which {evidence.counted} count so far"
    line = _sides(study)
    return {
        "title": question(study, dataset.name),
        "line": line[:1].upper() + line[1:],
        "setup": setup + ".",
    }


def _sides(study: Study) -> str:
    """What is compared with what."""
    if study.kind is Kind.WORTH:
        return f"with and without it, at {counted(len(study.arms) // 2, 'training-set size')}"
    others = [short(arm.name) for arm in study.arms[1:]]
    named = listed(others) if len(others) <= _MOST_NAMED_ARMS else f"{len(others)} arms"
    each = "" if len(others) == 1 else ", each"
    return f"{named}{each} against {short(study.reference.name)}"


def _data_slide(study: Study, dataset: Dataset, validation: int | None) -> DataSlide:
    names = list(dataset.classes)
    facts: list[DataFact] = [
        {"number": f"{dataset.images:,}", "words": "images"},
        {"number": f"{len(names):,}", "words": "classes" if len(names) != 1 else "class"},
    ]
    if validation and _same_validation(study):
        facts.append(
            {"number": f"{validation:,}", "words": "of them judge every run and never train"}
        )
    left_out = len(names) - MOST_CLASSES
    return {
        "title": short(dataset.name, 60),
        "facts": facts,
        "classes": [
            {"name": name, "label": short(name, 24), "count": f"{dataset.classes[name]:,}"}
            for name in names[:MOST_CLASSES]
        ],
        "more": f"and {counted(left_out, 'more class', 'more classes')}" if left_out > 0 else "",
        "notes": _made_harder(study),
    }


def _same_validation(study: Study) -> bool:
    changed = {name for arm in study.arms for name in arm.changes if name.startswith("split.")}
    return changed <= _TRAINING_PART and not study.is_split_anew


def _made_harder(study: Study) -> list[str]:
    """What is done to the training images of all arms on purpose."""
    split = study.base.get("split") or {}
    most, wrong = split.get("images_per_class"), split.get("label_noise_fraction")
    notes = []
    if most and study.kind is not Kind.WORTH:
        notes.append(f"At most {counted(most, 'image')} of each class train.")
    if wrong:
        notes.append(f"{exact_percent(wrong)} of the training labels are wrong on purpose.")
    return notes


def curves_slide(study: Study, histories: Mapping[str, Histories]) -> CurvesSlide:
    """Mean curve and 95 % band of each arm, to be replayed.

    Arms that train for different numbers of epochs are drawn over their share of the training.
    """
    metric = METRICS[study.primary]
    epochs = {arm.name: study.config(arm, study.seeds[0]).training.epochs for arm in study.arms}
    in_share = len(set(epochs.values())) > 1
    found = {arm.name: band(histories.get(arm.name, {}), study.primary) for arm in study.arms}
    arms = [
        _series(name, of_arm, 100 / epochs[name] if in_share else 1.0)
        for name, of_arm in found.items()
        if of_arm.epochs
    ]
    last = max(epochs.values())
    is_share = study.primary == "val_accuracy"
    ends = _range(arms, is_share=is_share)
    return {
        "title": metric.label[:1].upper() + metric.label[1:],
        "axis": "share of the training (%)" if in_share else "epoch",
        "counter": "{at} % of the training" if in_share else f"Epoch {{at}} of {last}",
        "in_percent": is_share,
        "in_share": in_share,
        "epochs": last,
        "first": min((series["x"][0] for series in arms), default=0),
        "last": max((series["x"][-1] for series in arms), default=1),
        "range": ends,
        "arms": arms,
        "note": _note(found) + _on_cut_bands(arms, ends, most=1.0 if is_share else math.inf),
        "alt": _alt(study, found),
    }


def _series(name: str, found: Band, factor: float) -> Series:
    points = thin(range(len(found.epochs)), MOST_POINTS)
    mean, low, high = (
        [_number(values[point]) for point in points]
        for values in (found.mean, found.low, found.high)
    )
    x = [round(factor * (found.epochs[point] + 1), 3) for point in points]
    return {"arm": name, "x": x, "mean": mean, "low": low, "high": high}


def _number(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


def _range(arms: Sequence[Series], *, is_share: bool) -> list[float]:
    """Ends of the y axis: the mean curves, and of the bands what fits beside them."""
    means = [value for series in arms for value in series["mean"] if value is not None]
    if not means:
        return [0.0, 1.0]
    low, high = min(means), max(means)
    span = max(high - low, 0.02)
    lows = [value for series in arms for value in series["low"] if value is not None]
    highs = [value for series in arms for value in series["high"] if value is not None]
    low = max(min(lows), low - _BEYOND * span, 0.0)
    high = min(max(highs), high + _BEYOND * span)
    edge = 0.03 * span
    return [max(0.0, low - edge), min(1.0, high + edge) if is_share else high + edge]


def _on_cut_bands(arms: Sequence[Series], ends: list[float], *, most: float) -> str:
    """What to say where a band leaves the axis, between 0 and the most that there can be."""
    values = [value for series in arms for value in series["low"] + series["high"]]
    possible = [min(max(value, 0.0), most) for value in values if value is not None]
    is_cut = any(not ends[0] <= value <= ends[1] for value in possible)
    return " A band that meets the edge goes on beyond it." if is_cut else ""


def _note(found: Mapping[str, Band]) -> str:
    seeds = {of_arm.seeds for of_arm in found.values() if of_arm.seeds}
    if not seeds:
        return "No run has finished an epoch yet."
    if seeds == {1}:
        return "One seed for each arm: a single curve proves nothing."
    count = str(seeds.pop()) if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}"
    return f"Line: mean of {count} seeds. Band: 95 % interval of that mean, each arm by itself."


def _alt(study: Study, found: Mapping[str, Band]) -> str:
    metric = METRICS[study.primary]
    ends = [
        f"{name} ends at {metric.scale * of_arm.mean[-1]:.{metric.decimals}f}"
        for name, of_arm in found.items()
        if of_arm.epochs
    ]
    unit = NOUNS[study.primary]
    return f"Mean {metric.label} ({unit}) over the epochs. " + "; ".join(ends) + "."
