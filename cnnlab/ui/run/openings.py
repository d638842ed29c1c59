"""From a run's page to the pages that need its model, or what it said."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.compare.address import compare_address
from cnnlab.ui.page_files import page_file

_OPENINGS = {
    "evaluate": ("Judge this model", ":material/fact_check:"),
    "explain": ("Look inside", ":material/frame_inspect:"),
    "predict": ("Try it", ":material/image_search:"),
    "models": ("Take it along", ":material/deployed_code:"),
    "compare": ("Compare with ...", ":material/compare:"),
}
"""By the page's name: what its button says, and the icon."""

_OF_IMPORTED = ("models", "compare")
"""What needs no training state, which imported runs lack."""


def render_openings(run: Run, *, on: str = "runs") -> None:
    """A button for each page that an ended run with a finished epoch can be taken to.

    They stand beside what else can be done with it.

    Args:
        run: any.
        on: the page that they stand on.
    """
    if not run.status.is_ended or not run.last or lab.is_recorded(run.id):
        return
    offered = _OF_IMPORTED if lab.imported_from(run.id) else _OPENINGS
    for page in offered:
        words, icon = _OPENINGS[page]
        if page != on and st.button(words, key=f"open_{page}", icon=icon):
            asked = compare_address([run.id]) if page == "compare" else {"run": run.id}
            st.switch_page(page_file(page), query_params=asked)
