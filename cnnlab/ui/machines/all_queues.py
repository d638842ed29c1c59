"""What trains and waits in all workspaces as a list that updates itself: first, move, stop."""

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import counted
from cnnlab.lab.upkeep.all_runs import RunAtWork, move_any, stop_any, view_all_runs
from cnnlab.ui.changing import FOR_ALL
from cnnlab.ui.doing import render_outcome
from cnnlab.ui.page_files import page_file
from cnnlab.ui.queue.row import NOTHING, POLL_SECONDS, place_words, render_move, time_words
from cnnlab.ui.text import escaped

_MOST_LISTED = 40
_TURNS = "Workspaces take turns. Moving a run changes its place among those of its own workspace."


def render_all_runs() -> None:
    """What trains and what waits, in order, with what an admin may do about it."""
    st.fragment(_render_rows, run_every=POLL_SECONDS)()


def _render_rows() -> None:
    try:
        found = view_all_runs()
    except CnnlabError as error:  # this is run by a timer: what the page shows besides stays
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    render_outcome()
    if not found.running and not found.waiting:
        st.caption(NOTHING)
    if found.waiting:
        st.caption(_TURNS)
    for one in [*found.running, *found.waiting[:_MOST_LISTED]]:
        _render_row(one)
    if (hidden := len(found.waiting) - _MOST_LISTED) > 0:
        st.caption(f"{counted(hidden, 'run')} more behind them.")


def _render_row(one: RunAtWork) -> None:
    place = place_words(one.place)
    key = f"{one.workspace}_{one.run}"
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"all_row_{key}"
    ):
        if one.name:
            words = f"{place} {escaped(one.name, limit=110)}"
            if st.button(words, key=f"all_open_{key}", type="tertiary"):
                st.switch_page(page_file("runs"), query_params={"run": one.run})
        else:
            st.markdown(f"{place} `{one.run}`", width="content")
        if one.title:
            st.caption(escaped(one.title, limit=60), width="content")
        st.space("stretch")
        st.caption(_time_words(one), width="content")
        _render_moves(one, key)


def _time_words(one: RunAtWork) -> str:
    if one.held_by:
        return escaped(one.held_by, limit=200)
    return time_words(one.place, one.starts_in_seconds, one.seconds)


def _render_moves(one: RunAtWork, key: str) -> None:
    """The buttons of a run; those that lead nowhere keep their place.

    The page is an admin's, who may do this whatever they may in their own workspace.
    The queue may have gone on since it was drawn: a step is taken from where the run stands then.
    """
    if one.place is not None:
        is_first, is_last = one.place_in_own == 1, one.place_in_own == one.of_own
        for name, icon, step, leads in (
            ("first", "vertical_align_top", 0, one.place != 1),
            ("up", "arrow_upward", -1, not is_first),
            ("down", "arrow_downward", 1, not is_last),
        ):
            render_move(
                name.capitalize(), f"all_{name}_{key}", icon, move_any, one.run, one.workspace,
                step, offered={"disabled": not leads, "help": _scope_words(one, step)},
            )  # fmt: skip
    render_move(
        "Stop", f"all_stop_{key}", "stop_circle", stop_any, one.run, one.workspace, offered=FOR_ALL
    )


def _scope_words(one: RunAtWork, step: int) -> str | None:
    """Among which runs it is moved, where there are several workspaces."""
    if not one.title:
        return None
    return f"Among those of {escaped(one.title, limit=60)}" if step else "Before all that wait"
