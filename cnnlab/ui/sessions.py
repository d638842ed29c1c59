"""What a session knows, looked up key by key.

Each number box and each list of choices asks Streamlit whether its own key has no value, and for
that Streamlit copies all that the session knows: on Train some 200 values, 40 times a run of the
page, a third of its time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state_proxy import get_session_state

_copied = SafeSessionState.filtered_state


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
