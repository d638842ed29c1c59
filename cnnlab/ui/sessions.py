"""What a session knows: looked up key by key, and changed as a whole or not at all.

Each number box and each list of choices asks Streamlit whether its own key has no value, and for
that Streamlit copies all that the session knows: on Train some 200 values, 40 times a run of the
page, a third of its time.

And at each look Streamlit ends what is running where the browser has asked for the page anew: in
the middle of what a click does, or of a form that is being filled, whose rest would then be lost.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state_proxy import get_session_state

_copied = SafeSessionState.filtered_state
_will_rerun = SafeSessionState.on_script_will_rerun


class _AsAsked(Mapping[str, object]):
    """What a session knows by its keys, each looked up when it is asked for."""

    def __init__(self, session: SafeSessionState) -> None:
        self._session = session

    def __getitem__(self, key: str) -> object:
        state: SessionState = self._session._state
        with self._session._lock:
            return state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, object]:
        found: dict[str, object] = _copied.__get__(self._session)
        return found


def look_up_singly() -> None:
    """Have Streamlit look up what it asks a session for; what it then finds is the same.

    Of a Streamlit that asks in another way nothing is changed.
    """
    setattr(SafeSessionState, "filtered_state", property(_AsAsked))  # noqa: B010 - for mypy


def known_values() -> Mapping[str, Any]:
    """What the session of this page knows, for whoever reads many of its values.

    `st.session_state` asks before each whether the script shall end, which takes longer than the
    look itself.
    """
    known: Mapping[str, Any] = get_session_state().filtered_state
    return known


@contextlib.contextmanager
def as_a_whole() -> Iterator[None]:
    """Whatever is set meanwhile is set to the end: a page that is asked for anew waits for it."""
    with _undisturbed(get_session_state()):
        yield


def finish_clicks() -> None:
    """Have Streamlit do what a click asks for to its end, before it looks for a newer one."""
    setattr(SafeSessionState, "on_script_will_rerun", _finish)  # noqa: B010 - for mypy


def _finish(session: SafeSessionState, *given: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
    session._yield_callback()
    with _undisturbed(session):
        _will_rerun(session, *given, **options)


@contextlib.contextmanager
def _undisturbed(session: SafeSessionState) -> Iterator[None]:
    looks = session._yield_callback
    object.__setattr__(session, "_yield_callback", lambda: None)
    try:
        yield
    finally:
        object.__setattr__(session, "_yield_callback", looks)
