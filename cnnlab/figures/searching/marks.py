"""How trials are drawn and named, in every figure of a search."""

import html
from collections.abc import Sequence
from typing import Any

from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.figures.palette import VALIDATION
from cnnlab.figures.panels import plain_axis
from cnnlab.figures.study import REFERENCE_COLOR
from cnnlab.figures.traces import SHARE_TICKS, Style, number
from cnnlab.searching.setting_words import (
    OBJECTIVES,
    SECOND_OBJECTIVES,
    objective_words,
    second_words,
    trial_words,
    value_words,
)

TRIALS, START = Style(VALIDATION, "solid"), Style(REFERENCE_COLOR, "solid")
"""The objective is measured on validation images; the start setting is what others are compared
with, as the reference of a study is."""

_AROUND_EQUAL = 0.05


def dots_of(
    search: Search, trials: Sequence[Trial], name: str, marker: dict[str, Any]
) -> dict[str, Any]:
    """A dot for each trial at its number; one without a value stands at its last epoch."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "showlegend": True,
        "x": [one.number for one in trials],
        "y": [number(one.value if one.value is not None else last_of(one)) for one in trials],
        "customdata": [hover_of(search, one) for one in trials],
        "marker": marker,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def objective_axis(search: Search, data: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The axis of the objective.

    Args:
        search: as it was launched.
        data: the traces, whose values decide how much of the axis is shown where all are equal.
    """
    is_share = search.objective != "val_cross_entropy"
    title = OBJECTIVES[search.objective] + ("" if is_share else " (nats)")
    axis = plain_axis() | {"title": {"text": title}}
    values = [value for trace in data for value in trace["y"] if value is not None]
    if values and max(values) == min(values):  # Plotly would show -50 % to 150 %
        axis["range"] = [values[0] - _AROUND_EQUAL, values[0] + _AROUND_EQUAL]
    if is_share and not values:  # Plotly would show -100 % to 400 %
        axis["range"] = [0, 1]
    return axis | ({"tickformat": SHARE_TICKS} if is_share else {})


def hover_of(search: Search, trial: Trial) -> str:
    """What a trial is and what it reached, in lines, as Plotly shows them."""
    value = trial.value if trial.value is not None else last_of(trial)
    lines = [f"{trial_words(trial.number)}: {objective_words(search, value)}"]
    if search.second is not None:
        lines.append(f"{SECOND_OBJECTIVES[search.second]}: {second_words(search, trial)}")
    lines += [f"{label_of(name)}: {value_words(name, set_to)}"
              for name, set_to in trial.values.items()]  # fmt: skip
    return "<br>".join(map(html.escape, lines))


def complete_of(trials: Sequence[Trial]) -> list[Trial]:
    """Those that have a finite value."""
    known = [one for one in trials if one.state is TrialState.COMPLETE]
    return [one for one in known if number(one.value) is not None]


def value_of(trial: Trial) -> float:
    """Of the objective."""
    assert trial.value is not None, "complete trials have one"
    return trial.value


def last_of(trial: Trial) -> float | None:
    """The objective at the last epoch of a trial that has no value."""
    known = [value for value in trial.curve if number(value) is not None]
    return known[-1] if known else None
