"""Streamlit collects garbage after every script run; what other tests have loaded, TensorFlow above
all, would be looked through each time."""

import functools
import gc
from collections.abc import Mapping

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.state.safe_session_state import SafeSessionState

from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.ui.form import state


@pytest.fixture(autouse=True, scope="package")
def only_own_garbage():
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="package")
def installed_components_are_looked_for_once():
    """Each page would read the descriptions of all installed packages, for a third of its time."""
    with pytest.MonkeyPatch.context() as patch:
        found = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


class _AsAsked(Mapping):
    """What a session knows by its keys, each looked up when it is asked for."""

    def __init__(self, state):
        self._state = state

    def __getitem__(self, key):
        return self._state[key]

    def __iter__(self):
        return iter(self._state.filtered_state)

    def __len__(self):
        return len(self._state.filtered_state)


@pytest.fixture(autouse=True, scope="package")
def sessions_are_not_copied_for_each_widget():
    """Each number and slider would look up all others, for a third of the time of a long form."""
    with pytest.MonkeyPatch.context() as patch:
        known = property(lambda session: _AsAsked(session._state))
        patch.setattr(SafeSessionState, "filtered_state", known)
        yield


@pytest.fixture
def plain_start(monkeypatch):
    """The form begins with the defaults, as if the plain recipe had been chosen."""
    monkeypatch.setattr(state, "FIRST_RECIPE", RecipeName.PLAIN)
