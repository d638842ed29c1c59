"""The pictures that one of two runs gets right and the other misses, and what each said."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.words import called, counted, percent
from cnnlab.figures.confusion_difference import (
    MOST_CLASSES,
    confusion_difference_figure,
)
from cnnlab.judging.pairs import confusion_difference, right
from cnnlab.ui.compare.numbers import chosen_at
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.judge.pictures.judged import Judged
from cnnlab.ui.judge.pictures.shown import ask_order, by_sureness, render_pictures
from cnnlab.ui.text import escaped, plain

_PLACE = "compared"
_PAIR, _GROUP = "compare_pair", "compare_group"
_CELL_PX, _AROUND_PX, _LEAST_PX, _MOST_PX = 36, 110, 340, 900


class _Group(NamedTuple):
    """Some of the images of a pair, as the run sees them that misses them."""

    title: str
    places: np.ndarray
    seen_by: lab.ComparedRun
    other: lab.ComparedRun


def ask_pair(comparison: lab.Comparison) -> lab.ComparedPair:
    """Ask which pair is looked at closely, where there are several."""
    if len(comparison.pairs) == 1:
        return comparison.pairs[0]
    by_name = {pair.name: pair for pair in comparison.pairs}
    if st.session_state.get(_PAIR) not in by_name:
        st.session_state.pop(_PAIR, None)
    name = st.selectbox("Look closely at", list(by_name), key=_PAIR, width=220)
    return by_name[name]


def render_pair(comparison: lab.Comparison) -> None:
    """One pair: its pictures, and what one confuses more than the other."""
    st.header("Pictures that only one gets right", anchor=False)
    pair = ask_pair(comparison)
    st.caption(
        f"{pair.first.letter}: {escaped(pair.first.run.name, limit=80)}. "
        f"{pair.second.letter}: {escaped(pair.second.run.name, limit=80)}."
    )
    groups = _groups(pair)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Which pictures",
            list(groups),
            default=next((key for key, group in groups.items() if len(group.places)), "first"),
            key=f"{_GROUP}_{pair.first.letter}{pair.second.letter}",
            format_func=lambda key: f"{groups[key].title} ({len(groups[key].places):,})",
            label_visibility="collapsed",
            required=True,
        )
        order = ask_order("compare_order")
    group = groups[chosen or "first"]
    which = f"{pair.first.run.id} {pair.second.run.id} {chosen_at()}"
    _render_group(group, order, f"{which} {chosen} {order}")
    _render_confusion(pair)


def _groups(pair: lab.ComparedPair) -> dict[str, _Group]:
    first, second = _said(pair.first), _said(pair.second)
    one, other = right(first), right(second)
    letters = pair.first.letter, pair.second.letter
    return {
        "first": _Group(
            f"Only {letters[0]}", np.flatnonzero(one & ~other), pair.second, pair.first
        ),
        "second": _Group(
            f"Only {letters[1]}", np.flatnonzero(~one & other), pair.first, pair.second
        ),
        "neither": _Group(
            "Both wrong", np.flatnonzero(~one & ~other), pair.second, pair.first
        ),
    }  # fmt: skip


def _said(one: lab.ComparedRun) -> Predictions:
    assert one.said is not None  # a pair has been compared by it
    return one.said


def _render_group(group: _Group, order: str, version: str) -> None:
    with st.container(key="compared_pictures_shown"):
        if not len(group.places):
            st.caption("There are none.")
            return
        st.caption(
            f"Below each picture: what {group.seen_by.letter} takes it for, and how surely; "
            f"then what {group.other.letter} says."
        )
        classes = group.seen_by.classes
        told = _said(group.other).probabilities[group.places]
        names, letter = [plain(called(name), limit=30) for name in classes], group.other.letter
        notes = {
            place: f"{letter}: {names[label]}, {percent(share)}"
            for place, label, share in zip(
                group.places.tolist(), told.argmax(axis=1), told.max(axis=1).tolist(), strict=True
            )
        }
        judged = Judged(
            group.seen_by.run.dataset,
            _said(group.seen_by),
            classes,
            part=VALIDATION,
            notes=notes,
        )
        render_pictures(
            judged,
            by_sureness(judged, group.places, order),
            place=_PLACE,
            label=f"{group.title} right: {counted(len(group.places), 'picture')}",
            version=version,
        )


def _render_confusion(pair: lab.ComparedPair) -> None:
    st.markdown("**What they confuse differently**")
    difference = confusion_difference(_said(pair.first), _said(pair.second))
    letters = pair.first.letter, pair.second.letter
    classes = pair.first.classes
    shown = min(len(classes), MOST_CLASSES)
    st.caption(
        f"Counts of {letters[1]} minus those of {letters[0]}, on the same images. Blue: "
        f"{letters[1]} does better (more right, or fewer taken for another class); red: worse."
        + (
            f" {shown} of {len(classes)} classes are shown, those that differ most."
            if shown < len(classes)
            else ""
        )
    )
    render_figure(
        confusion_difference_figure(difference, classes, letters),
        key="confusion_difference",
        alt=f"Confusion matrix of {letters[1]} minus that of {letters[0]}: "
        + _confusion_words(difference, classes, letters),
        height=min(_MOST_PX, max(_LEAST_PX, _CELL_PX * shown + _AROUND_PX)),
    )


def _confusion_words(
    difference: np.ndarray, classes: tuple[str, ...], letters: tuple[str, str]
) -> str:
    """The class that gains and the one that loses most, for those who don't see the colours."""
    gained = np.diag(difference)
    told = [
        f"{plain(called(classes[at]))} {int(gained[at]):+d} right in {letters[1]}"
        for at in dict.fromkeys((int(gained.argmax()), int(gained.argmin())))
        if gained[at]
    ]
    return ", ".join(told) or "no class is recognized more often by either"
