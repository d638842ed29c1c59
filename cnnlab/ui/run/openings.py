"""From a run's page to the pages that need its model, or what it said."""

from collections.abc import Sequence
from typing import Literal

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

FIRST_OPENINGS = ("predict", "evaluate", "models")
"""What one does with a model first."""

FURTHER_OPENINGS = ("explain", "compare")

_OF_IMPORTED = ("models", "compare")
"""What needs no training state, which imported runs lack."""


def render_openings(
    run: Run,
    pages: Sequence[str] = tuple(_OPENINGS),
    *,
    on: str = "runs",
    primary: str | None = None,
) -> None:
    """A button for each page that an ended run with a finished epoch can be taken to.

    They stand beside what else can be done with it.

    Args:
        run: any.
        pages: those that are offered here, in order.
        on: the page that they stand on.
        primary: the page that is the next step, if any.
    """
    if not run.status.is_ended or not run.last or lab.is_recorded(run.id):
        return
    is_imported = lab.imported_from(run.id)
    for page in pages:
        if page == on or (is_imported and page not in _OF_IMPORTED):
            continue
        words, icon = _OPENINGS[page]
        kind: Literal["primary", "secondary"] = "primary" if page == primary else "secondary"
        if st.button(words, key=f"open_{page}", icon=icon, type=kind):
            asked = compare_address([run.id]) if page == "compare" else {"run": run.id}
            st.switch_page(page_file(page), query_params=asked)
