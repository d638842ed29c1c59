"""The Inside page: which run, beside which other one, and what its net makes of pictures."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Run
from cnnlab.ui.components.jumps.jumps import render_jumps
from cnnlab.ui.components.scroll.scroll import render_scrolling
from cnnlab.ui.inside.beside import ask_beside
from cnnlab.ui.inside.epochs_view import render_epochs
from cnnlab.ui.inside.filters_view import render_filters
from cnnlab.ui.inside.job import ask_inside, has_look, render_again
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.map_view import render_map
from cnnlab.ui.inside.maps_view import SECTION, render_maps
from cnnlab.ui.inside.neighbours_view import render_neighbours
from cnnlab.ui.inside.units_view import render_units
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.run_choice import ask_run
from cnnlab.ui.run.way_back import lead_to, render_way_back
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped

_Section = Callable[[Looked], None]

_EPOCHS, _START = "section_epochs", "section_inside"
_START_TITLE = "Inside the net"
_SECTIONS: dict[str, tuple[str, _Section]] = {
    "section_map": ("Map", render_map),
    "section_neighbours": ("Look-alikes", render_neighbours),
    "section_filters": ("Filters", render_filters),
    SECTION: ("Layers", render_maps),
    "section_units": ("Units", render_units),
}
"""What a look inside has found, by the key of its container: the words of a link, what draws it."""


def render_inside() -> None:
    """The whole page."""
    way = render_way_back()
    st.title("Look inside a net", anchor=False)
    st.caption(
        "The same pictures through the epochs, which pictures the net finds alike, and what its "
        "layers react to."
    )
    models = lab.list_models()
    run = ask_run(models)
    if run is None:
        return
    lead_to(way, [run])
    name_tab(f"Inside: {run.name}")
    try:
        lab.load_dataset(run.dataset)
    except NotFoundError:
        words = f"The dataset of the run '{run.name}' is gone, and with it its pictures: bring it "
        st.error(escaped(words + "back from a backup or import it again.", limit=1000))
        return
    beside = ask_beside(run, models)
    with st.container(horizontal=True, key="inside_ways"):
        for page, words, icon, parameter in _WAYS:
            if st.button(words, key=f"open_{page}", icon=icon):
                st.switch_page(page_file(page), query_params={parameter: run.id})
    has_looked = has_look(run)
    titles = {key: title for key, (title, _) in _SECTIONS.items()}
    render_jumps({_EPOCHS: "Epochs"} | (titles if has_looked else {_START: _START_TITLE}))
    with st.container(key=_EPOCHS):
        st.fragment(render_epochs)(run, beside)
    inside = ask_inside(run) if has_looked else _ask_first(run)
    if inside is not None:
        looked = Looked.of(run, inside)
        for key, (_, render) in _SECTIONS.items():
            with st.container(key=key):
                st.fragment(_render)(render, looked)
        render_again(run)
    render_scrolling()


def _ask_first(run: Run) -> lab.Inside | None:
    with st.container(key=_START):
        st.header(_START_TITLE, anchor=False)
        return ask_inside(run)


def _render(render: _Section, looked: Looked) -> None:
    """A section; of a run that was deleted meanwhile the whole page says so instead."""
    try:
        lab.load_run(looked.run.id)
    except NotFoundError:
        st.rerun()
    render(looked)


_WAYS = (
    ("runs", "The run's page", ":material/monitoring:", "run"),
    ("evaluate", "Judge this model", ":material/fact_check:", "run"),
)
"""Page, words, icon and parameter of the buttons that lead from here."""
