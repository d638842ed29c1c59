"""The Predict page: pictures in, what up to four models say of them out."""

import streamlit as st

from cnnlab import lab
from cnnlab.ui.components.scroll.scroll import render_scrolling
from cnnlab.ui.models.one_format import render_quick_downloads
from cnnlab.ui.predict.adding import ask_class, render_added
from cnnlab.ui.predict.many import ask_many, render_many
from cnnlab.ui.predict.runs_choice import ask_runs
from cnnlab.ui.predict.trying import names_of, render_trying
from cnnlab.ui.run.way_back import lead_to, render_way_back
from cnnlab.ui.tab import name_tab

_PLACE = "page"


def render_predict() -> None:
    """The whole page."""
    way = render_way_back()
    st.title("Try a model", anchor=False)
    st.caption("Give it pictures that it didn't train on: what does it take them for, how surely?")
    runs = ask_runs()
    if not runs:
        return
    lead_to(way, runs)
    name_tab(f"Try: {', '.join(run.name for run in runs)}")
    with st.container():  # there with or without words: what is below keeps its picture
        render_added()
    names = names_of(runs)
    given = render_trying(_PLACE, names, whole=True)
    render_quick_downloads(names)
    if given.added:
        token = given.added["token"]
        ask_class(
            lambda dataset, label: lab.add_uploaded(dataset, token, label, to_newest=True), 1, runs
        )
    if given.many:
        ask_many(given.many, runs)
    render_many(runs)
    render_scrolling()
