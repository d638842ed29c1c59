"""Many pictures at once: what was asked of them, how far it is, and the table that comes of it."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.domain.run import Run
from cnnlab.domain.words import percent
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.predict.predict import Sent
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.predict.table import render_table
from cnnlab.ui.text import escaped

PLACE = "many_pictures"
"""Key of the place on the page."""

_PARAMETER = "many"
"""In the address: the pictures that are shown, so that a page that is loaded again finds them."""

_SENT = "many_sent"
"""Session key: runs and upload of what was asked last, to ask it again."""

_POLL_SECONDS = 0.5


def ask_many(sent: Sent, runs: Sequence[Run]) -> None:
    """Have the models of runs asked of all pictures of an upload.

    Args:
        sent: the upload.
        runs: whose models are asked.
    """
    st.session_state[_SENT] = [run.id for run in runs], sent["token"]
    _start()
    scroll_to(PLACE)


def _start() -> None:
    asked, token = st.session_state[_SENT]
    try:
        st.query_params[_PARAMETER] = lab.start_predictions(asked, token)
    except CnnlabError as error:
        st.query_params.pop(_PARAMETER, None)
        st.error(escaped(str(error), limit=1000), icon=":material/error:")


def render_many(runs: Sequence[Run]) -> None:
    """What the address names: progress, then the table; else the way to the last one.

    Args:
        runs: that are chosen on the page.
    """
    key = st.query_params.get(_PARAMETER)
    if key is None:
        _render_last(runs[0])
        return
    with st.container(key=PLACE):
        st.header("Many pictures", anchor=False)
        try:
            state = lab.predictions_state(key)
            if not state.is_ended:
                st.fragment(_render_progress, run_every=_POLL_SECONDS)(key)
                return
            if state.answer is None:
                _render_problem(state.problem or "", is_cancelled=state.stage == "cancelled")
            else:
                for problem in state.answer.problems.values():
                    st.warning(escaped(problem, limit=1000), icon=":material/warning:")
                render_table(key, runs)
        except CnnlabError as error:  # deleted in the meantime, or damaged
            st.error(escaped(str(error), limit=1000), icon=":material/error:")
        _render_end(key)


def _render_last(run: Run) -> None:
    last = lab.latest_predictions(run.id)
    if last and st.button(
        "The last table of many pictures", key="open_many", type="tertiary", icon=":material/table:"
    ):
        st.query_params[_PARAMETER] = last
        scroll_to(PLACE)
        st.rerun()


def _render_progress(key: str) -> None:
    state = lab.predictions_state(key)
    if state.is_ended:
        st.rerun()
    share = state.done / state.total if state.total else 0.0
    told = f", {state.done:,} of {state.total:,} ({percent(share, decimals=0)})" if share else ""
    st.progress(min(share, 1.0), f"{escaped(state.phase)}{told}")
    st.button(
        "Cancel",
        key="cancel_many",
        icon=":material/close:",
        on_click=lab.cancel_predictions,
        args=(key,),
        **for_editors(),
    )


def _render_problem(problem: str, *, is_cancelled: bool) -> None:
    if is_cancelled:
        st.info(escaped(problem or "It was cancelled.", limit=1000), icon=":material/info:")
    else:
        st.error(escaped(problem, limit=1000), icon=":material/error:")
    if st.session_state.get(_SENT):
        st.button(
            "Ask again",
            key="retry_many",
            icon=":material/refresh:",
            on_click=_start,
            **for_editors(),
        )
    else:
        st.caption("Choose the files again above to ask once more.")


def _render_end(key: str) -> None:
    """The way back to a page without a table, which is kept; or out of the home folder."""
    with st.container(horizontal=True):
        if st.button("Close the table", key="close_many", type="tertiary", icon=":material/close:"):
            st.query_params.pop(_PARAMETER)
            st.rerun()
        if st.button(
            "Delete it",
            key="delete_many",
            type="tertiary",
            icon=":material/delete:",
            **for_editors(help="The table and the small pictures in it, for good."),
        ):
            _delete(key)


def _delete(key: str) -> None:
    try:
        lab.delete_predictions(key)
    except NotFoundError:  # as is wanted
        pass
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    st.query_params.pop(_PARAMETER)
    st.rerun()
