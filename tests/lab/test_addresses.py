"""Who reaches an address, and on which one the app will listen."""

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.lab.addresses import configured_address, is_loopback


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("10.1.2.3", False),
        ("no such name", False),
    ],
)
def test_only_loopback_is_reached_from_this_machine_alone(address, expected):
    assert is_loopback(address) is expected


def test_the_environment_decides_before_the_files(monkeypatch, tmp_path):
    assert configured_address() == "127.0.0.1"  # our own file
    monkeypatch.setattr("cnnlab.lab.addresses.ROOT", tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert configured_address() == ""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\naddress = "10.1.2.3"\n')
    assert configured_address() == "10.1.2.3"
    (tmp_path / ".streamlit" / "config.toml").write_text("[server")
    with pytest.raises(StorageError, match="can't be read as TOML"):
        configured_address()
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    assert configured_address() == "0.0.0.0"
