"""The Evaluate page: which run, which part, and what its model does there."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.judge.parts import ask_part
from cnnlab.ui.run.run_choice import ask_run

_RUNS_OFFERED = 1000


def render_evaluate() -> None:
    """The whole page."""
    st.title("Judge a model", anchor=False)
    st.caption("Where it errs, how sure it is of what it says, and how far that can be trusted.")
    run = ask_run(_judgeable())
    if run is None:
        return
    ask_part()


def _judgeable() -> list[Run]:
    return [run for run in lab.list_runs(limit=_RUNS_OFFERED) if run.status.is_ended and run.last]
