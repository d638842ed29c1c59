"""What models say of many pictures, as a table: counts per class, a filter, the CSV, the choice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.familiarity import is_unlike
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, counted, percent
from cnnlab.server.downloads import predictions_address
from cnnlab.server.images import predicted_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.table.table import Column, ask_rows
from cnnlab.ui.judge.pictures.shown import LEAST_SURE, SUREST, render_more, shown_count
from cnnlab.ui.predict.adding import ask_class
from cnnlab.ui.text import distinct, escaped, plain

_OFFERED = {-1: "unlike anything it knows", -2: "no picture"}
"""What isn't a class is counted and filtered by a number that no class has."""

_UNLIKE, _REFUSED = _OFFERED
_UNCALIBRATED = (
    "No run of these was judged on its validation images before this table was made, or no "
    "temperature makes their probabilities truer."
)
_AS_GIVEN = "As given"
_MOST_PILLS = 30
_PLACE = "many_rows"
"""Begins the keys of the table and of the buttons for more of it."""


@dataclass(frozen=True)
class _Told:
    """What is said of N pictures by R runs, as it is shown.

    Attributes:
        table: with what was said.
        numbers: what is written behind the columns of each run; empty for one alone.
        shares: (N, R) float32, probabilities of the classes that are said.
        unlike: by run, whether each picture is unlike the training images; None isn't known.
        groups: (N,) int, the class that the first run says, or that it is no picture.
    """

    table: lab.PictureTable
    numbers: list[str]
    shares: np.ndarray
    unlike: list[list[bool | None]]
    groups: np.ndarray


def render_table(key: str, runs: Sequence[Run]) -> None:
    """The table of a finished job.

    Args:
        key: of the job.
        runs: that are chosen on the page: pictures are added to their datasets.

    Raises:
        CnnlabError: there is no such table any more, or it is damaged.
    """
    table = lab.predictions_table(key)
    can_calibrate = bool(np.isfinite(table.calibrated).any())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            "Table (CSV)", predictions_address(key), icon=":material/download:", key="many_csv"
        )
        is_calibrated = st.toggle(
            "Calibrated",
            key="many_calibrated",
            disabled=not can_calibrate,
            help=None if can_calibrate else _UNCALIBRATED,
        )
    told = _told(table, is_calibrated=is_calibrated and can_calibrate)
    wanted = _ask_filter(key, told)
    order = st.segmented_control(
        "Order", [_AS_GIVEN, SUREST, LEAST_SURE], key="many_order", default=_AS_GIVEN,
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    places = _ordered(told, np.flatnonzero(_is_wanted(told, wanted)), order or _AS_GIVEN)
    if len(table.runs) > 1:
        named = [f"**{at}** {escaped(run.run_name)}" for at, run in enumerate(table.runs, start=1)]
        st.caption(" · ".join(named))
    _render_rows(key, told, places, f"{key} {wanted} {order}", runs)


def _told(table: lab.PictureTable, *, is_calibrated: bool) -> _Told:
    said = table.probabilities[:, :, 0]
    truer = table.calibrated[:, :, 0] if is_calibrated else said
    readable = [row not in table.reasons for row in range(len(table))]
    several = len(table.runs) > 1
    return _Told(
        table,
        [f" {at}" if several else "" for at in range(1, len(table.runs) + 1)],
        np.where(np.isfinite(truer), truer, said),
        [
            [is_unlike(run.familiarity, distance) for distance in table.distances[:, at].tolist()]
            for at, run in enumerate(table.runs)
        ],
        np.where(readable, table.labels[:, 0, 0], _REFUSED),
    )


def _ask_filter(key: str, told: _Told) -> list[int]:
    """How many pictures there are of each class, to choose those that are shown; empty is all."""
    classes = told.table.runs[0].classes
    counts = Counter(told.groups.tolist())
    if unlike := sum(one is True for one in told.unlike[0]):
        counts[_UNLIKE] = unlike
    order = sorted(counts, key=lambda group: (-group if group < 0 else 0, -counts[group]))
    # Of the labels of pills Streamlit makes Markdown, of the options of a list it doesn't.
    is_long = len(order) > _MOST_PILLS
    safe = plain if is_long else escaped
    words = distinct(
        {
            str(group): f"{safe(_OFFERED.get(group) or called(classes[group]), limit=30)} "
            f"({counts[group]:,})"
            for group in order
        }
    )
    own, named = f"many_filter_{key}", words.__getitem__
    if is_long:
        chosen = st.multiselect("Show only", list(words), key=own, format_func=named)
    else:
        chosen = st.pills(
            "Show only", list(words), key=own, selection_mode="multi", format_func=named
        )
    return sorted(map(int, chosen))


def _is_wanted(told: _Told, wanted: Sequence[int]) -> np.ndarray:
    """(N,) bool."""
    if not wanted:
        return np.ones(len(told.table), bool)
    chosen = np.isin(told.groups, wanted)
    if _UNLIKE in wanted:
        chosen |= np.array([one is True for one in told.unlike[0]], bool)
    return chosen


def _ordered(told: _Told, places: np.ndarray, order: str) -> np.ndarray:
    """Places by how sure the first run is, those of no picture last; or as they were given."""
    if order == _AS_GIVEN:
        return places
    shares = told.shares[places, 0] * (-1 if order == SUREST else 1)
    refused = told.groups[places] == _REFUSED
    return places[np.argsort(np.where(refused, np.inf, shares), kind="stable")]


def _render_rows(
    key: str, told: _Told, places: np.ndarray, version: str, runs: Sequence[Run]
) -> None:
    shown = places[: shown_count(_PLACE, version)].tolist()
    columns = _columns(told)
    with st.container(key="many_table"):
        ticked = ask_rows(
            [_row(key, told, place) for place in shown],
            key=f"{_PLACE}_{key}", name="What is said of each picture", columns=columns,
            ids=[str(place) for place in shown],
        )  # fmt: skip
        render_more(_PLACE, version, len(shown), len(places))
    _render_adding(key, [int(row) for row in ticked if int(row) not in told.table.reasons], runs)


def _row(key: str, told: _Told, place: int) -> dict[str, Any]:
    table = told.table
    why = table.reasons.get(place)
    row: dict[str, Any] = {"file": plain(table.files[place], limit=100), "why": why}
    row["picture"] = None if why else predicted_address(key, place)
    for at, run in enumerate(table.runs):
        label = int(table.labels[place, at, 0])
        row[f"class{at}"] = plain(run.classes[label]) if label >= 0 else None
        row[f"probability{at}"] = float(told.shares[place, at]) if label >= 0 else None
        row[f"unlike{at}"] = told.unlike[at][place]
    return row


def _columns(told: _Told) -> dict[str, Column]:
    """Those that say something of any picture."""
    columns = {"file": Column("File"), "picture": Column("Picture", "picture")}
    for at, (run, number) in enumerate(zip(told.table.runs, told.numbers, strict=True)):
        columns[f"class{at}"] = Column(f"Class{number}")
        columns[f"probability{at}"] = Column(f"Probability{number}", "bar", percent)
        if any(one is not None for one in told.unlike[at]):
            columns[f"unlike{at}"] = Column(
                f"Unlike{number}", words=lambda one: "yes" if one else "no", help=_unlike_help(run)
            )
    if told.table.reasons:
        columns["why"] = Column("Why it isn't asked about")
    return columns


def _unlike_help(run: lab.AskedRun) -> str:
    words = "Unlike anything that the model was trained on."
    if run.familiarity is None:
        return words
    low, high = (percent(run.familiarity[end]) for end in ("low", "high"))
    return (
        f"{words} By mistake it says so of {low} to {high} of new pictures that are like the "
        f"{counted(run.familiarity['images'], 'validation image')} (95 % sure)."
    )


def _render_adding(key: str, rows: list[int], runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Add to a dataset ...",
            key="add_many",
            icon=":material/add:",
            **for_editors(disabled=not rows),
        ):
            ask_class(
                lambda dataset, label: lab.add_to_newest(
                    dataset, lab.predicted_pictures(key, rows), label
                ),
                len(rows),
                runs,
            )
        st.caption(
            f"{counted(len(rows), 'picture')} selected: they become images of one class, which you "
            "choose."
            if rows
            else "Tick pictures to add them to a dataset."
        )
