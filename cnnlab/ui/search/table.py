"""The table of all searches; a click on a row opens the search."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.search import SearchStatus
from cnnlab.domain.words import counted
from cnnlab.searching.setting_words import objective_words
from cnnlab.ui.components.table.table import Column, render_table
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
_COLUMNS = {
    "search": Column("Search"),
    "status": Column("Status"),
    "winner": Column("Winner"),
    "trials": Column("Trials"),
    "closing": Column("Closing study"),
    "dataset": Column("Dataset"),
    "created": Column("Started", "moment"),
}


def render_search_table() -> None:
    """Show the searches, newest first; refreshed while any of them goes on."""
    found = lab.list_search_summaries()
    if not found:
        st.caption("No search yet. At first the usual fields are ticked.")
        return
    st.header("Your searches", anchor=False)
    is_live = any(one.status.is_live for one in found)
    st.fragment(_render_rows, run_every=_REFRESH_SECONDS if is_live else None)()


def _render_rows() -> None:
    found = lab.list_search_summaries()
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    st.caption("Choose a search to open it, with its verdict.")
    chosen = render_table(
        [_row(one, names) for one in found],
        key="searches_table",
        name="Your searches",
        columns=_COLUMNS,
        ids=[one.search.id for one in found],
        page="search?search=",
    )
    if chosen:
        st.switch_page(page_file("search"), query_params={"search": chosen})


def _row(found: lab.SearchSummary, names: dict[str, str]) -> dict[str, Any]:
    search = found.search
    planned = "" if search.trials is None else f" of {search.trials}"
    closing = f"{found.closing_finished} of {counted(found.closing_runs, 'run')}"
    return {
        "search": plain(search.name, limit=100),
        "dataset": plain(names.get(search.dataset, search.dataset)),
        "status": STATUS_WORDS[found.status],
        "trials": f"{found.ended}{planned}"
        + (f", {found.pruned} ended early" if found.pruned else ""),
        "winner": objective_words(search, found.winner),
        "closing": closing if found.closing_runs else "–",
        "created": moment(search.created_at),
    }
