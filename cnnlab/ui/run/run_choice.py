"""Which ended run is meant on a page that needs one; the address says it, too."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Run
from cnnlab.domain.words import percent
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import distinct, escaped, moment, plain

_PARAMETER = "run"
_KEY = "run_select"
_OFFERED = 500
"""The newest ones; an address leads to any other."""


def ask_run(known: lab.ModelList | None = None, *, first: str | None = None) -> Run | None:
    """Ask which run, of those that ended with an epoch; the address's `run` keeps in step.

    Without one in the address the newest is meant, or `first`. What the address asks for and can't
    be had is said, and nothing is chosen for it.

    Args:
        known: all models, where they are at hand.
        first: id of the one that is meant where the address names none; the address names it then,
            so that it stays while others are trained.

    Returns:
        None where there is nothing to choose, or nothing was chosen yet.
    """
    if first and _PARAMETER not in st.query_params:
        st.query_params[_PARAMETER] = first
    asked = st.query_params.get(_PARAMETER)
    models = lab.judgeable_runs([asked] if asked else [], of=known)
    by_id = {run.id: run for at, run in enumerate(models) if at < _OFFERED or run.id == asked}
    if asked is not None and asked not in by_id:
        render_why_not(asked)
    elif not by_id:
        render_no_run()
    if not by_id:
        return None
    shown = next(iter(by_id)) if asked is None else asked if asked in by_id else None
    st.session_state[_KEY] = shown
    chosen = st.selectbox(
        "Run",
        list(by_id),
        index=None if shown is None else 0,  # with None it could be cleared
        key=_KEY,
        format_func=titles(list(by_id.values())).__getitem__,
        on_change=_tell_address,
        placeholder="Choose a run",
    )
    return lab.load_run(chosen) if chosen else None


def _tell_address() -> None:
    if chosen := st.session_state[_KEY]:
        st.query_params[_PARAMETER] = chosen


def render_no_run() -> None:
    """Say that there is nothing to choose, and what to do about it."""
    st.info("There is no run yet that has ended with a finished epoch. Train one first.")
    st.page_link(page_file("train"), label="Go to Train", icon=":material/tune:")


def titles(runs: Sequence[lab.ListedModel]) -> dict[str, str]:
    """A run's name with its dataset, its model's validation accuracy and moment, where known."""
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    return distinct({run.id: _title(run, names.get(run.dataset, run.dataset)) for run in runs})


def _title(run: lab.ListedModel, dataset: str) -> str:
    """The dataset once: a name that the run was given by itself begins with it."""
    beside = [] if run.name.startswith(f"{dataset}, ") else [plain(dataset, limit=30)]
    return " · ".join([plain(run.name), *beside, percent(run.accuracy), moment(run.created_at)])


def render_why_not(asked: str, *, key: str = "open_run") -> None:
    """Say why a run that the address names can't be chosen; `key` is that of the way to it."""
    try:
        run = lab.load_run(asked)
    except NotFoundError as error:
        words = f"{error} It was deleted, perhaps in another tab, or the address is wrong."
        st.error(escaped(words, limit=1000), icon=":material/error:")
        st.page_link(page_file("runs"), label="All runs", icon=":material/monitoring:")
        return
    why = "it ended before its first epoch" if run.status.is_ended else f"it is {run.status}"
    st.info(
        f"The run '{escaped(run.name)}' has no model yet: {why}. Its page says how far it is.",
        icon=":material/info:",
    )
    if st.button("Open the run", key=key, icon=":material/monitoring:"):
        st.switch_page(page_file("runs"), query_params={_PARAMETER: run.id})
