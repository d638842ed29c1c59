"""Figures of a search as Plotly's JSON: how it went on, what mattered, one field, two objectives.

The parallel coordinates are in `search_parallel`.
"""

import html
from collections.abc import Sequence

from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.records.importance import SearchImportance
from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.figures.panels import LEGEND_ABOVE, plain_axis
from cnnlab.figures.searching.marks import (
    START,
    TRIALS,
    complete_of,
    dots_of,
    last_of,
    objective_axis,
    value_of,
)
from cnnlab.figures.searching.scales import Scale
from cnnlab.figures.traces import MARGIN, SHARE_TICKS, Figure, number
from cnnlab.searching.setting_words import SECOND_OBJECTIVES

BAR_PX, AROUND_BARS_PX = 34, 60
"""Height of a bar of the importances, and of what is around them all."""

_FEW_TRIALS = 12
"""Below, Plotly would write each number of the axis of trials twice."""

_ROOM = 1.06
"""Of an axis that begins at 0: a little more than what is drawn."""


def progress_figure(search: Search, trials: Sequence[Trial]) -> Figure:
    """The objective of each trial in the order of being chosen, with the best so far as a line.

    A trial that was ended early stands at the last epoch that it has, as a cross.

    Args:
        search: as it was launched.
        trials: all of them.
    """
    complete = complete_of(trials)
    best_so_far: list[float] = []
    for trial in complete:
        value = value_of(trial)
        is_better = not best_so_far or search.is_better(value, than=best_so_far[-1])
        best_so_far.append(value if is_better else best_so_far[-1])
    pruned = [one for one in trials if one.state is TrialState.PRUNED and last_of(one) is not None]
    start = [one for one in complete if one.number == 0]
    others = [one for one in complete if one.number != 0]
    data = [
        {
            "type": "scatter", "mode": "lines", "name": "best so far", "showlegend": True,
            "x": [one.number for one in complete], "y": list(map(number, best_so_far)),
            "line": {"color": TRIALS.color, "width": 2.5, "shape": "hv"}, "hoverinfo": "skip",
        },
        dots_of(search, others, "complete", {"color": TRIALS.faded(0.6), "size": 8}),
        dots_of(search, start, "start setting", {"color": START.color, "size": 11}),
        dots_of(
            search, pruned, "ended early",
            {"color": START.color, "size": 9, "symbol": "x-thin",
             "line": {"color": START.color, "width": 2.5}},
        ),
    ]  # fmt: skip
    layout = {
        "margin": MARGIN | {"t": 30},
        "hovermode": "closest",
        "showlegend": True,
        "legend": LEGEND_ABOVE,
        "uirevision": "progress",
        "xaxis": plain_axis()
        | {
            "title": {"text": "trial (0: the start setting)"},
            # From 0 on the start setting's dot would be cut in half.
            "rangemode": "normal" if complete else "tozero",
            "tickformat": "d",
        }
        | ({"dtick": 1} if len(trials) < _FEW_TRIALS else {}),
        "yaxis": objective_axis(search, data),
    }
    return {"data": [trace for trace in data if trace["x"]], "layout": layout}


def importance_figure(importance: SearchImportance) -> Figure:
    """A bar for each field: what it alone explains, with its interval; the largest at the top."""
    ordered = sorted(importance["fields"].items(), key=lambda item: item[1]["share"])
    data = {
        "type": "bar",
        "orientation": "h",
        "x": [number(each["share"]) for _, each in ordered],
        "y": [html.escape(label_of(field)) for field, _ in ordered],
        "marker": {"color": TRIALS.faded(0.55)},
        "error_x": {
            "type": "data", "symmetric": False, "color": START.color, "thickness": 2,
            "array": [number(each["high"] - each["share"]) for _, each in ordered],
            "arrayminus": [number(each["share"] - each["low"]) for _, each in ordered],
        },
        "customdata": [[each["low"], each["high"]] for _, each in ordered],
        "hovertemplate": "%{y}: %{x:.0%}, 90 % interval %{customdata[0]:.0%} to "
        "%{customdata[1]:.0%}<extra></extra>",
        "showlegend": False,
    }  # fmt: skip
    layout = {
        "margin": MARGIN,
        "uirevision": "importance",
        "xaxis": plain_axis()
        | {
            "title": {"text": "explains of the differences, alone"},
            "tickformat": SHARE_TICKS,
            "range": [0, _ROOM * (max(each["high"] for _, each in ordered) or 1.0)],
        },
        "yaxis": plain_axis() | {"showgrid": False},
    }
    return {"data": [data], "layout": layout}


def slice_figure(search: Search, trials: Sequence[Trial], field: str) -> Figure:
    """One field against the objective, a dot for each complete trial; the start setting in grey.

    Args:
        search: as it was launched.
        trials: all of them.
        field: dotted, one of those that are searched.
    """
    scale = Scale(next(one for one in search.ranges if one.field == field))
    complete = complete_of(trials)
    data = []
    for name, drawn, style in (
        ("complete", [one for one in complete if one.number != 0], TRIALS),
        ("start setting", [one for one in complete if one.number == 0], START),
    ):
        if drawn:
            size = 8 if style is TRIALS else 11
            dots = dots_of(search, drawn, name, {"color": style.faded(0.7), "size": size})
            data.append(dots | {"x": [scale.place(one.values[field]) for one in drawn]})
    places = scale.ticks
    layout = {
        "margin": MARGIN | {"t": 30},
        "hovermode": "closest",
        "showlegend": True,
        "legend": LEGEND_ABOVE,
        "uirevision": f"slice {field}",
        "xaxis": plain_axis()
        | {
            "title": {"text": html.escape(label_of(field))},
            "range": [-0.09, 1.05],
            "tickvals": [place for place, _ in places],
            "ticktext": [html.escape(text) for _, text in places],
        },
        "yaxis": objective_axis(search, data),
    }
    return {"data": data, "layout": layout}


def front_figure(search: Search, trials: Sequence[Trial], front: Sequence[int]) -> Figure | None:
    """Both objectives of all complete trials, with those that no other one beats joined by a line.

    None without a second objective, or before a trial has both.

    Args:
        search: as it was launched.
        trials: all of them.
        front: numbers of those that no other one beats, by the second objective.
    """
    known = {one.number: one for one in complete_of(trials) if one.second is not None}
    if search.second is None or not known:
        return None
    joined = [known[chosen] for chosen in front if chosen in known]
    others = [one for one in known.values() if one.number not in front]
    data = []
    for name, drawn, marker in (
        ("beaten by another", others, {"color": START.faded(0.6), "size": 8}),
        ("beaten by none", joined, {"color": TRIALS.color, "size": 10}),
    ):
        if drawn:
            dots = dots_of(search, drawn, name, marker)
            data.append(dots | {"x": [number(one.second) for one in drawn]})
    data[-1] |= {"mode": "lines+markers", "line": {"color": TRIALS.color, "width": 2}}
    layout = {
        "margin": MARGIN | {"t": 30},
        "hovermode": "closest",
        "showlegend": True,
        "legend": LEGEND_ABOVE,
        "uirevision": "front",
        "xaxis": plain_axis()
        | {"title": {"text": SECOND_OBJECTIVES[search.second]}, "rangemode": "tozero"},
        "yaxis": objective_axis(search, data),
    }
    return {"data": data, "layout": layout}
