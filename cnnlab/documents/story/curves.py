"""The slide with the curves: means over the seeds, and, while runs train, each as it grows."""

import math
from collections.abc import Mapping, Sequence

from cnnlab.documents.story.slides import CurvesSlide, SeedLine, Series
from cnnlab.domain.history import thin
from cnnlab.domain.records.training import HistoryMetric
from cnnlab.domain.study import Study
from cnnlab.domain.words import PERCENT
from cnnlab.study.measures.bands import POSSIBLE, Band, Histories, band, curve
from cnnlab.study.verdicts import METRICS, Metric

MOST_POINTS = 240
_BEYOND = 0.25
"""How far bands may stretch the chart beyond the mean curves, as a share of their span."""
_GROWING_STEP = 0.1
"""While curves grow, the y axis ends at multiples of this, of nats 2.5 times, and seldom moves."""


def curves_slide(
    study: Study,
    histories: Mapping[str, Histories],
    growing: Mapping[str, Histories],
    *,
    is_ended: bool,
) -> CurvesSlide:
    """Mean curve and 95 % band of each arm, to be followed and replayed.

    Arms that train for different numbers of epochs are drawn over their share of the training.

    Args:
        study: as it was launched.
        histories: epoch records by arm and seed, of the runs whose mean is drawn.
        growing: those of runs that train beside them, likewise: each is drawn by itself.
        is_ended: whether no curve grows any more. Until then the axes end where they are planned
            to, so that they keep still.
    """
    drawn = _over_epochs(study)
    metric = METRICS[drawn]
    epochs = {arm.name: study.config(arm, study.seeds[0]).training.epochs for arm in study.arms}
    last = max(epochs.values())
    in_share = len(set(epochs.values())) > 1
    factors = {name: 100 / count if in_share else 1.0 for name, count in epochs.items()}
    found = {arm.name: band(histories.get(arm.name, {}), drawn) for arm in study.arms}
    arms = [_series(name, of_arm, factors[name]) for name, of_arm in found.items() if of_arm.epochs]
    lines = [
        _seed_line(name, seed, curve(records, drawn), factors[name])
        for name, of_arm in growing.items()
        for seed, records in of_arm.items()
        if records
    ]
    ends = _range(arms, lines, drawn, is_ended=is_ended)
    reached = max((line["x"][-1] for line in (*arms, *lines)), default=0.0)
    least = min((line["x"][0] for line in (*arms, *lines)), default=0.0)
    return {
        "title": metric.label[:1].upper() + metric.label[1:],
        "axis": "share of the training (%)" if in_share else "epoch",
        "counter": f"{{at}}{PERCENT} of the training" if in_share else f"Epoch {{at}} of {last}",
        "in_percent": _is_share(drawn),
        "in_share": in_share,
        "epochs": last,
        "first": least if is_ended else min(factors.values()),
        "last": max(1.0, reached) if is_ended else 100.0 if in_share else float(last),
        "reached": reached,
        "range": ends,
        "arms": arms,
        "growing": lines,
        "note": _note(found, has_growing=bool(lines)) + _on_cut_bands(arms, ends, drawn),
        "alt": _alt(metric, found),
    }


def _over_epochs(study: Study) -> HistoryMetric:
    """What the verdicts are about, where that was measured after every epoch."""
    if study.primary == "robustness" or study.primary == "calibration":
        return "val_accuracy"
    return study.primary


def _is_share(drawn: HistoryMetric) -> bool:
    return METRICS[drawn].unit == "points"


def _series(name: str, found: Band, factor: float) -> Series:
    points = thin(range(len(found.epochs)), MOST_POINTS)
    mean, low, high = (
        [_number(values[point]) for point in points]
        for values in (found.mean, found.low, found.high)
    )
    x = [round(factor * (found.epochs[point] + 1), 3) for point in points]
    return {"arm": name, "x": x, "mean": mean, "low": low, "high": high}


def _seed_line(name: str, seed: int, values: Sequence[float], factor: float) -> SeedLine:
    points = thin(range(len(values)), MOST_POINTS)
    return {
        "arm": name,
        "seed": seed,
        "x": [round(factor * (point + 1), 3) for point in points],
        "y": [_number(values[point]) for point in points],
    }


def _number(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


def _range(
    arms: Sequence[Series], lines: Sequence[SeedLine], drawn: HistoryMetric, *, is_ended: bool
) -> list[float]:
    """Ends of the y axis: the mean curves, and of the bands what fits beside them."""
    least, most = POSSIBLE[drawn]
    means = [value for series in arms for value in series["mean"] if value is not None]
    means += [value for line in lines for value in line["y"] if value is not None]
    if not means:
        return [max(0.0, least), 1.0]
    low, high = min(means), max(means)
    span = max(high - low, 0.02)
    lows = [value for series in arms for value in series["low"] if value is not None]
    highs = [value for series in arms for value in series["high"] if value is not None]
    low = max(min([low, *lows]), low - _BEYOND * span, least)
    high = min(max([high, *highs]), high + _BEYOND * span)
    if is_ended:
        edge = 0.03 * span
        return [max(least, low - edge), min(most, high + edge)]
    step = _GROWING_STEP if _is_share(drawn) else 2.5 * _GROWING_STEP
    low, high = step * math.floor(low / step), step * math.ceil(high / step)
    return [round(max(least, low), 6), round(most if math.isfinite(most) else high, 6)]


def _on_cut_bands(arms: Sequence[Series], ends: list[float], drawn: HistoryMetric) -> str:
    """What to say where a band leaves the axis, between the least and most that there can be."""
    least, most = POSSIBLE[drawn]
    values = [value for series in arms for value in series["low"] + series["high"]]
    possible = [min(max(value, least), most) for value in values if value is not None]
    is_cut = any(not ends[0] <= value <= ends[1] for value in possible)
    return " A band that meets the edge goes on beyond it." if is_cut else ""


def _note(found: Mapping[str, Band], *, has_growing: bool) -> str:
    counts = {of_arm.seeds for of_arm in found.values() if of_arm.seeds}
    thin_words = " Thin: a run that still trains." if has_growing else ""
    if not counts:
        return "No run has finished an epoch yet."
    if counts == {1}:
        return f"One seed for each arm: a single curve proves nothing.{thin_words}"
    count = str(counts.pop()) if len(counts) == 1 else f"{min(counts)} to {max(counts)}"
    note = f"Line: mean of {count} seeds. Band: 95 % interval of that mean, each arm by itself."
    return note + thin_words


def _alt(metric: Metric, found: Mapping[str, Band]) -> str:
    ends = [
        f"{name} ends at {metric.scale * of_arm.mean[-1]:.{metric.decimals}f}"
        for name, of_arm in found.items()
        if of_arm.epochs
    ]
    unit = "%" if metric.unit == "points" else metric.unit
    return f"Mean {metric.label} ({unit}) over the epochs. " + "; ".join(ends) + "."
