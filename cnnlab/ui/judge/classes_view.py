"""How well each class is recognized, and the pictures of the one that is clicked."""

from typing import Any, Literal

import numpy as np
import streamlit as st

from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.judgement import ClassJudgement, Judgement
from cnnlab.domain.run import Run
from cnnlab.judging.words.measure_words import interval_words
from cnnlab.ui.clicks import clicked
from cnnlab.ui.judge.curves import JUDGE_CLASS
from cnnlab.ui.judge.pictures.judged import Judged, judged_by, version_of
from cnnlab.ui.judge.pictures.shown import ask_order, by_sureness, render_pictures
from cnnlab.ui.text import escaped, plain

_TABLE = "per_class_table"
_CLICK = f"{_TABLE}_click"
"""Session key of the last click: another class may have been chosen for the curves since, and a
click on another cell of the same row means this row's again."""

_PLACE = "class"
_ROW_PX, _MOST_PX = 35, 560
_SCORES: tuple[Literal["precision", "recall", "f1", "roc_area", "average_precision"], ...] = (
    "precision",
    "recall",
    "f1",
    "roc_area",
    "average_precision",
)
# With these widths all columns are in sight at 1440 px.
_TITLES = {
    "precision": ("Precision", 85, "Of those taken for it, how many show it."),
    "recall": ("Recall", 75, "Of those that show it, how many are found."),
    "f1": ("F1", 75, "Harmonic mean of precision and recall."),
    "roc_area": ("ROC area", 85, "How well its probability orders: 50 % is chance."),
    "average_precision": ("Average precision", 130, "Mean precision over all thresholds."),
}
_MISSED, _TAKEN, _FOUND = "Missed", "Wrongly taken for it", "Recognized"


def render_classes(judgement: Judgement, predictions: Predictions, run: Run) -> None:
    """The table, sortable by its heads, and the pictures of the class that is clicked."""
    import pandas as pd  # noqa: PLC0415 - loaded with the first table

    st.header("Class by class", anchor=False)
    st.caption(
        "Click a class to see its pictures, here, and its curves, below; click a head to sort. "
        "Intervals are 95 % and wide where a class has few images."
    )
    version = version_of(judgement, run)
    rows = judgement["per_class"]
    event = st.dataframe(
        pd.DataFrame([_row(row) for row in rows]),
        key=_TABLE,
        hide_index=True,
        width="stretch",
        height=min(_MOST_PX, _ROW_PX * (len(rows) + 1) + 3),
        on_select="rerun",
        selection_mode="single-cell",
        column_config=_COLUMNS,
        placeholder="–",
    )
    chosen = clicked(event, [f"{version} {label}" for label in range(len(rows))], table=_TABLE)
    click = (chosen, tuple(event.selection.cells))
    if chosen is None or not chosen.startswith(f"{version} "):
        if chosen is None:
            st.session_state.pop(_CLICK, None)
        return
    label = int(chosen.rpartition(" ")[2])
    if st.session_state.get(_CLICK) != click:
        st.session_state[_CLICK] = click
        st.session_state[JUDGE_CLASS] = judgement["classes"][label]
        st.rerun()  # the curves are another section
    _render_class(judged_by(judgement, predictions, run), label, version)


def _row(row: ClassJudgement) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "class": plain(row["class"]),
        "images": row["images"],
        "predicted": row["predicted"],
    }
    for name in _SCORES:
        found = row[name]
        shown[name] = None if found["value"] is None else 100 * found["value"]
        shown[f"{name}_interval"] = interval_words(found)
    return shown


_COLUMNS: dict[str, Any] = {
    "class": st.column_config.TextColumn("Class", width=120, pinned=True),
    "images": st.column_config.NumberColumn("Images", width=65),
    "predicted": st.column_config.NumberColumn(
        "Taken for it", width=90, help="How many images the model takes for this class."
    ),
    **{
        name: st.column_config.NumberColumn(title, format="%.1f %%", width=width, help=meaning)
        for name, (title, width, meaning) in _TITLES.items()
    },
    **{
        f"{name}_interval": st.column_config.TextColumn("95 %", width=105)
        for name in _SCORES
    },
}  # fmt: skip


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
            label=f"{group}: {plain(name)}",
            version=f"{version} {label} {group} {order}",
        )
