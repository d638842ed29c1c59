"""A session: looked up it says what Streamlit's own copy says, and what is set is set whole."""

from contextlib import nullcontext

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from cnnlab.ui.sessions import _copied, as_a_whole


def fields():
    import streamlit as st  # noqa: PLC0415 - the text of this function is the script

    st.number_input("Many", key="many", value=None)
    st.selectbox("Which", ["a", "b"], key="which", index=None)
    st.session_state.setdefault("own", "kept")
    st.button("Unnamed")


@pytest.fixture
def app():
    return AppTest.from_function(fields).run()


def both(app):
    session = app.session_state._state
    return session.filtered_state, _copied.__get__(session)


def test_it_is_used(app):
    ours, copied = both(app)
    assert SafeSessionState.filtered_state is not _copied
    assert not isinstance(ours, dict)
    assert isinstance(copied, dict)


def test_it_says_the_same_of_every_key_and_knows_no_other(app):
    ours, copied = both(app)
    assert dict(ours) == copied == {"many": None, "which": None, "own": "kept"}
    assert len(ours) == 3
    assert "of nobody" not in ours


def test_a_field_that_was_emptied_stays_empty(app):
    app.number_input(key="many").set_value(4).run()
    assert app.number_input(key="many").value == 4
    app.session_state["many"] = None
    app.session_state["which"] = "b"
    app.run()
    assert app.number_input(key="many").value is None
    assert app.selectbox(key="which").value == "b"


def ask_for_the_page_anew():
    """As a browser does whose user has changed another field meanwhile."""
    get_script_run_ctx().script_requests.request_rerun(RerunData(widget_states=None))


def filled():
    """Two values that belong together, set by a click; or, where `ways` holds any, by the page."""
    import streamlit as st  # noqa: PLC0415 - the text of this function is the script

    def fill():
        st.session_state["first"] = 1
        st.session_state["ask"]()
        st.session_state["second"] = 2

    for way in st.session_state.get("ways", ()):
        st.session_state["ways"] = []
        with way():
            fill()
    st.button("Fill", key="fill", on_click=fill)


@pytest.mark.parametrize("by_click", [True, False])
def test_what_is_begun_is_finished_though_the_page_is_asked_for_meanwhile(by_click):
    app = AppTest.from_function(filled)
    app.session_state["ask"] = ask_for_the_page_anew
    if by_click:
        app.run().button(key="fill").click().run()
    else:
        app.session_state["ways"] = [as_a_whole]
        app.run()
    known = app.session_state._state.filtered_state
    assert (known["first"], known["second"]) == (1, 2)


def test_without_that_it_is_left_in_the_middle():
    app = AppTest.from_function(filled)
    app.session_state["ask"], app.session_state["ways"] = ask_for_the_page_anew, [nullcontext]
    app.run()
    assert "second" not in app.session_state._state.filtered_state
