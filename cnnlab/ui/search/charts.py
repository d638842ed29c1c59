"""The charts of a search: how it went on, which settings were good, what mattered."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.importance import SearchImportance
from cnnlab.domain.words import counted
from cnnlab.figures.searching.parallel import is_any_outside, parallel_figure, parallel_height
from cnnlab.figures.searching.search import (
    AROUND_BARS_PX,
    BAR_PX,
    front_figure,
    importance_figure,
    progress_figure,
    slice_figure,
)
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.text import escaped, plain

_PROGRESS_PX, _SLICE_PX, _FRONT_PX = 340, 300, 340


def render_charts(view: lab.SearchView) -> None:
    """All charts; each says what it waits for where it can't be drawn yet."""
    search = view.search
    st.header("Trials", anchor=False)
    with st.container(key="search_chart"):
        render_figure(
            progress_figure(search, view.trials),
            key="search_progress_figure",
            alt="The objective of each trial, and the best so far",
            height=_PROGRESS_PX,
        )
    if search.second is not None:
        _render_front(view)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Settings", anchor=False)
        _render_parallel(view)
    with right:
        st.header("What mattered", anchor=False)
        _render_importance(view)
        _render_slice(view)


def _render_front(view: lab.SearchView) -> None:
    figure = front_figure(view.search, view.trials, view.front)
    st.header("Both objectives", anchor=False)
    if figure is None:
        st.caption("Drawn when the first trial is complete.")
        return
    render_figure(
        figure, key="search_front_figure", alt="Both objectives of each trial", height=_FRONT_PX
    )
    st.caption("No other trial is at least as good in both as one on the line.")


def _render_parallel(view: lab.SearchView) -> None:
    best = None if view.best is None else view.best.number
    figure = parallel_figure(view.search, view.trials, best)
    if figure is None:
        st.caption("Drawn as soon as two trials are complete that differ.")
        return
    render_figure(
        figure,
        key="search_parallel_figure",
        alt="Parallel coordinates: the settings of all complete trials",
        height=parallel_height(view.search),
        has_tools=False,
    )
    beside = "; beside a row lies what is outside of its range"
    has_outside = is_any_outside(view.search, view.trials)
    st.caption(
        f"A line is a complete trial, the better the stronger{beside if has_outside else ''}."
    )


def _render_importance(view: lab.SearchView) -> None:
    judged = len(lab.judged_trials(view.search, view.trials))
    if judged < lab.FEWEST_JUDGED:
        st.caption(
            f"Can't tell yet: {counted(judged, 'complete trial')} within the ranges, and below "
            f"{lab.FEWEST_JUDGED} noise looks like importance."
        )
        return
    try:
        state = lab.see_to_importance(view)
        found = lab.search_importance(view.search.id)
    except StorageError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    if state is not None and state.problem:
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")
    if found is None:
        st.caption("Being found out ...")
        return
    render_figure(
        importance_figure(found),
        key="search_importance_figure",
        alt="How much of the differences each field explains alone, with intervals",
        height=BAR_PX * len(found["fields"]) + AROUND_BARS_PX,
        has_tools=False,
    )
    st.caption(escaped(importance_words(found), limit=1000))


def importance_words(found: SearchImportance) -> str:
    """What the bars mean, and whether the first can be told from the second."""
    ordered = sorted(found["fields"].items(), key=lambda item: -item[1]["share"])
    words = (
        f"fANOVA of {counted(found['trials'], 'complete trial')}: the share of all differences "
        "that a field explains alone; lines are 90 % intervals over trials drawn anew. "
    )
    if not any(each["share"] > 0 for _, each in ordered):
        return f"{words}None of them explains anything: all trials are worth about the same."
    if len(ordered) == 1:
        return f"{words}Only one field is searched, so there is nothing to compare it with."
    if ordered[0][1]["low"] > max(each["high"] for _, each in ordered[1:]):
        return f"{words}{label_of(ordered[0][0])} mattered most."
    unclear = [name for name, each in ordered if each["high"] >= ordered[0][1]["low"]]
    named = ", ".join(label_of(name) for name in unclear[:4])
    return f"{words}Which mattered most can't be told: the intervals of {named} overlap."


def _render_slice(view: lab.SearchView) -> None:
    fields = list(view.search.fields)
    field = st.selectbox(
        "One field against the objective",
        fields,
        key="search_slice",
        format_func=lambda name: plain(label_of(name)),
    )
    render_figure(
        slice_figure(view.search, view.trials, field),
        key="search_slice_figure",
        alt=f"{label_of(field)} against the objective",
        height=_SLICE_PX,
    )
