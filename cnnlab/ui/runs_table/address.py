"""The view stands in the address, and nowhere else: a link to it shows the same table."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.lab import RunsView

_LATEST = "runs_address"


def current_view() -> tuple[RunsView, list[str]]:
    """What the address asks for, and a sentence for each part of it that can't be taken."""
    view, wrong = lab.view_from({name: st.query_params.get_all(name) for name in st.query_params})
    st.session_state[_LATEST] = view.to_address()
    return view, wrong


def go_to(view: RunsView) -> None:
    """Have the address say another view; who draws it is run again."""
    st.query_params.from_dict(view.to_address())


def latest_address() -> dict[str, Any]:
    """Parameters of the view that was looked at last, for the way back from a run."""
    address: dict[str, Any] = st.session_state.get(_LATEST, {})
    return address


def follow(key: str, value: Any) -> None:  # noqa: ANN401 - any widget's value
    """Have a widget show what the address says; what is just being typed into it stays."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
