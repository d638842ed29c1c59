"""Search: the form of a new one and the list of all, or one search live."""

import streamlit as st

from cnnlab.ui.page_files import page_file
from cnnlab.ui.search.form import render_search_form
from cnnlab.ui.search.page import render_search
from cnnlab.ui.search.table import render_search_table
from cnnlab.ui.train.launch import keep_warm

search = st.query_params.get("search")
if search:
    # No page link: one to the page that is shown leaves the browser's address as it was.
    if st.button("All searches", key="all_searches", type="tertiary", icon=":material/arrow_back:"):
        st.switch_page(page_file("search"), query_params={})
    render_search(search)
else:
    st.title("Search", anchor=False)
    st.caption(
        "Which settings are best? Many are tried, hopeless ones ended early, and the winner is "
        "trained again with fresh seeds, which takes the luck of its seed away."
    )
    render_search_form()
    render_search_table()
    keep_warm()
