"""The slides with charts of their own: dose and response, worth in images, robustness."""

import math
from collections.abc import Iterable, Mapping, Sequence

from cnnlab.documents.story.slides import Distance, Mark, Panel, PanelsSlide, Tick, Trace
from cnnlab.documents.story.words import short, within
from cnnlab.domain.arms import change_words
from cnnlab.domain.study import Study
from cnnlab.domain.words import percent
from cnnlab.study.kinds.doses import DoseResponse
from cnnlab.study.kinds.worth import Side, SizePoint, Worth, WorthInImages
from cnnlab.study.kinds.worth_wording import worth_label, worth_words
from cnnlab.study.measures.measured import Evaluations, Strength, robustness_of
from cnnlab.study.measures.measured_wording import robustness_words
from cnnlab.study.verdicts import Metric

_EDGE = 0.06
_LEAST_SPAN = 0.02
_MOST_SENTENCES = 3


def dose_slide(study: Study, found: DoseResponse | None) -> PanelsSlide | None:
    """What each strength gave, the too-much side shaded; None where the study turns none."""
    if found is None:
        return None
    turned, doses = found.turned, found.doses
    names = [turned.shown(dose.strength) for dose in doses]
    marks = [
        _mark(place, dose.mean, dose.low, dose.high, dose.values.values(), names[place])
        for place, dose in enumerate(doses)
    ]
    trace: Trace = {
        "arm": study.arms[-1].name,
        "label": turned.label,
        "marks": marks,
        "smooth": [],
        "best": doses.index(found.best),
    }
    shaded: list[float] = []
    if found.too_much is not None:
        first = [dose.strength for dose in doses].index(found.too_much)
        shaded = [first - 0.5, len(doses) - 0.5]
    panel: Panel = {
        "title": "",
        "axis": turned.label,
        "ticks": [{"at": place, "label": name} for place, name in enumerate(names)],
        "ends": [-0.5, len(doses) - 0.5],
        "range": _range([trace], found.metric),
        "in_percent": found.metric.unit == "points",
        "traces": [trace],
        "shaded": shaded,
        "shaded_label": "too much",
        "distance": None,
        "alt": f"Mean {found.metric.label} at each strength. {_told([trace], found.metric)}",
    }
    return {
        "title": f"How much {within(turned.label)}?",
        "words": [found.words],
        "panels": [panel],
        "note": _note_on_means(found.metric, trace["marks"]) + " Star: the best mean.",
    }


def worth_slide(study: Study, found: WorthInImages | None) -> PanelsSlide | None:
    """Both curves over the number of training images; None where the study has too little yet.

    The curves look like the first two arms.
    """
    if found is None:
        return None
    arms = [arm.name for arm in study.arms[:2]]
    change = change_words(*study.arms[:2])
    curve = [[round(math.log10(images), 4), round(level, 5)] for images, level in found.curve]
    traces = [
        _sizes(found.plain, arms[0], f"without {change}", curve),
        _sizes(found.changed, arms[1], f"with {change}", []),
    ]
    totals = sorted({point.total for point in (*found.plain, *found.changed)})
    ticks: list[Tick] = [{"at": math.log10(total), "label": f"{total:,}"} for total in totals]
    room = 0.08 * max(0.1, ticks[-1]["at"] - ticks[0]["at"])
    headline = found.headline
    panel: Panel = {
        "title": "",
        "axis": "training images in all",
        "ticks": ticks,
        "ends": [ticks[0]["at"] - room, ticks[-1]["at"] + room],
        "range": _range(traces, found.metric),
        "in_percent": found.metric.unit == "points",
        "traces": traces,
        "shaded": [],
        "shaded_label": "",
        "distance": None if headline is None else _distance(headline, found),
        "alt": f"Mean {found.metric.label} over the number of training images. "
        + _told(traces, found.metric),
    }
    return {
        "title": "Worth how many images?",
        "words": [worth_words(found, change)],
        "panels": [panel],
        "note": _note_on_means(found.metric, [mark for each in traces for mark in each["marks"]]),
    }


def _sizes(points: Sequence[SizePoint], arm: str, label: str, smooth: list[list[float]]) -> Trace:
    marks = [
        _mark(
            math.log10(point.total), point.mean, point.low, point.high, point.values.values(),
            f"{point.total:,} images",
        )
        for point in points
    ]  # fmt: skip
    return {"arm": arm, "label": label, "marks": marks, "smooth": smooth, "best": None}


def _distance(worth: Worth, found: WorthInImages) -> Distance:
    edge = found.plain[0].total if worth.side is Side.BELOW else found.largest
    low, high = worth.low, worth.high
    if low is not None or high is not None:  # an open end goes as far as the sizes that were tried
        low, high = low or found.plain[0].total, high or found.largest
    return {
        "y": round(worth.level, 5),
        "start": math.log10(worth.total),
        "end": math.log10(worth.equal or edge),
        "low": None if low is None else math.log10(low),
        "high": None if high is None else math.log10(high),
        "label": worth_label(worth, found),
    }


def robustness_slide(
    study: Study, evaluations: Mapping[str, Evaluations], *, so_far: str
) -> PanelsSlide | None:
    """Accuracy on distorted images, a chart for each distortion; None where no run measured it.

    Args:
        study: as it was launched.
        evaluations: by arm and seed, of the runs that count.
        so_far: what to say while planned runs are missing, instead of any sentence on a difference;
            else empty.
    """
    found = {name: robustness_of(of_arm) for name, of_arm in evaluations.items()}
    kinds = list(dict.fromkeys(kind for of_arm in found.values() for kind in of_arm))
    if not kinds:
        return None
    reference = study.reference.name
    words = [so_far] if so_far else []
    if not so_far:
        said = (
            robustness_words(evaluations, arm.name, reference)
            for arm in study.arms
            if arm != study.reference
        )
        words = [sentence for sentence in said if sentence][:_MOST_SENTENCES]
    return {
        "title": "On distorted pictures",
        "words": words,
        "panels": [_distortion(kind, found) for kind in kinds],
        "note": "Accuracy of the kept models on distorted validation images, the same for every "
        "run. Line: mean over the seeds; shaded: from the worst seed to the best. This describes; "
        "it is no verdict.",
    }


def _distortion(kind: str, found: Mapping[str, Mapping[str, Sequence[Strength]]]) -> Panel:
    rows = {name: of_arm.get(kind, []) for name, of_arm in found.items()}
    traces: list[Trace] = [
        {
            "arm": name,
            "label": short(name),
            "marks": [_strength(row) for row in strengths],
            "smooth": [],
            "best": None,
        }
        for name, strengths in rows.items()
        if strengths
    ]
    measured = {row.strength: row for strengths in rows.values() for row in strengths}
    unit = next(iter(measured.values())).unit
    first, last = min(measured), max(measured)
    room = 0.04 * (last - first or 1.0)
    ends = "; ".join(
        f"{trace['label']} keeps {percent(trace['marks'][-1]['mean'], decimals=0)} at "
        f"{trace['marks'][-1]['label']}"
        for trace in traces
    )
    return {
        "title": kind,
        "axis": unit,
        "ticks": [{"at": at, "label": f"{at:g}"} for at in sorted(measured)],
        "ends": [first - room, last + room],
        "range": [0.0, 1.0],
        "in_percent": True,
        "traces": traces,
        "shaded": [],
        "shaded_label": "",
        "distance": None,
        "alt": f"Accuracy under {kind}. {ends}.",
    }


def _strength(row: Strength) -> Mark:
    values = row.values.values()
    return _mark(row.strength, row.mean, min(values), max(values), (), row.shown)


def _mark(
    x: float,
    mean: float,
    low: float | None,
    high: float | None,
    seeds: Iterable[float],
    label: str,
) -> Mark:
    return {
        "x": round(x, 4),
        "mean": round(mean, 5),
        "low": None if low is None else round(low, 5),
        "high": None if high is None else round(high, 5),
        "seeds": [round(value, 5) for value in seeds],
        "label": label,
    }


def _range(traces: Sequence[Trace], metric: Metric) -> list[float]:
    """Ends of an axis that shows every seed and every mean; an accuracy is at most 100 %."""
    values = [
        value
        for each in traces
        for mark in each["marks"]
        for value in (mark["mean"], *mark["seeds"])
    ]
    low, high = min(values), max(values)
    edge = _EDGE * max(high - low, _LEAST_SPAN)
    most = 1.0 if metric.unit == "points" else math.inf
    return [max(0.0, low - edge), min(most, high + edge)]


def _told(traces: Sequence[Trace], metric: Metric) -> str:
    """Every mean, for those who don't see the chart."""
    said = [
        f"{trace['label']} at {mark['label']}: {metric.scale * mark['mean']:.{metric.decimals}f}"
        for trace in traces
        for mark in trace["marks"]
    ]
    return "; ".join(said) + "."


def _note_on_means(metric: Metric, marks: Sequence[Mark]) -> str:
    note = f"Line: mean {metric.label} over the seeds. Dots: single seeds."
    is_known = any(mark["low"] is not None for mark in marks)
    return note + (" Bars: 95 % interval of the mean." if is_known else "")
