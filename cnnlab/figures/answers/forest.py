"""The differences of a study's arms from its reference with their intervals, as Plotly's JSON."""

import html
import math
from collections.abc import Mapping
from typing import Any

from cnnlab.domain.study import Study
from cnnlab.domain.words import exact_percent, with_sign
from cnnlab.figures.answers.difference_axis import difference_axis, far_off
from cnnlab.figures.study import REFERENCE_COLOR, arm_styles
from cnnlab.figures.traces import MARGIN, Figure, Style, label_of
from cnnlab.study.rules_wording import ABOUT, margin_words, other_scope
from cnnlab.study.scopes import ScopedInterval
from cnnlab.study.verdicts import Comparison, Verdict
from cnnlab.study.wording import METRICS, Metric, difference_words

_MARGIN_FILL = "rgba(107,122,144,0.15)"
_NAME_ABOVE, _APART, _OTHER_OPACITY = 0.34, 0.26, 0.6
"""How far the name lies above a row's bar, and the other scope's bar below it, in rows."""
_THICK_PX, _THIN_PX, _ARROW_PX = 6, 2, 30


def forest_figure(comparisons: Mapping[str, Comparison], study: Study) -> Figure:
    """A thick bar for each arm: the interval that its verdict rests on; zero is a line.

    The scope that the verdicts aren't about has a thin bar below, where it is known. The band
    around zero is the margin. Names lie above their bars, so that these have the whole width; an
    arm so far off that the others would shrink to dots is an arrow at the edge, and has its numbers
    behind its name.

    Args:
        comparisons: on the study's primary metric, by arm.
        study: as it was launched.
    """
    metric, styles = METRICS[study.primary], arm_styles(study)
    known = [found for found in comparisons.values() if _has_mean(found)]
    rows = [_row(row, found, study, metric, styles[found.arm]) for row, found in enumerate(known)]
    margin = metric.scale * study.margin
    ends = [_ends(bars) for bars in rows]
    far = far_off(ends, margin)
    near = [end for row, end in enumerate(ends) if row not in far]
    layout = {
        "margin": MARGIN,
        "hovermode": "closest",
        "xaxis": difference_axis(near, margin) | {"title": {"text": f"difference ({metric.unit})"}},
        "yaxis": {
            "range": [len(known) - 0.45, -0.65],
            "tickvals": list(range(len(known))),
            "ticktext": [label_of(found.arm) for found in known],
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
        },
        "annotations": [
            *(
                _name(row, found, _numbers(found, metric) if row in far else "")
                for row, found in enumerate(known)
            ),
            *(_arrow(row, known[row], styles[known[row].arm]) for row in far),
        ],
        "shapes": _shapes(margin),
        "uirevision": "forest",
    }
    return {"data": [bar for bars in rows for bar in bars], "layout": layout}


def _has_mean(found: Comparison) -> bool:
    is_reference = found.verdict is Verdict.REFERENCE
    return not is_reference and found.mean is not None and math.isfinite(found.mean)


def _row(
    row: int, found: Comparison, study: Study, metric: Metric, style: Style
) -> list[dict[str, Any]]:
    """The bar of the verdict and, where it is known, that of the other scope."""
    other = found.in_scope(other_scope(study))
    chosen = ScopedInterval(study.about, found.mean, found.low, found.high, found.confidence)
    bars = [_bar(row, found.arm, chosen, metric, style.color, _THICK_PX)]
    if found.is_open or chosen.low is None:  # a mean alone
        line = {"color": style.color, "width": 2.5}
        bars[0]["marker"] = {"symbol": "circle", "size": 10, "color": "rgba(0,0,0,0)", "line": line}
    if other.low is not None and not found.is_open:
        faded = style.faded(_OTHER_OPACITY)
        bars.append(_bar(row + _APART, found.arm, other, metric, faded, _THIN_PX))
    return bars


def _bar(
    place: float, arm: str, found: ScopedInterval, metric: Metric, color: str, thickness: int
) -> dict[str, Any]:
    """An interval with an upright tick at its mean: no mark hides it, however short it is."""
    mean = metric.scale * (found.mean or 0.0)
    low, high = (mean if end is None else metric.scale * end for end in (found.low, found.high))
    shown = f"{label_of(arm)}: %{{x:+.2f}} {metric.unit}"
    if found.confidence is not None:
        shown += (
            f", on {ABOUT[found.scope]} {with_sign(low, 2)} to {with_sign(high, 2)} "
            f"({html.escape(exact_percent(found.confidence))} interval)"
        )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{label_of(arm)}, on {ABOUT[found.scope]}",
        "x": [mean],
        "y": [place],
        "showlegend": False,
        "marker": {
            "symbol": "line-ns",
            "size": 4 + thickness,
            "color": color,
            "line": {"color": color, "width": 2},
        },
        "error_x": {
            "type": "data",
            "visible": found.low is not None,
            "symmetric": False,
            "array": [high - mean],
            "arrayminus": [mean - low],
            "color": color,
            "thickness": thickness,
            "width": 0,  # caps, which would hide a short one
        },
        "hovertemplate": f"{shown}<extra></extra>",
    }


def _ends(bars: list[dict[str, Any]]) -> tuple[float, float]:
    """The least and the greatest value that a row's bars reach."""
    lows = [bar["x"][0] - bar["error_x"]["arrayminus"][0] for bar in bars]
    highs = [bar["x"][0] + bar["error_x"]["array"][0] for bar in bars]
    return min(lows), max(highs)


def _name(row: int, found: Comparison, numbers: str) -> dict[str, Any]:
    """The arm above its bar; one that isn't on the axis with its difference in numbers."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": row - _NAME_ABOVE, "yref": "y"}
    shown = f"{label_of(found.arm)}: {numbers}" if numbers else label_of(found.arm)
    return place | {"text": shown, "showarrow": False}


def _numbers(found: Comparison, metric: Metric) -> str:
    mean = found.mean or 0.0
    if found.low is None or found.high is None:
        return f"{with_sign(metric.scale * mean, metric.decimals)} {metric.unit}"
    return difference_words(mean, found.low, found.high, metric)


def _arrow(row: int, found: Comparison, style: Style) -> dict[str, Any]:
    """Where a row lies that isn't on the axis."""
    is_left = (found.mean or 0.0) < 0
    return {
        "x": 0 if is_left else 1,
        "xref": "paper",
        "xanchor": "left" if is_left else "right",
        "y": row,
        "yref": "y",
        "ax": _ARROW_PX if is_left else -_ARROW_PX,
        "ay": 0,
        "text": "",
        "showarrow": True,
        "arrowcolor": style.color,
        "arrowwidth": 2,
        "arrowhead": 2,
    }


def _shapes(margin: float) -> list[dict[str, Any]]:
    across = {"y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    band = {"type": "rect", "x0": -margin, "x1": margin, "fillcolor": _MARGIN_FILL}
    zero = {"type": "line", "x0": 0, "x1": 0}
    return [
        across | band | {"line": {"width": 0}},
        across | zero | {"line": {"color": REFERENCE_COLOR, "width": 1.5, "dash": "dot"}},
    ]


def forest_key(comparisons: Mapping[str, Comparison], study: Study) -> str:
    """What the marks mean, in words: of as much as is drawn."""
    known = [found for found in comparisons.values() if _has_mean(found)]
    shaded = f"Shaded: differences up to {margin_words(study)}, which count as none."
    if not any(found.low is not None for found in known):
        return f"Circles: mean differences so far, without a verdict. {shaded}"
    other = other_scope(study)
    bars = f"Thick bar: on {ABOUT[study.about]}, which the claim is about"
    if any(found.in_scope(other).low is not None for found in known):
        bars += f"; thin bar: on {ABOUT[other]}"
    wider = f"{_WIDER} " if any(_is_wider_alone(found) for found in known) else ""
    return f"{bars}; tick: the mean. {wider}{shaded}"


_WIDER = (
    "A thick bar may be the wider one: all arms together tell its luck, its arm alone that of a "
    "thin one."
)


def _is_wider_alone(found: Comparison) -> bool:
    """Whether the arms judged together waver more than this one alone, seeds and images."""
    these, new = found.these_images, found.new_images
    if these.low is None or these.high is None or new.low is None or new.high is None:
        return False
    return found.is_anchored and these.high - these.low > new.high - new.low
