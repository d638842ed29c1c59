"""A run's model tried on its own page: a picture or the camera, and what it says."""

import streamlit as st

from cnnlab.domain.run import Run
from cnnlab.ui.page_files import page_file
from cnnlab.ui.predict.trying import names_of, render_trying

_PLACE = "panel"


def render_try_panel(run: Run) -> None:
    """A panel to open below a run's result; until then nothing of it is loaded.

    Args:
        run: one that has ended; nothing is drawn where it has no finished epoch.
    """
    if not run.status.is_ended or not run.last:
        return
    panel = st.expander(
        "Ask it here, by a picture or the camera",
        key="try_panel",
        icon=":material/image_search:",
        on_change="rerun",
    )
    if panel.open:
        with panel:
            render_trying(_PLACE, names_of([run]))
            if st.button(
                "Many pictures, or several models side by side",
                key="open_whole_predict",
                type="tertiary",
                icon=":material/open_in_full:",
            ):
                st.switch_page(page_file("predict"), query_params={"run": run.id})
