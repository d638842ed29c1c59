"""What brings images in, folded away behind a button where a dataset is looked at."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.ui.changing import why_no_editor
from cnnlab.ui.data.gathering_form import render_gathering
from cnnlab.ui.data.import_form import has_upload, render_import_form

_OPEN = "new_images"
_SEEN = "new_images_seen"


def render_new_images(datasets: Sequence[Dataset], chosen: Dataset | None) -> None:
    """Photos class by class, or a whole dataset at once.

    Open by itself while only the sample is there, and when something has been uploaded; folded once
    something has come of it.

    Args:
        datasets: all there are.
        chosen: the one that is looked at, if any.
    """
    if reason := why_no_editor():
        st.caption(f"Adding images: {reason[0].lower()}{reason[1:]}")
        return
    state = st.session_state
    is_new = all(dataset.name == lab.SAMPLE_NAME for dataset in datasets)
    seen = is_new, has_upload(), sum(dataset.version for dataset in datasets)
    if state.get(_SEEN) != seen:
        state[_SEEN], state[_OPEN] = seen, is_new or has_upload()
    with st.expander("Add images", key=_OPEN, icon=":material/add:", on_change="rerun"):
        st.markdown("**Photos of each class**")
        render_gathering(chosen)
        st.markdown("**Or a whole dataset at once**")
        render_import_form()
