"""Runs: the table of all runs, or one run live."""

import streamlit as st

from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.run_view import render_run
from cnnlab.ui.runs_table.address import latest_address
from cnnlab.ui.runs_table.page import render_all_runs

run = st.query_params.get("run")
if run:
    # No page link: one to the page that is shown leaves the browser's address as it was.
    if st.button("All runs", key="all_runs", type="tertiary", icon=":material/arrow_back:"):
        st.switch_page(page_file("runs"), query_params=latest_address())
    render_run(run)
else:
    st.title("Runs", anchor=False)
    render_all_runs()
