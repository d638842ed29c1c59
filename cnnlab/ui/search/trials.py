"""The table of a search's trials: what each set, what became of it and why; a row opens its run."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.labels import label_of
from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.domain.words import duration
from cnnlab.searching.setting_words import (
    OBJECTIVES,
    SECOND_OBJECTIVES,
    objective_words,
    second_words,
    trial_words,
    value_words,
)
from cnnlab.ui.clicks import clicked
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import plain

_STATES = {
    TrialState.RUNNING: "▶ at work",
    TrialState.COMPLETE: "✓ complete",
    TrialState.PRUNED: "✂ ended early",
    TrialState.FAILED: "✕ failed",
    TrialState.STOPPED: "■ stopped",
}
_ROW_PX, _TABLE_PX = 36, 520


def render_trials(view: lab.SearchView) -> None:
    """All trials, the newest first."""
    import pandas as pd  # noqa: PLC0415 - loaded with the first table

    trials = list(reversed(view.trials))
    st.header("All trials", anchor=False)
    if not trials:
        st.caption("The first trial is the start setting itself; it is about to begin.")
        return
    st.caption("Click a trial to open its run.")
    event = st.dataframe(
        pd.DataFrame([_row(view.search, trial) for trial in trials]),
        key="search_trials",
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, _ROW_PX * (len(trials) + 1) + 2),
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="–",
    )
    first_runs = [next(iter(trial.runs.values()), "") for trial in trials]
    if chosen := clicked(event, first_runs, table="search_trials"):
        st.switch_page(page_file("runs"), query_params={"run": chosen})


def _row(search: Search, trial: Trial) -> dict[str, Any]:
    row = {
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
    return row | {
        "Epochs": len(trial.curve),
        "Time": duration(trial.seconds),
        "Why": plain(trial.words, limit=300) or "–",
    }
