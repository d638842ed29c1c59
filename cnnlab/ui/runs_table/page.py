"""The Runs page before a run is opened."""

import streamlit as st

from cnnlab import lab
from cnnlab.ui.folding import folded_on_phones
from cnnlab.ui.page_files import page_file
from cnnlab.ui.queue.panel import render_queue_panel
from cnnlab.ui.run.result.documents_choice import render_tables
from cnnlab.ui.runs_table.address import current_view
from cnnlab.ui.runs_table.charts import render_charts
from cnnlab.ui.runs_table.columns import render_columns
from cnnlab.ui.runs_table.curves_choice import render_curves_choice
from cnnlab.ui.runs_table.filters import (
    render_filters,
    render_range_form,
    render_ranges,
    render_toggles,
    words_of_many,
)
from cnnlab.ui.runs_table.saved_views import render_saved_views
from cnnlab.ui.runs_table.table import render_rows
from cnnlab.ui.text import escaped

_NO_RUN = "There is no run yet. Choose a dataset and press Train: the run appears here."
_NO_RUN_ALONE = (
    "All runs so far belong to {words}: switch on 'Runs of {words} too' to see them here, or "
    "choose a dataset and press Train for a run of its own."
)


def render_all_runs() -> None:
    """The filters, and the table of the runs that they let through."""
    listing, (view, wrong) = lab.list_all_runs(), current_view()
    if not listing.runs:
        _render_none(_NO_RUN)
        return
    for sentence in wrong:
        st.warning(escaped(sentence, limit=300), icon=":material/link_off:")
    render_queue_panel()
    with folded_on_phones("runs", view.filters_set):
        render_filters(listing, view)
        with st.container(horizontal=True, vertical_alignment="center", key="runs_tools"):
            render_toggles(view)
            st.space("stretch")
            render_range_form()
            render_columns(view)
            render_saved_views(view)
    render_ranges(view)
    found = lab.choose_runs(listing, view)
    render_charts(found, view)
    if not view.everything and not any(run.is_alone for run in listing.runs):
        _render_none(_NO_RUN_ALONE.format(words=words_of_many()))
    else:
        render_rows(listing, view, found)
    with st.container(horizontal=True, key="runs_below"):
        render_curves_choice(found)
        render_tables([], place="all", words="Everything as tables")


def _render_none(words: str) -> None:
    st.info(words)
    st.page_link(page_file("train"), label="Go to Train", icon=":material/tune:")
