"""A session looked up key by key says what Streamlit's own copy of it says."""

import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from cnnlab.ui.sessions import _copied


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
