"""Which runs are asked, up to four side by side; the address says it, too."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.run.run_choice import render_no_run, render_why_not, titles

MOST_RUNS = 4
_ONE, _SEVERAL = "run", "runs"
_BETWEEN = ","
_KEY = "run_select"
_OFFERED = 1000
"""The newest ones; an address leads to any other."""


def ask_runs() -> list[Run]:
    """Ask which runs, and keep the address in step: `run` for one, `runs` for several.

    Without any in the address the first is meant. What the address asks for and can't be had is
    said, and the others are taken.

    Returns:
        In the order in which they were chosen.
    """
    asked = _asked()
    models = lab.judgeable_runs(asked or ())
    by_id = {
        run.id: run for at, run in enumerate(models) if at < _OFFERED or run.id in (asked or ())
    }
    missing = [each for each in asked or () if each not in by_id]
    with st.container():  # there with or without words: what is below keeps its picture
        for each in missing:
            render_why_not(each, key=f"open_{each}")
    if not by_id:
        if not missing:
            render_no_run()
        return []
    known = [each for each in asked or () if each in by_id][:MOST_RUNS]
    st.session_state[_KEY] = [next(iter(by_id))] if asked is None else known
    chosen = st.multiselect(
        "Runs",
        list(by_id),
        key=_KEY,
        format_func=titles(list(by_id.values())).__getitem__,
        on_change=_tell_address,
        max_selections=MOST_RUNS,
        placeholder="Choose a run",
        select_all=False,
        help="Up to four: all get the same picture, and answer side by side.",
    )
    if not chosen:
        st.info("No run is chosen: choose one to four above, then give them a picture.")
    return [lab.load_run(each) for each in chosen]


def _asked() -> list[str] | None:
    """The runs that the address names, each once; None where it names none."""
    told = [st.query_params.get(name) for name in (_ONE, _SEVERAL)]
    if told == [None, None]:
        return None
    named = _BETWEEN.join(each for each in told if each).split(_BETWEEN)
    return list(dict.fromkeys(each for each in named if each))


def _tell_address() -> None:
    chosen = st.session_state[_KEY]
    for name in (_ONE, _SEVERAL):
        st.query_params.pop(name, None)
    st.query_params[_ONE if len(chosen) == 1 else _SEVERAL] = _BETWEEN.join(chosen)
