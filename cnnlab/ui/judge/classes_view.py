"""How well each class is recognized, and the pictures of the one that is clicked."""

from typing import Any, Literal

import numpy as np
import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import ClassJudgement, Judgement
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, percent
from cnnlab.judging.words.measure_words import interval_words, value_words
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.judge.curves import JUDGE_CLASS
from cnnlab.ui.judge.pictures.judged import Judged, judged_by, version_of
from cnnlab.ui.judge.pictures.shown import ask_order, by_sureness, render_pictures
from cnnlab.ui.text import escaped, plain

_TABLE = "per_class_table"
_SHOWN = f"{_TABLE}_shown"
"""Session key: version and number of the class that was clicked last."""

_PLACE = "class"
_SCORES: tuple[Literal["precision", "recall", "f1", "roc_area", "average_precision"], ...] = (
    "precision",
    "recall",
    "f1",
    "roc_area",
    "average_precision",
)
_TITLES = {
    "precision": ("Precision", "Of those taken for it, how many show it."),
    "recall": ("Recall", "Of those that show it, how many are found."),
    "f1": ("F1", "Harmonic mean of precision and recall."),
    "roc_area": ("ROC area", "How well its probability orders, 0 to 1; 0.5 is chance."),
    "average_precision": (
        "Average precision",
        "Mean precision over all thresholds, 0 to 1: an area, too.",
    ),
}
_MISSED, _TAKEN, _FOUND = "Missed", "Wrongly taken for it", "Recognized"


def render_classes(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The table, sortable by its heads, and the pictures of the class that is clicked."""
    st.header("Class by class", anchor=False)
    st.caption(
        "Choose a class to see its pictures, here, and its curves, below. "
        "Intervals are 95 % and wide where a class has few images."
    )
    version = version_of(judgement, run)
    rows = judgement["per_class"]
    ids = [f"{version} {label}" for label in range(len(rows))]
    shown = st.session_state.get(_SHOWN, "")
    clicked = render_table(
        [_row(row) for row in rows],
        key=_TABLE,
        name="Class by class",
        columns=_COLUMNS,
        ids=ids,
        chosen=shown,
    )
    if clicked:
        st.session_state[_SHOWN] = clicked
        st.session_state[JUDGE_CLASS] = judgement["classes"][ids.index(clicked)]
        st.rerun()  # the curves are another section
    if shown not in ids:
        return
    label = ids.index(shown)
    _render_class(judged_by(judgement, predictions, run), label, version)


def _row(row: ClassJudgement) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "class": plain(row["class"]),
        "images": row["images"],
        "predicted": row["predicted"],
    }
    for name in _SCORES:
        shown[name] = row[name] if row[name]["value"] is not None else None
    return shown


_AREAS = ("roc_area", "average_precision")
"""Under a curve: numbers of 0 to 1, as beside the curves, and no shares of images.

A phone says them with the curves only: its cards stay short.
"""


def _with_interval(found: Measured) -> str:
    return f"{percent(found['value'])} ({interval_words(found)})"


def _area(found: Measured) -> str:
    value, interval = (say(found, is_share=False) for say in (value_words, interval_words))
    return f"{value} ({interval})"


def _value(found: Measured) -> float | None:
    return found["value"]


_COLUMNS = {
    "class": Column("Class"),
    "images": Column("Images", "number", "{:,}".format),
    "predicted": Column(
        "Taken for it", "number", "{:,}".format, "How many images the model takes for this class."
    ),
    **{
        name: Column(
            f"{title} (95 %)",
            "number",
            _area if name in _AREAS else _with_interval,
            meaning,
            _value,
            is_in_cards=name not in _AREAS,
        )
        for name, (title, meaning) in _TITLES.items()
    },
}


def _render_class(judged: Judged, label: int, version: str) -> None:
    """The pictures of a class: missed ones, those wrongly taken for it, recognized ones."""
    is_true = judged.predictions.labels == label
    is_said = judged.predictions.probabilities.argmax(axis=1) == label
    groups = {
        _MISSED: np.flatnonzero(is_true & ~is_said),
        _TAKEN: np.flatnonzero(~is_true & is_said),
        _FOUND: np.flatnonzero(is_true & is_said),
    }
    name = judged.classes[label]
    with st.container(key="class_shown"):
        st.markdown(f"**{escaped(name)}**")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.session_state.setdefault("class_group", _MISSED)
            group = st.segmented_control(
                "Which pictures",
                list(groups),
                key="class_group",
                format_func=lambda group: f"{group} ({len(groups[group]):,})",
                label_visibility="collapsed",
                required=True,
            )
            order = ask_order("class_order")
        places = groups[group or _MISSED]
        if not len(places):
            st.caption("There are none.")
            return
        render_pictures(
            judged,
            by_sureness(judged, places, order),
            place=_PLACE,
            label=f"{group}: {plain(called(name))}",
            version=f"{version} {label} {group} {order}",
        )
