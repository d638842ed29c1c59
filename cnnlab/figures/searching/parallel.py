"""Parallel coordinates of a search, as Plotly's JSON.

The rows lie below each other, so that they fit a phone: `cnnlab/figures/parallel_rows.py`.
"""

from collections.abc import Sequence
from typing import Any

from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.search import Search, Trial
from cnnlab.figures.parallel_rows import AROUND_PX, ROW_PX, polyline_trace, rows_layout
from cnnlab.figures.searching.marks import START, TRIALS, complete_of, hover_of, value_of
from cnnlab.figures.searching.scales import Scale
from cnnlab.figures.traces import Figure
from cnnlab.searching.setting_words import OBJECTIVES, objective_words

_SHADES, _FAINTEST, _STRONGEST = 12, 0.35, 0.8


def parallel_height(search: Search) -> int:
    """How high `parallel_figure` is to be drawn, px."""
    return ROW_PX * (len(search.ranges) + 1) + AROUND_PX


def is_any_outside(search: Search, trials: Sequence[Trial]) -> bool:
    """Whether a complete trial has a value outside of its range, as the start setting may."""
    scales = [Scale(one) for one in search.ranges]
    return any(
        not 0 <= scale.place(trial.values[scale.field]) <= 1
        for trial in complete_of(trials)
        for scale in scales
    )


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
        data.append(polyline_trace(lines(drawn), line))
    start = [one for one in complete if one.number == 0]
    winner = [one for one in complete if one.number == best and best != 0]
    for name, chosen, style, dash in (
        ("start setting", start, START, "dot"),
        ("best", winner, TRIALS, "solid"),
    ):
        if chosen:
            line = {"color": style.color, "width": 3.5, "dash": dash}
            data.append(polyline_trace(lines(chosen), line, name))
    layout = rows_layout(
        [
            *((label_of(scale.field), scale.ticks) for scale in scales),
            (
                OBJECTIVES[search.objective],
                [(0.0, objective_words(search, low)), (1.0, objective_words(search, high))],
            ),
        ]
    )
    return {"data": data, "layout": layout}
