"""Figures inside a report: boxes that its script draws into, with their data beside them."""

import json
from collections.abc import Sequence
from typing import Any

from cnnlab.documents.content import Content, Further
from cnnlab.documents.tables import arm_name
from cnnlab.documents.text import safe
from cnnlab.domain.records.training import CurveMetric
from cnnlab.figures.answers.forest import forest_figure, forest_key
from cnnlab.figures.end_labels import end_label
from cnnlab.figures.study import arm_styles, band_figure, epochs_reached, gap_figure, has_penalty
from cnnlab.figures.traces import METRIC_LABELS, Figure

_CURVES: tuple[CurveMetric, ...] = ("val_accuracy", "val_cross_entropy", "gap")
_CURVE_PX, _SMALL_PX, _ROW_PX, _FOREST_PX = 380, 200, 54, 76
_MOST_LABELS = 16


def embedded(content: Any) -> str:  # noqa: ANN401 - any JSON value
    """JSON that may stand inside a script element, whatever names are in it."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def forest_chart(content: Content) -> str:
    """The differences with their intervals; nothing before there is one."""
    figure = forest_figure(content.verdicts, content.study)
    labels = figure["layout"]["yaxis"]["ticktext"]
    if not labels:
        return "<p>No arm can be compared yet.</p>"
    figure["layout"]["xaxis"]["title"] = {"text": f"difference ({content.primary.unit})"}
    alt = f"Difference of each arm from {content.compared_with} in {content.primary.label}"
    height = _FOREST_PX + _ROW_PX * len(labels)
    caption = (
        f"Difference in {content.primary.label} from {safe(content.compared_with)}. "
        f"{forest_key(content.verdicts, content.study)}"
    )
    return chart(figure, height, alt=alt, caption=caption)


def arm_switches(content: Content) -> str:
    """A button for each arm that shows and hides it in the curves."""
    styles = arm_styles(content.study)
    buttons = "".join(
        f'<button type="button" data-arm="{number}" aria-pressed="true">'
        f"{arm_name(arm.name, styles[arm.name])}</button>"
        for number, arm in enumerate(content.study.arms)
    )
    return f'<div class="switches" role="group" aria-label="Arms in the curves">{buttons}</div>'


def curves_of(content: Content) -> tuple[CurveMetric, ...]:
    """The metrics whose curves are shown: the penalty only where there is one."""
    has_any = any(map(has_penalty, content.histories.values()))
    return (*_CURVES, "penalty") if has_any else _CURVES


def curve_chart(content: Content, metric: CurveMetric) -> str:
    """Mean and band of every arm over the epochs."""
    styles = arm_styles(content.study)
    figure = band_figure(content.histories, metric, styles, height=_CURVE_PX)
    names = list(content.histories)
    numbers = {arm.name: number for number, arm in enumerate(content.study.arms)}
    of_traces, arm = [], 0
    for trace in figure["data"]:
        of_traces.append(numbers[names[arm]])
        arm += trace["mode"] == "markers"  # the last one of each arm
    by_label = {end_label(name, styles[name]): number for name, number in numbers.items()}
    of_labels = [by_label[label["text"]] for label in figure["layout"]["annotations"]]
    if len(of_labels) > _MOST_LABELS:
        figure["layout"]["annotations"] = []
    title = METRIC_LABELS[metric]
    return chart(
        figure,
        _CURVE_PX,
        alt=f"{title} of each arm over the epochs",
        caption=title[:1].upper() + title[1:],
        arms=(of_traces, of_labels),
    )


def further_chart(further: Further) -> str:
    """A figure of its own, below its title and its words."""
    drawn = chart(further.figure, further.height, alt=further.title, caption="")
    return f"<h3>{safe(further.title)}</h3>{said(further.words)}{drawn}"


def said(words: Sequence[str]) -> str:
    """Sentences with names of users in them, each in a line of its own."""
    return "".join(f'<p class="said">{safe(sentence, limit=1000)}</p>' for sentence in words)


def gap_charts(content: Content) -> str:
    """One small figure for each arm that has begun."""
    styles = arm_styles(content.study)
    epochs = epochs_reached(content.histories)
    charts = [
        chart(
            gap_figure(of_arm, styles[name], epochs),
            _SMALL_PX,
            alt=f"Clean train and validation accuracy of {name}",
            caption=arm_name(name, styles[name]),
        )
        for name, of_arm in content.histories.items()
        if any(of_arm.values())
    ]
    return f'<div class="grid">{"".join(charts)}</div>'


def chart(
    figure: Figure,
    height: int,
    *,
    alt: str,
    caption: str,
    arms: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> str:
    """A figure element.

    Args:
        figure: Plotly's JSON.
        height: in px.
        alt: for those who can't see it, as text.
        caption: HTML.
        arms: number of the arm of each trace and of each label that can be hidden with it.
    """
    data = embedded({**figure, "of_traces": arms[0], "of_labels": arms[1]})
    told = f"<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure class="chart">{told}'
        f'<div class="plot" style="--height:{height}px" role="img" aria-label="{safe(alt)}"></div>'
        f'<script type="application/json">{data}</script></figure>'
    )
