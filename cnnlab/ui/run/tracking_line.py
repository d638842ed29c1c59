"""Whether a run is in MLflow: where, what waits, and the button that sends it."""

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.lab import tracking
from cnnlab.ui.changing import for_editors
from cnnlab.ui.text import escaped

_POLL_SECONDS = 2.0
_IN_LINKS = ":/?#@!$&'*+,;=%[]~"


def render_tracking(run: Run) -> None:
    """A line where runs are sent to MLflow, or this one was; else nothing."""
    state, sent = tracking.tracking_state(run.id), tracking.sent_to(run.id)
    if not (state.address or sent or state.problem or state.waiting):
        return
    with st.container(key="run_tracking"):
        if state.waiting and run.status.is_ended:
            st.fragment(_render_until_sent, run_every=_POLL_SECONDS)(run)
        else:
            _render_lines(run, state, sent)


def _render_until_sent(run: Run) -> None:
    """The lines as long as something waits; then the page is drawn anew, which looks no more."""
    state = tracking.tracking_state(run.id)
    if not state.waiting:
        st.rerun()
    _render_lines(run, state, tracking.sent_to(run.id))


def _render_lines(run: Run, state: tracking.Tracking, sent: Sequence[tracking.SentRun]) -> None:
    for each in sent:
        _render_sent(run, each, is_waiting=each.address in state.waiting)
    for address in state.waiting:
        words = state.problems.get(address, f"News of this run is on its way to {address}.")
        st.caption(f":material/schedule: {escaped(words, limit=400)}")
    if state.problem:
        st.caption(f":material/info: {escaped(state.problem, limit=400)}")
    if state.address and state.pip_line:
        st.caption(
            f"To send runs to MLflow at {escaped(state.host)} a package is missing; this line in a "
            "shell installs it:"
        )
        st.code(state.pip_line, language=None, wrap_lines=True)
    elif state.address and state.address not in [*state.waiting, *(each.address for each in sent)]:
        _render_button(run, f"Send to MLflow at {state.host}", key="send_to_mlflow")


def _render_sent(run: Run, sent: tracking.SentRun, *, is_waiting: bool) -> None:
    if sent.problem and not is_waiting:
        words = f"Not in MLflow at {sent.address}: {sent.problem}."
        st.caption(f":material/error: {escaped(words, limit=400)}")
        label, key = f"Send again to MLflow at {sent.host}", f"send_again_{sent.key}"
        _render_button(run, label, key=key, to=sent.address)
    if sent.run is None or sent.problem:
        return
    link = quote(f"{sent.address}/#/experiments/{sent.experiment}/runs/{sent.run}", safe=_IN_LINKS)
    epochs = "1 epoch" if sent.epochs == 1 else f"{sent.epochs} epochs"
    status = (sent.status or "").lower()
    there = f"[{escaped(sent.address)}]({link})"
    st.caption(f":material/cloud_done: In MLflow at {there}: {epochs}, {status}.")


def _render_button(run: Run, label: str, *, key: str, to: str | None = None) -> None:
    # No help text: Streamlit draws a button that has one twice, which confuses scripts.
    if not st.button(escaped(label), key=key, icon=":material/cloud_upload:", **for_editors()):
        return
    try:
        tracking.ask_to_track(run.id, to)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
    else:
        st.rerun()
