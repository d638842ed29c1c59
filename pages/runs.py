"""Runs: the table of all runs, or one run live."""

import streamlit as st

from cnnlab.ui.page_files import page_file
from cnnlab.ui.run_table import render_run_table
from cnnlab.ui.run_view import render_run

run = st.query_params.get("run")
if run:
    st.page_link(page_file("runs"), label="All runs", icon=":material/arrow_back:")
    render_run(run)
else:
    st.title("Runs", anchor=False)
    render_run_table()
