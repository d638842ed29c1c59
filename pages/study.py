"""Study: the form of a new one and the list of all, or one study live."""

import streamlit as st

from cnnlab.ui.components.presenter.presenter import render_presenter
from cnnlab.ui.page_files import page_file
from cnnlab.ui.study.form import render_study_form
from cnnlab.ui.study.page import render_study
from cnnlab.ui.study.table import render_study_table
from cnnlab.ui.train.launch import keep_warm

study = st.query_params.get("study")
if study and st.query_params.get("present"):
    render_presenter(study)
elif study:
    # No page link: one to the page that is shown leaves the browser's address as it was.
    if st.button("All studies", key="all_studies", type="tertiary", icon=":material/arrow_back:"):
        st.switch_page(page_file("study"), query_params={})
    render_study(study)
else:
    st.title("Study", anchor=False)
    st.caption("Same images, same start, one thing changed, several seeds: what does it really do?")
    render_study_form()
    render_study_table()
    keep_warm()
