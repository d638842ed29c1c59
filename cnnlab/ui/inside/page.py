"""The Inside page: which run, beside which other one, and what its net makes of pictures."""

import streamlit as st

from cnnlab.ui.inside.beside import ask_beside
from cnnlab.ui.inside.epochs_view import render_epochs
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.run_choice import ask_run


def render_inside() -> None:
    """The whole page."""
    st.title("Look inside a net", anchor=False)
    st.caption(
        "The same pictures through the epochs, which pictures the net finds alike, and what its "
        "layers react to."
    )
    run = ask_run()
    if run is None:
        return
    beside = ask_beside(run)
    with st.container(horizontal=True):
        for page, words, icon, parameter in _WAYS:
            if st.button(words, key=f"open_{page}", icon=icon):
                st.switch_page(page_file(page), query_params={parameter: run.id})
    with st.container(key="section_epochs"):
        st.fragment(render_epochs)(run, beside)


_WAYS = (
    ("runs", "The run's page", ":material/monitoring:", "run"),
    ("evaluate", "Judge this model", ":material/fact_check:", "run"),
)
"""Page, words, icon and parameter of the buttons that lead from here."""
