"""The queue of runs as a list that updates itself: run next, move, cancel."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.course.queue_words import ordinal
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, duration
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.heading import titles
from cnnlab.ui.text import escaped

_POLL_SECONDS = 4.0
_MOST_LISTED = 20
_PROBLEM = "queue_problem"


def render_queue_panel() -> None:
    """The queue on the page of all runs, folded; nothing where nothing trains or waits."""
    active = lab.list_runs(active=True, limit=1)
    if not active:
        return
    panel = st.expander("Queue: what trains, what waits", key="queue", on_change="rerun")
    if panel.open:
        with panel:
            render_queue()


def render_queue(shown: str | None = None) -> None:
    """What trains and what waits, in order.

    Args:
        shown: id of the run whose page this is; its row is marked.
    """
    st.fragment(_render_rows, run_every=_POLL_SECONDS)(shown)


def _render_rows(shown: str | None) -> None:
    try:
        queue = lab.view_queue()
    except CnnlabError as error:  # this is run by a timer: what the page shows besides stays
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(escaped(problem, limit=500), icon=":material/error:")
    if not queue.running and not queue.waiting:
        st.caption("Nothing trains and nothing waits.")
    listed = [
        one for one in queue.waiting if (one.place or 0) <= _MOST_LISTED or one.run.id == shown
    ]
    rows = [*queue.running, *listed]
    named = titles([one.run for one in rows])
    for one in rows:
        _render_row(one, named[one.run.id], len(queue.waiting), is_shown=one.run.id == shown)
    if hidden := len(queue.waiting) - len(listed):
        st.caption(f"{counted(hidden, 'run')} more behind them.")
    if words := _words_of_others(queue):
        st.caption(words)
    if queue.waiting:
        st.caption(
            "Times are those that runs alike took, if as many train at once as now and nobody is "
            "moved; – where no such run has told any yet."
        )


def _words_of_others(queue: lab.QueueView) -> str:
    """What other workspaces have to do with it, without anything of theirs."""
    if queue.held_by:
        return queue.held_by
    if not (queue.others_train or queue.others_wait):
        return ""
    train, wait = counted(queue.others_train, "run"), queue.others_wait
    return f"In other workspaces {train} train and {wait:,} wait. Workspaces take turns."


def _render_row(one: lab.QueuedRun, title: str, waiting: int, *, is_shown: bool) -> None:
    run = one.run
    place = ":green[:material/play_circle:]" if one.place is None else f"{one.place}\\."
    name = f"{place} {escaped(title, limit=90)}"
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"queue_row_{run.id}"
    ):
        if is_shown:
            st.markdown(f"**{name}**, this run", width="content")
        elif st.button(name, key=f"queue_open_{run.id}", type="tertiary"):
            st.switch_page(page_file("runs"), query_params={"run": run.id})
        st.space("stretch")
        st.caption(_time_words(one, waiting), width="content")
        if one.place is not None:
            _render_moves(run, one.place, waiting)


def _time_words(one: lab.QueuedRun, waiting: int) -> str:
    """When it starts and how long it takes; where others wait too, its place among all."""
    lasts = "–" if one.seconds is None else f"about {duration(one.seconds)}"
    if one.place is None:
        return f"trains, {lasts} left"
    stands = one.of_all
    of_all = f"{ordinal(stands.place)} of {stands.of:,}, " if stands and stands.of > waiting else ""
    if one.starts_in_seconds is None:
        return f"{of_all}starts –, takes {lasts}"
    return f"{of_all}starts in about {duration(one.starts_in_seconds)}, takes {lasts}"


def _render_moves(run: Run, place: int, waiting: int) -> None:
    """The buttons of a run that waits; those that lead nowhere keep their place.

    The queue may have gone on since it was drawn: a step is taken from where the run stands then.
    """
    moves = (
        ("next", "Run next", ":material/vertical_align_top:", lab.run_next, place > 1),
        ("up", "Up", ":material/arrow_upward:", _up, place > 1),
        ("down", "Down", ":material/arrow_downward:", _down, place < waiting),
    )
    for name, words, icon, move, leads in moves:
        st.button(
            words,
            key=f"queue_{name}_{run.id}",
            icon=icon,
            type="tertiary",
            disabled=not leads,
            on_click=_try,
            args=(move, run.id),
        )
    st.button(
        "Cancel",
        key=f"queue_cancel_{run.id}",
        icon=":material/close:",
        type="tertiary",
        on_click=_try,
        args=(lab.cancel_waiting, run.id),
    )


def _up(run: str) -> None:
    lab.move_in_queue(run, -1)


def _down(run: str) -> None:
    lab.move_in_queue(run, 1)


def _try(act: Callable[[str], None], run: str) -> None:
    """Do something with a run that waits; one that has begun meanwhile is left alone."""
    try:
        act(run)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = str(error)
