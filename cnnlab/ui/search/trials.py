"""The table of a search's trials: what each set, what became of it and why; a row opens its run."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.domain.words import UNKNOWN, duration
from cnnlab.searching.setting_words import (
    OBJECTIVES,
    SECOND_OBJECTIVES,
    objective_words,
    second_words,
    trial_words,
    value_words,
)
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import plain

_STATES = {
    TrialState.RUNNING: "▶ at work",
    TrialState.COMPLETE: "✓ complete",
    TrialState.PRUNED: "✂ ended early",
    TrialState.FAILED: "✕ failed",
    TrialState.STOPPED: "■ stopped",
}


def render_trials(view: lab.SearchView) -> None:
    """All trials, the newest first."""
    trials = list(reversed(view.trials))
    st.header("All trials", anchor=False)
    if not trials:
        st.caption("The first trial is the start setting itself; it is about to begin.")
        return
    st.caption("Choose a trial to open its run.")
    has_reasons = any(trial.words for trial in trials)
    chosen = render_table(
        [_row(view.search, trial, has_reasons=has_reasons) for trial in trials],
        key="search_trials",
        name="All trials",
        ids=[next(iter(trial.runs.values()), "") for trial in trials],
        page="runs?run=",
    )
    if chosen:
        st.switch_page(page_file("runs"), query_params={"run": chosen})


def _row(search: Search, trial: Trial, *, has_reasons: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "Trial": trial_words(trial.number),
        "State": _STATES[trial.state],
        OBJECTIVES[search.objective]: objective_words(search, trial.value),
    }
    if search.second is not None:
        row[SECOND_OBJECTIVES[search.second]] = second_words(search, trial)
    row |= {
        label_of(field): value_words(field, trial.values[field])
        for field in search.fields
        if field in trial.values
    }
    row |= {"Epochs": len(trial.curve), "Time": duration(trial.seconds)}
    return row | ({"Why": plain(trial.words, limit=300) or UNKNOWN} if has_reasons else {})
