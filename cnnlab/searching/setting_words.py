"""A search's fields, values and objectives in words, as page, figures and tables say them."""

from collections.abc import Mapping
from typing import Any

from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.search import Objective, Search, SecondObjective, Trial
from cnnlab.domain.search_ranges import field_info
from cnnlab.domain.words import UNKNOWN, digits, percent, with_unit
from cnnlab.fields import extra

OBJECTIVES: dict[Objective, str] = {
    "val_accuracy": "Validation accuracy",
    "val_cross_entropy": "Validation cross-entropy",
    "gap_penalised": "Accuracy minus half of the gap",
}
SECOND_OBJECTIVES: dict[SecondObjective, str] = {
    "parameters": "Parameters",
    "milliseconds": "Milliseconds an image (estimated)",
}


def value_words(field: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """One value of a field: `0.0031`, `15°`, `one cycle`, `on`, `off`.

    Args:
        field: dotted.
        value: as it stands in the config.
    """
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        return str(value.get("name", "on")).replace("_", " ")
    if isinstance(value, str):
        return value.replace("_", " ")
    info = field_info(field)
    unit = None if info is None else extra(info, "unit")
    return with_unit(number_words(value), unit)


def trial_words(number: int) -> str:
    """What a trial is called: `Start setting`, `Trial 3`."""
    return f"Trial {number}" if number else "Start setting"


def number_words(value: float) -> str:
    """A number with three significant digits, a very small one as the form shows it: `1.79e-06`."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:.0f}"
    return f"{value:.3g}"


def changed_words(search: Search, values: Mapping[str, Any]) -> list[str]:
    """What a setting changes against the start: `Dropout 0.31 (was 0)`; empty for the start."""
    start = search.start
    return [
        f"{label_of(field)} {value_words(field, values[field])} "
        f"(was {value_words(field, start[field])})"
        for field in search.fields
        if field in values and values[field] != start[field]
    ]


def objective_words(search: Search, value: float | None) -> str:
    """A value of the objective with its unit; a dash where it isn't known."""
    if value is None:
        return UNKNOWN
    if search.objective == "val_cross_entropy":
        return f"{digits(value, most_decimals=3)} nats"
    return percent(value)


def second_words(search: Search, trial: Trial) -> str:
    """A trial's second objective with its unit; a dash where there is none."""
    if search.second is None or trial.second is None:
        return UNKNOWN
    if search.second == "parameters":
        return f"{trial.second:,.0f} parameters"
    return f"{digits(trial.second, most_decimals=3)} ms"
