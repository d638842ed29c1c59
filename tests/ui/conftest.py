"""Streamlit collects garbage after every script run; what other tests have loaded, TensorFlow above
all, would be looked through each time."""

import functools
import gc

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import app_test, local_script_runner

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


@pytest.fixture(autouse=True, scope="package")
def the_end_of_a_script_is_waited_for():
    """AppTest asks a thousand times a second for it, through all that the script has sent so far,
    which takes the script's own thread a tenth of its time."""
    ask = local_script_runner.require_widgets_deltas

    def wait(runner, timeout):
        runner._script_thread.join(timeout)
        ask(runner, 1 if runner.script_stopped() else 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture(autouse=True, scope="package")
def pages_are_compiled_once_as_in_the_app():
    """AppTest has a cache for each run."""
    compiled = ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: compiled)
        yield


@pytest.fixture
def plain_start(monkeypatch):
    """The form begins with the defaults, as if the plain recipe had been chosen."""
    monkeypatch.setattr(state, "FIRST_RECIPE", RecipeName.PLAIN)
