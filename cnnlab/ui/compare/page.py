"""The Compare page: which runs, what they differ in, what they do with the same images."""

from collections.abc import Callable, Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import listed
from cnnlab.server.downloads import comparison_address, curves_address
from cnnlab.ui.compare.curves import render_curves
from cnnlab.ui.compare.differences import render_differences, render_runs
from cnnlab.ui.compare.models import render_calibration, render_costs, render_weights
from cnnlab.ui.compare.numbers import chosen_at, chosen_reference, render_numbers
from cnnlab.ui.compare.pictures import render_pair
from cnnlab.ui.compare.runs_choice import ask_compared
from cnnlab.ui.components.jumps.jumps import render_jumps
from cnnlab.ui.run.way_back import render_way_back
from cnnlab.ui.tab import name_tab

_Section = Callable[[lab.Comparison], None]
_PICTURES = "section_pictures"

_SECTIONS: dict[str, tuple[str, _Section]] = {
    "section_settings": ("Settings", render_differences),
    "section_curves": ("Curves", render_curves),
    "section_numbers": ("Numbers", render_numbers),
    _PICTURES: ("Pictures", render_pair),
    "section_sure": ("How sure", render_calibration),
    "section_weights": ("Weights", render_weights),
    "section_costs": ("Costs", render_costs),
}
"""From the top of the page to its foot: by the key of its container what a link to it says."""

_OF_ALL = ("section_numbers",)
"""What is clicked there changes the others: the whole page runs again."""


def render_compare() -> None:
    """The whole page."""
    render_way_back()
    st.title("Compare runs", anchor=False)
    st.caption("What they were told to do differently, and what that did to the same images.")
    ids = ask_compared()
    if not ids:
        return
    comparison = lab.compare_runs(ids, at=chosen_at(), reference=chosen_reference())
    name_tab(f"Compare: {', '.join(one.run.name for one in comparison.runs)}")
    shown = {
        key: section for key, section in _SECTIONS.items() if key != _PICTURES or comparison.pairs
    }
    render_jumps({key: title for key, (title, _) in shown.items()})
    render_runs(comparison)
    _render_running(comparison.runs)
    _render_downloads(comparison)
    for key, (_, render) in shown.items():
        with st.container(key=key):
            if key in _OF_ALL:
                render(comparison)
            else:
                st.fragment(render)(comparison)


def _render_downloads(comparison: lab.Comparison) -> None:
    ids = [one.run.id for one in comparison.runs]
    address = comparison_address(ids, comparison.at, ids[comparison.reference])
    with st.container(horizontal=True, key="compare_downloads"):
        for words, key, to in (
            ("Numbers (CSV)", "compare_csv", address),
            ("Curves (CSV)", "compare_curves_csv", curves_address(ids)),
        ):
            st.link_button(words, to, icon=":material/download:", key=key)


def _render_running(runs: Sequence[lab.ComparedRun]) -> None:
    going = [one.letter for one in runs if not one.run.status.is_ended]
    if going:
        st.info(
            f"{listed(going)} {'has' if len(going) == 1 else 'have'}n't ended: what is shown is as "
            "far as it is now; load the page again for more.",
            icon=":material/hourglass_top:",
        )
