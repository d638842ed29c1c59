"""The queue of runs as a list that updates itself: run next, move, cancel."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.course.queue_words import ordinal
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.doing import render_outcome
from cnnlab.ui.page_files import page_file
from cnnlab.ui.queue.row import NOTHING, POLL_SECONDS, place_words, render_move, time_words
from cnnlab.ui.text import escaped

_MOST_LISTED = 20


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
    st.fragment(_render_rows, run_every=POLL_SECONDS)(shown)


def _render_rows(shown: str | None) -> None:
    try:
        queue = lab.view_queue()
    except CnnlabError as error:  # this is run by a timer: what the page shows besides stays
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    render_outcome()
    if not queue.running and not queue.waiting:
        st.caption(NOTHING)
    listed = [
        one for one in queue.waiting if (one.place or 0) <= _MOST_LISTED or one.run.id == shown
    ]
    rows = [*queue.running, *listed]
    for one in rows:
        _render_row(one, len(queue.waiting), is_shown=one.run.id == shown)
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


def _render_row(one: lab.QueuedRun, waiting: int, *, is_shown: bool) -> None:
    run = one.run
    name = f"{place_words(one.place)} {escaped(run.name, limit=110)}"
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
            _render_moves(run.id, one.place, waiting)


def _time_words(one: lab.QueuedRun, waiting: int) -> str:
    """When it starts and how long it takes; where others wait too, its place among all."""
    stands = one.of_all
    of_all = f"{ordinal(stands.place)} of {stands.of:,}, " if stands and stands.of > waiting else ""
    return of_all + time_words(one.place, one.starts_in_seconds, one.seconds)


def _render_moves(run: str, place: int, waiting: int) -> None:
    """The buttons of a run that waits; those that lead nowhere keep their place.

    The queue may have gone on since it was drawn: a step is taken from where the run stands then.
    """
    step = lab.move_in_queue
    up, down = for_editors(disabled=place <= 1), for_editors(disabled=place >= waiting)
    key, top = f"queue_next_{run}", "vertical_align_top"
    render_move("Run next", key, top, lab.run_next, run, offered=up)
    render_move("Up", f"queue_up_{run}", "arrow_upward", step, run, -1, offered=up)
    render_move("Down", f"queue_down_{run}", "arrow_downward", step, run, 1, offered=down)
    key = f"queue_cancel_{run}"
    render_move("Cancel", key, "close", lab.cancel_waiting, run, offered=for_editors())
