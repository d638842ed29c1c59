"""Streamlit collects garbage after every script run; what other tests have loaded, TensorFlow above
all, would be looked through each time."""

import functools
import gc

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.state.safe_session_state import SafeSessionState

from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.ui.form import state
from cnnlab.ui.sessions import finish_clicks, look_up_singly


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


@pytest.fixture(autouse=True, scope="package")
def sessions_are_looked_up_as_in_the_app():
    with pytest.MonkeyPatch.context() as patch:
        for name in ("filtered_state", "on_script_will_rerun"):
            patch.setattr(SafeSessionState, name, getattr(SafeSessionState, name))
        look_up_singly()
        finish_clicks()
        yield


@pytest.fixture
def plain_start(monkeypatch):
    """The form begins with the defaults, as if the plain recipe had been chosen."""
    monkeypatch.setattr(state, "FIRST_RECIPE", RecipeName.PLAIN)
