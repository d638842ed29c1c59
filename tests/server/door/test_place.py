"""By which names the app may be called, from where, and what its addresses are."""

import pytest

from cnnlab.domain.errors import BadInputError
from cnnlab.server.door.place import Place, public_addresses

LOCAL = Place("127.0.0.1", 8501)
PUBLIC = Place("127.0.0.1", 8501, public=("https://lab.example.org/lab",))
OPEN = Place("0.0.0.0", 8501)


@pytest.mark.parametrize(
    ("host", "place", "is_allowed"),
    [
        ("localhost:8501", LOCAL, True),
        ("LOCALHOST.", LOCAL, True),
        ("127.0.0.1:8501", LOCAL, True),
        ("127.0.0.1", LOCAL, True),
        ("[::1]:8501", LOCAL, True),
        ("evil.example", LOCAL, False),
        ("evil.example:8501", LOCAL, False),
        ("10.1.2.3:8501", LOCAL, False),
        ("localhost.evil.example", LOCAL, False),
        ("evil.example@localhost", LOCAL, False),
        ("localhost:8501@evil.example", LOCAL, False),
        ("localhost/evil", LOCAL, False),
        ("localhost:99999", LOCAL, False),
        ("localhost:x", LOCAL, False),
        ("[::1", LOCAL, False),
        ("", LOCAL, False),
        (None, LOCAL, False),
        ("lab.example.org", LOCAL, False),
        ("lab.example.org", PUBLIC, True),
        ("Lab.Example.org:443", PUBLIC, True),
        ("10.1.2.3:8501", OPEN, True),
        ("evil.example:8501", OPEN, False),
        ("10.9.9.9:8501", OPEN, False),
    ],
)
def test_a_request_must_call_the_app_by_a_name_of_its_own(host, place, is_allowed):
    assert place.allows_host(host, "10.1.2.3") is is_allowed


def test_the_machines_own_name_is_known_where_others_reach_it(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Desk")
    for host in ("desk", "desk.local:8501"):
        assert OPEN.allows_host(host, "10.1.2.3")
        assert not LOCAL.allows_host(host, "127.0.0.1")


def test_names_of_the_configuration_are_allowed():
    place = Place("127.0.0.1", 8501, names=("lab.test", "*.lab.test"))
    assert place.allows_host("lab.test:80", None)
    assert place.allows_host("a.lab.test", None)
    assert not place.allows_host("notlab.test", None)


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        (None, "localhost:8501", True),
        ("http://localhost:8501", "localhost:8501", True),
        ("http://localhost:9999", "localhost:8501", False),
        ("http://evil.example", "localhost:8501", False),
        ("null", "localhost:8501", False),
        ("", "localhost:8501", False),
        ("https://lab.example.org", "127.0.0.1:8501", True),
        ("http://lab.example.org", "127.0.0.1:8501", False),
        ("https://lab.example.org.evil.example", "127.0.0.1:8501", False),
    ],
)
def test_pages_of_other_sites_are_told_apart(origin, host, is_allowed):
    assert PUBLIC.allows_origin(origin, host) is is_allowed


def test_the_addresses_are_those_that_a_browser_finds(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "desk")
    assert LOCAL.addresses() == ["http://127.0.0.1:8501"]
    assert Place("::1", 80, "/lab", is_https=True).addresses() == ["https://[::1]:80/lab"]
    assert Place("", 8501).addresses() == ["http://127.0.0.1:8501", "http://desk:8501"]
    assert PUBLIC.addresses() == ["http://127.0.0.1:8501", "https://lab.example.org/lab"]


def test_public_addresses_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("CNNLAB_PUBLIC_ADDRESS", "https://a.example/lab/, http://b.example:8080")
    assert public_addresses() == ("https://a.example/lab", "http://b.example:8080")
    assert Place("127.0.0.1", 8501).public == public_addresses()


@pytest.mark.parametrize("given", ["lab.example.org", "ftp://a.example", "https://", "https://a:x"])
def test_what_is_no_address_is_refused_in_a_sentence(monkeypatch, given):
    monkeypatch.setenv("CNNLAB_PUBLIC_ADDRESS", given)
    with pytest.raises(BadInputError, match="must be an address such as https://lab.example.org"):
        public_addresses()
