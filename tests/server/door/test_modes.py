"""What each mode needs before the app starts."""

import pytest

from cnnlab.domain.errors import BadInputError
from cnnlab.server.door import modes
from cnnlab.server.door.modes import check_mode
from cnnlab.server.door.place import Place

LOCAL = Place("127.0.0.1", 8501)
OUTSIDE = Place("0.0.0.0", 8501)
TLS = Place("0.0.0.0", 8501, is_https=True)
PROXIED = Place("0.0.0.0", 8501, public=("https://lab.example.org",))
PLAIN = Place("0.0.0.0", 8501, public=("http://lab.example.org",))
OIDC = {
    "CNNLAB_OIDC_SERVER": "https://id.example.org",
    "CNNLAB_OIDC_CLIENT_ID": "cnnlab",
    "CNNLAB_OIDC_CLIENT_SECRET": "secret",
    "CNNLAB_OIDC_ALLOWED": "uni.example",
}


def refused(place, words):
    with pytest.raises(BadInputError, match=words) as refusal:
        check_mode(place)
    assert str(refusal.value).count(". ") == 0  # one sentence


@pytest.mark.parametrize("mode", ["password", "oidc"])
def test_other_machines_sign_in_over_https_only(monkeypatch, mode):
    for name, value in ({"CNNLAB_AUTH": mode} | OIDC).items():
        monkeypatch.setenv(name, value)
    for place in (LOCAL, TLS, PROXIED):
        check_mode(place)
    for place in (OUTSIDE, PLAIN):
        refused(place, f"CNNLAB_AUTH={mode} whoever signs in at 0.0.0.0 .* plain HTTP")


def test_a_proxy_is_believed_only_where_it_is_named(monkeypatch):
    monkeypatch.setenv("CNNLAB_AUTH", "proxy")
    refused(LOCAL, "name the machines whose word counts in CNNLAB_PROXY_PEERS")
    monkeypatch.setenv("CNNLAB_PROXY_PEERS", "127.0.0.1")
    for place in (LOCAL, OUTSIDE):
        check_mode(place)


@pytest.mark.parametrize("missing", OIDC)
def test_oidc_needs_a_server_a_client_and_who_may_come(monkeypatch, missing):
    for name, value in ({"CNNLAB_AUTH": "oidc"} | OIDC).items():
        monkeypatch.setenv(name, value)
    check_mode(LOCAL)
    monkeypatch.setenv(missing, " ")
    refused(LOCAL, f"set {missing}: README.md")


def test_oidc_needs_its_packages(monkeypatch):
    for name, value in ({"CNNLAB_AUTH": "oidc"} | OIDC).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(modes.importlib.util, "find_spec", lambda name: None)
    refused(LOCAL, "pip install")
