"""The table of all searches; a click on a row opens the search."""

from typing import Any

import pandas as pd
import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.search import Search, SearchStatus, TrialState
from cnnlab.searching.setting_words import objective_words
from cnnlab.study.wording import SAID
from cnnlab.ui.clicks import clicked
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import moment, plain

STATUS_WORDS = {
    SearchStatus.SEARCHING: "▶ searching",
    SearchStatus.CONFIRMING: "▶ confirming",
    SearchStatus.FINISHED: "✓ finished",
    SearchStatus.STOPPED: "■ stopped",
    SearchStatus.FAILED: "✕ failed",
}
_REFRESH_SECONDS = 3.0
_ROW_PX, _TABLE_PX = 36, 400
_COLUMNS = {
    "search": st.column_config.TextColumn("Search", width=300),
    "dataset": st.column_config.TextColumn("Dataset", width=140),
    "status": st.column_config.TextColumn("Status", width=110),
    "trials": st.column_config.TextColumn("Trials", width=170),
    "best": st.column_config.TextColumn("Best", width=90),
    "verdict": st.column_config.TextColumn("Verdict", width=150),
    "created": st.column_config.TextColumn("Started", width=130),
}


def render_search_table() -> None:
    """Show the searches, newest first; refreshed while any of them goes on."""
    searches = lab.list_searches()
    if not searches:
        st.caption("No search yet: the form is ready to start, with the usual fields ticked.")
        return
    st.subheader("Your searches", anchor=False)
    is_live = any(run.search for run in lab.list_runs(active=True))
    st.fragment(_render_rows, run_every=_REFRESH_SECONDS if is_live else None)()


def _render_rows() -> None:
    searches = lab.list_searches()
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    st.caption("Click a search to open it.")
    event = st.dataframe(
        pd.DataFrame([_row(search, names) for search in searches]),
        key="searches_table",
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, _ROW_PX * (len(searches) + 1) + 2),
        on_select="rerun",
        selection_mode="single-cell",
        column_config=_COLUMNS,
    )
    if chosen := clicked(event, [search.id for search in searches], table="searches_table"):
        st.switch_page(page_file("search"), query_params={"search": chosen})


def _row(search: Search, names: dict[str, str]) -> dict[str, Any]:
    row = {
        "search": plain(search.name),
        "dataset": plain(names.get(search.dataset, search.dataset)),
    }
    created = {"created": moment(search.created_at)}
    try:
        view = lab.view_search(search.id)
    except CnnlabError as error:  # one that is damaged hides no other
        return row | {"status": plain(str(error))} | created
    told = sum(trial.is_ended for trial in view.trials)
    planned = "" if search.trials is None else f" of {search.trials}"
    pruned = sum(trial.state is TrialState.PRUNED for trial in view.trials)
    verdict = view.verdict
    is_told = verdict is not None and verdict.verdict is not None and not verdict.is_open
    return row | {
        "status": STATUS_WORDS[view.status],
        "trials": f"{told}{planned}" + (f", {pruned} ended early" if pruned else ""),
        "best": objective_words(search, None if view.best is None else view.best.value),
        "verdict": SAID[verdict.verdict] if is_told and verdict and verdict.verdict else "–",
        **created,
    }
