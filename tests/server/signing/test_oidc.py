"""Signing in by a real OIDC server of this machine, which lets in whoever says so."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from cnnlab.lab.access import sessions
from cnnlab.lab.access.allowed import is_allowed
from cnnlab.server.signing import oidc
from tests.e2e.nginx import free_port
from tests.server.signing.conftest import PAGE, noted
from tests.server.signing.test_sign_in import IN, key_of, state
from tests.waiting import wait_until

KNOWN = {
    "ben": {"email": "Ben@uni.example", "email_verified": True},
    "eve": {"email": "ben@uni.example", "email_verified": False},
    "zoe": {"email": "zoe@lab.example", "email_verified": True},
    "mallory": {"email": "mallory@evil.example", "email_verified": True},
    "nobody": {},
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """A process of its own: it brings warnings with it, which fail a test of ours."""
    port = free_port()
    told = [json.dumps({"sub": sub, **claims}) for sub, claims in KNOWN.items()]
    given = [part for claims in told for part in ("--user-claims", claims)]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *given]
    with (tmp_path_factory.mktemp("oidc") / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{address}/.well-known/openid-configuration"))
        yield address
        process.kill()
        process.wait()


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(autouse=True)
def _oidc_mode(people, provider, monkeypatch):
    settings = {
        "CNNLAB_AUTH": "oidc",
        "CNNLAB_OIDC_SERVER": provider,
        "CNNLAB_OIDC_CLIENT_ID": "cnnlab",
        "CNNLAB_OIDC_CLIENT_SECRET": "secret",
        "CNNLAB_OIDC_ALLOWED": "@uni.example, zoe@lab.example",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    oidc._known_client.cache_clear()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def at_the_server(address, sub, action="authorize"):
    """What its page does when somebody presses the button: back with a code."""
    form = urllib.parse.urlencode({"sub": sub, "action": action}).encode()
    with pytest.raises(urllib.error.HTTPError) as redirect:
        urllib.request.build_opener(_NoRedirect).open(address, form)
    redirect.value.close()
    return redirect.value.headers["location"]


def come_in(client, sub, there="/runs?run=1", change=lambda back: back, **given):
    off = client.get(f"/api/sign-in/oidc?next={urllib.parse.quote(there, safe='')}")
    assert off.status_code == 302
    back = at_the_server(off.headers["location"], sub, **given)
    assert back.startswith("http://127.0.0.1:8501/api/sign-in/oidc/back?")
    return client.get(change(back), headers=PAGE)


def test_the_page_leads_to_the_server_and_back_to_where_one_wanted_to(people, browser):
    client = browser()
    shown = client.get("/runs?run=1", headers=PAGE)
    assert shown.status_code == 401 and "password" not in shown.text
    link = re.search(r'href="([^"]*oidc[^"]*)"', shown.text)[1]
    assert link == "/api/sign-in/oidc?next=%2Fruns%3Frun%3D1"
    answer = come_in(client, "ben")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?run=1")
    assert state(client) == IN
    assert sessions.acting_of(key_of(client)).person == people.ben  # found by the address


def test_whoever_is_new_gets_an_account_and_a_workspace_of_their_own(people, browser):
    client = browser()
    come_in(client, "zoe")
    who = sessions.acting_of(key_of(client))
    assert (who.person.name, who.role, who.person.is_admin) == ("zoe@lab.example", "owner", False)
    assert who.workspace not in ("default", people.workspace)


def test_who_is_named_no_more_is_out_though_their_session_goes_on(people, browser, monkeypatch):
    client = browser()
    come_in(client, "zoe")
    monkeypatch.setenv("CNNLAB_OIDC_ALLOWED", "@uni.example")
    sessions.forget(key_of(client))
    assert state(client) == 401


@pytest.mark.parametrize("sub", ["eve", "mallory", "nobody"])
def test_who_isnt_named_or_not_verified_stays_out(people, browser, sub):
    client = browser()
    answer = come_in(client, sub)
    assert answer.status_code == 403 and "may not come in here" in answer.text
    assert state(client) == 401 and len(people.register.accounts.all()) == 2
    outcomes = [entry[2] for entry in noted(people.register, "sign_in")]
    assert outcomes == ["refused"]


@pytest.mark.parametrize(
    "change",
    [
        lambda back: re.sub("code=[^&]+", "code=forged", back),
        lambda back: re.sub("state=[^&]+", "state=forged", back),
        lambda back: back.partition("?")[0],
        lambda back: f"{back.partition('?')[0]}?error=access_denied",
    ],
)
def test_a_forged_answer_lets_nobody_in(people, browser, change):
    client = browser()
    answer = come_in(client, "ben", change=change)
    assert answer.status_code == 401 and "try again" in answer.text
    assert state(client) == 401


def test_an_answer_works_once_and_in_its_browser_only(people, browser):
    client, kept = browser(), []
    come_in(client, "ben", change=lambda back: kept.append(back) or back)
    client.cookies.clear()
    for one in (client, browser()):
        assert one.get(kept[0], headers=PAGE).status_code == 401


def test_somebody_who_says_no_there_is_told(browser):
    assert come_in(browser(), "ben", action="deny").status_code == 401


def test_a_server_that_is_away_is_told(browser, monkeypatch):
    monkeypatch.setenv("CNNLAB_OIDC_SERVER", f"http://127.0.0.1:{free_port()}")
    answer = browser().get("/api/sign-in/oidc")
    assert answer.status_code == 503 and "doesn&#x27;t answer" in answer.text


def test_nobody_signs_in_with_a_password_here(browser):
    assert browser().post("/api/sign-in", data={"name": "Ada"}).status_code == 404


@pytest.mark.parametrize(
    ("email", "may"),
    [
        ("a@uni.example", True),
        ("zoe@lab.example", True),
        ("b@lab.example", False),
        ("a@evil-uni.example", False),
        ("a@sub.uni.example", False),
        ("a@uni.example@evil.example", False),
        ("@uni.example", False),
        ("uni.example", False),
        ("", False),
    ],
)
def test_named_are_addresses_and_whole_domains(email, may):
    assert is_allowed(email) is may


def test_where_nobody_is_named_nobody_may(monkeypatch):
    monkeypatch.setenv("CNNLAB_OIDC_ALLOWED", " , ")
    assert not is_allowed("a@uni.example")
