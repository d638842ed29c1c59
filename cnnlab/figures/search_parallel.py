"""Parallel coordinates of a search, as Plotly's JSON.

They are lines of our own: Plotly's need a way to make programs of texts, which our pages forbid
every script. The rows lie below each other, so that they fit a phone.
"""

import html
import textwrap
from collections.abc import Sequence
from typing import Any

from cnnlab.domain.config.labels import label_of
from cnnlab.domain.search import Search, Trial
from cnnlab.figures.panels import LEGEND_ABOVE
from cnnlab.figures.search_marks import START, TRIALS, complete_of, hover_of, value_of
from cnnlab.figures.search_scales import Scale
from cnnlab.figures.traces import Figure
from cnnlab.searching.setting_words import OBJECTIVES, objective_words

ROW_PX, AROUND_PX = 54, 44
"""Height of a row, and of what is above and below them all."""

_SHADES, _FAINTEST, _STRONGEST = 12, 0.07, 0.7
_TICK_SHIFT_PX, _LABEL_CHARACTERS = -11, 14


def parallel_height(search: Search) -> int:
    """How high `parallel_figure` is to be drawn, px."""
    return ROW_PX * (len(search.ranges) + 1) + AROUND_PX


def parallel_figure(search: Search, trials: Sequence[Trial], best: int | None) -> Figure | None:
    """Parallel coordinates: a row for each field and one for the objective, a line for each trial.

    The rows lie below each other, so that they fit a phone. None before two trials are complete.

    Args:
        search: as it was launched.
        trials: all of them; the complete ones are drawn.
        best: number of the trial to bring forward.
    """
    complete = complete_of(trials)
    values = [value_of(one) for one in complete]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    if len(complete) < 2 or low == high:
        return None
    scales = [Scale(one) for one in search.ranges]
    lowest_is_worst = search.is_better(high, than=low)
    shades: dict[int, list[Trial]] = {}
    for trial in complete:
        place = (value_of(trial) - low) / (high - low)
        goodness = place if lowest_is_worst else 1 - place
        shades.setdefault(round(goodness * (_SHADES - 1)), []).append(trial)

    def lines(drawn: Sequence[Trial]) -> tuple[list[Any], list[Any], list[Any]]:
        x: list[float | None] = []
        y: list[float | None] = []
        said: list[str | None] = []
        for trial in drawn:
            places = [scale.place(trial.values[scale.field]) for scale in scales]
            x += [*places, (value_of(trial) - low) / (high - low), None]
            y += [*(-float(row) for row in range(len(scales) + 1)), None]
            said += [*[hover_of(search, trial)] * (len(scales) + 1), None]
        return x, y, said

    data = []
    for shade, drawn in sorted(shades.items()):
        # Squared: the many that are middling shouldn't hide the few that are good.
        opacity = _FAINTEST + (_STRONGEST - _FAINTEST) * (shade / (_SHADES - 1)) ** 2
        line = {"color": TRIALS.faded(round(opacity, 3)), "width": 1.5}
        data.append(_polyline(lines(drawn), line, ""))
    start = [one for one in complete if one.number == 0]
    winner = [one for one in complete if one.number == best and best != 0]
    for name, chosen, style, dash in (
        ("start setting", start, START, "dot"),
        ("best", winner, TRIALS, "solid"),
    ):
        if chosen:
            line = {"color": style.color, "width": 3.5, "dash": dash}
            data.append(_polyline(lines(chosen), line, name))
    layout = _rows_layout(
        [
            *((label_of(scale.field), scale.ticks) for scale in scales),
            (
                OBJECTIVES[search.objective],
                [(0.0, objective_words(search, low)), (1.0, objective_words(search, high))],
            ),
        ]
    )
    return {"data": data, "layout": layout}


def _polyline(
    drawn: tuple[list[Any], list[Any], list[Any]], line: dict[str, Any], name: str
) -> dict[str, Any]:
    x, y, said = drawn
    return {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": y, "customdata": said,
        "line": line, "marker": {"color": line["color"], "size": 4 if not name else 7},
        "showlegend": bool(name), "hovertemplate": "%{customdata}<extra></extra>",
    } | ({"name": name} if name else {})  # fmt: skip


def _rows_layout(rows: Sequence[tuple[str, Sequence[tuple[float, str]]]]) -> dict[str, Any]:
    """A horizontal line for each row, its label at the left and its ticks below."""
    annotations = []
    for row, (_, ticks) in enumerate(rows):
        for place, text in ticks:
            side = "left" if place <= 0 else "right" if place >= 1 else "center"
            annotations.append(
                {
                    "x": place,
                    "y": -row,
                    "text": html.escape(text),
                    "showarrow": False,
                    "xanchor": side,
                    "yanchor": "middle",
                    "yshift": _TICK_SHIFT_PX,
                    "font": {"size": 11},
                }
            )
    hidden = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True}
    line = {"color": START.color, "width": 1}
    return {
        "margin": {"l": 8, "r": 12, "t": 28, "b": 4},
        "hovermode": "closest",
        "showlegend": True,
        "legend": LEGEND_ABOVE | {"y": 1.0},
        "uirevision": "parallel",
        "xaxis": hidden | {"range": [-0.09, 1.02], "showticklabels": False},
        "yaxis": hidden
        | {
            "range": [-len(rows) + 0.45, 0.4],
            "automargin": True,
            "ticks": "",
            "tickvals": [-row for row in range(len(rows))],
            "ticktext": [_label(label) for label, _ in rows],
        },
        "annotations": annotations,
        "shapes": [
            {
                "type": "line",
                "layer": "below",
                "line": line,
                "x0": 0,
                "x1": 1,
                "y0": -row,
                "y1": -row,
            }
            for row in range(len(rows))
        ],
    }


def _label(text: str) -> str:
    """In lines short enough for a phone."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(text, _LABEL_CHARACTERS))
