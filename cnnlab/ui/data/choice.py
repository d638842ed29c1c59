"""Which dataset is meant: the choice of a session, and what the address says of it."""

from collections.abc import Collection

import streamlit as st

from cnnlab.ui.text import escaped

CHOSEN_DATASET = "dataset_chosen"
"""Session key of the chosen dataset. The widget's own key would be overwritten by what the browser
still shows, and each page has a widget of its own."""

_PARAMETER = "dataset"
_SEEN = "dataset_seen"


def take_from_address(known: Collection[str]) -> None:
    """Choose the dataset that the address names, where it names another one than before.

    A link does, and the browser's way back.

    Args:
        known: ids of all datasets.
    """
    state, asked = st.session_state, st.query_params.get(_PARAMETER)
    before, _ = state.get(_SEEN, (None, None))
    if asked != before and asked in known:
        state[CHOSEN_DATASET] = asked


def tell_address(chosen: str, known: Collection[str]) -> None:
    """Have the address name the chosen dataset, once another one was chosen than is in it.

    An address without one stays as it is until then: a change of it would be one more step on the
    browser's way back. An unknown one is said as long as it stands there.

    Args:
        chosen: id of the dataset that is shown.
        known: ids of all datasets.
    """
    state, asked = st.session_state, st.query_params.get(_PARAMETER)
    before, shown = state.get(_SEEN, (asked, chosen))
    if asked == before and chosen != shown:
        st.query_params[_PARAMETER] = asked = chosen
    state[_SEEN] = (asked, chosen)
    if asked and asked not in known:
        st.warning(
            f"There is no dataset '{escaped(asked, limit=100)}': it was deleted, or the address is "
            "wrong. Another one is shown.",
            icon=":material/warning:",
        )
