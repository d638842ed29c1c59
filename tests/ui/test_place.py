"""Where the app is, as Streamlit's options say, whichever way they were set."""

import pytest
from streamlit import config

from cnnlab.domain.errors import BadInputError
from cnnlab.server.door.opening import check_place
from cnnlab.ui.place import app_place


@pytest.fixture
def option(monkeypatch):
    """Sets one of Streamlit's options; all are read anew afterwards."""
    yield config.set_option
    config.get_config_options(force_reparse=True)


def test_our_own_settings_are_for_this_machine_only(option):
    config.get_config_options(force_reparse=True)
    place = app_place()
    assert (place.address, place.port, place.base_path) == ("127.0.0.1", 8501, "")
    assert place.is_loopback and set(place.names) == {"localhost", "127.0.0.1", "::1"}
    assert config.get_option("server.allowedHosts") == ["*"]  # the door looks, and knows more


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.1.2.3", None])
def test_an_address_that_others_reach_is_seen(option, monkeypatch, address):
    option("server.address", address)
    option("server.baseUrlPath", "/lab/")
    place = app_place()
    assert (place.is_loopback, place.base_path) == (False, "/lab")
    monkeypatch.setenv("CNNLAB_AUTH", "none")
    with pytest.raises(BadInputError):
        check_place(place)
