"""Runs: the table of all runs, or one run live."""

import streamlit as st

from cnnlab.ui.run_table import render_run_table
from cnnlab.ui.run_view import render_run

run = st.query_params.get("run")
if run:
    render_run(run)
else:
    st.title("Runs", anchor=False)
    render_run_table()
