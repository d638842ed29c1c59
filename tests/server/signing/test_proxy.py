"""A proxy that says who comes: believed where it is named, from nobody else."""

import pytest
from starlette.requests import HTTPConnection

from cnnlab.domain.errors import BadInputError
from cnnlab.lab.access.register import register
from cnnlab.server.door.peers import came_from, named_peers, read_addresses_ourselves
from tests.server.signing.conftest import ORIGIN, PAGE, noted

HEADER = "X-Forwarded-User"


@pytest.fixture(autouse=True)
def _proxy_mode(password_mode, monkeypatch):
    monkeypatch.setenv("CNNLAB_AUTH", "proxy")
    monkeypatch.setenv("CNNLAB_PROXY_PEERS", "192.0.2.1, 198.51.100.0/24")


@pytest.fixture
def proxy(browser):
    return browser(at="192.0.2.1")


def who(client, name, header=HEADER):
    answer = client.post("/api/own", headers={header: name})
    return answer.status_code, answer.headers.get("x-cnnlab-who")


def test_whom_the_proxy_names_is_in_with_an_account_and_a_workspace_of_their_own(people, proxy):
    assert who(proxy, "ada") == who(proxy, "Ada") != who(proxy, "Ben")
    assert who(proxy, "Zoë Müller".encode())[0] == 204
    zoe = people.register.accounts.find("Zoë Müller").person
    ((workspace, role),) = people.register.workspaces.of_person(zoe.id)
    assert (workspace.title, role) == ("Zoë Müller", "owner") and not zoe.is_admin
    came = [entry[0] for entry in noted(people.register, "sign_in")]
    assert came == ["Ada", "Ben", "Zoë Müller"]  # once each, however often they are named


@pytest.mark.parametrize("at", ["192.0.2.2", "203.0.113.1", "", "::1"])
def test_a_header_from_anywhere_else_is_refused_and_noted(people, browser, at):
    client = browser(at=at)
    for _ in range(3):
        assert who(client, "Ada")[0] == 403
    assert client.get("/", headers=PAGE).status_code == 403
    assert noted(people.register, "foreign_header") == [("", "", "refused", at)]
    assert noted(people.register, "sign_in") == []


def test_named_networks_and_another_header_are_taken(people, browser, monkeypatch):
    monkeypatch.setenv("CNNLAB_PROXY_HEADER", "X-Remote-User")
    client = browser(at="198.51.100.9")
    assert who(client, "Ada", "X-Remote-User")[0] == 204
    assert who(client, "Ada")[0] == 401


@pytest.mark.parametrize("names", [[], [""], ["  "], ["Ada", "Ben"]])
def test_nobody_two_or_nonsense_come_in_as_nobody(people, proxy, names):
    assert proxy.post("/api/own", headers=[(HEADER, name) for name in names]).status_code == 401


def test_a_name_that_no_account_can_have_is_refused(people, proxy):
    assert who(proxy, "x" * 100)[0] == 403


def test_without_an_account_nobody_becomes_the_first_by_chance(proxy):
    answer = proxy.get("/", headers={**PAGE, HEADER: "Mallory"})
    assert answer.status_code == 403 and "cnnlab user add NAME" in answer.text
    assert register().accounts.all() == []


def test_a_disabled_account_is_out_although_the_proxy_lets_it_in(people, proxy):
    assert who(proxy, "Ben")[0] == 204
    people.register.accounts.set_disabled(people.ben.id, True)
    from cnnlab.lab.access import sessions  # noqa: PLC0415

    sessions._looked.clear()
    assert who(proxy, "Ben")[0] == 403


def test_a_session_cookie_opens_nothing_here_and_nobody_signs_out(people, proxy):
    assert proxy.post("/api/sign-in", data={"name": "Ada"}, headers=ORIGIN).status_code == 404


@pytest.mark.parametrize("given", ["proxy.example", "192.0.2.1/33", "192.0.2.5/24"])
def test_peers_that_are_no_numbers_are_refused(monkeypatch, given):
    monkeypatch.setenv("CNNLAB_PROXY_PEERS", given)
    with pytest.raises(BadInputError, match="CNNLAB_PROXY_PEERS must be numbers"):
        named_peers()


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", "203.0.113.5", "203.0.113.5"),
        ("192.0.2.1", "1.2.3.4, 203.0.113.5", "203.0.113.5"),  # the first was sent by the visitor
        ("192.0.2.1", "203.0.113.5, 198.51.100.3", "203.0.113.5"),  # through two proxies
        ("192.0.2.1", "nonsense", "192.0.2.1"),
        ("192.0.2.1", "", "192.0.2.1"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # no proxy of ours: not believed
        ("::ffff:192.0.2.1", "203.0.113.5", "203.0.113.5"),
    ],
)
def test_from_where_somebody_comes_only_a_named_proxy_may_say(peer, forwarded, found):
    headers = [(b"x-forwarded-for", forwarded.encode())]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    assert came_from(HTTPConnection(scope)) == found


def test_without_named_ones_a_proxy_of_this_machine_may(monkeypatch):
    monkeypatch.delenv("CNNLAB_PROXY_PEERS")
    headers = [(b"x-forwarded-for", b"1.2.3.4, 203.0.113.5")]
    for peer, found in (("127.0.0.1", "203.0.113.5"), ("192.0.2.1", "192.0.2.1")):
        scope = {"type": "http", "client": (peer, 1), "headers": headers}
        assert came_from(HTTPConnection(scope)) == found
    forged = [(b"x-forwarded-for", b"1.2.3.4, 127.0.0.1")]
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": forged}
    assert came_from(HTTPConnection(scope)) == "127.0.0.1"


def test_uvicorn_believes_no_address_that_it_is_told(monkeypatch):
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    read_addresses_ourselves()
    from uvicorn.config import Config  # noqa: PLC0415
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware  # noqa: PLC0415

    config = Config("none:app")
    trusted = ProxyHeadersMiddleware(None, config.forwarded_allow_ips).trusted_hosts
    assert "127.0.0.1" not in trusted and "::1" not in trusted
