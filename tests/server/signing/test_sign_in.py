"""Signing in with a password, and how the session goes on and ends."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from starlette.websockets import WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.errors import DiskFullError, StorageError
from cnnlab.domain.people.person import Role
from cnnlab.lab.access import sessions, signing_in
from cnnlab.lab.access.register import register
from cnnlab.server.door.place import Place
from cnnlab.server.signing import cookie, sockets
from cnnlab.storage.people import passwords
from cnnlab.storage.people.accounts import Accounts
from cnnlab.storage.people.audit import Audit
from cnnlab.storage.people.sessions import Sessions
from tests.server.signing.conftest import ORIGIN, PAGE, PASSWORD, noted, sign_in

IN = 404
"""What a page answers here to whoever is let in: nothing stands behind the door."""
SOCKET = "ws://127.0.0.1:8501/api/runs/none/live"


def state(client, path="/runs"):
    return client.get(path).status_code


def key_of(client):
    (value,) = [one for name, one in client.cookies.items() if name == cookie.name()]
    return value.rpartition(".")[0]


def after(client):
    """What is known a second later, without waiting."""
    sessions.forget(key_of(client))
    return client


def test_without_an_account_the_page_says_which_command_makes_the_first(browser):
    told = browser().get("/", headers=PAGE)
    assert told.status_code == 401
    assert "python -m cnnlab user add NAME" in told.text and "<form" not in told.text


def test_whoever_opens_a_page_signs_in_there_and_comes_to_it(people, home, browser):
    client = browser()
    shown = client.get("/runs?run=a%20b&x=%3Cb%3E", headers=PAGE)
    assert shown.status_code == 401 and shown.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in shown.headers["content-security-policy"]
    there = re.search(r'name="next" value="([^"]+)"', shown.text)[1].replace("&amp;", "&")
    answer = sign_in(client, "ada ", next=there)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?run=a%20b&x=%3Cb%3E")
    kept = answer.headers["set-cookie"]
    assert "HttpOnly" in kept and "SameSite=lax" in kept and "Path=/;" in kept
    assert "Secure" not in kept and state(client) == IN
    assert noted(people.register, "sign_in") == [("Ada", "", "done", "192.0.2.7")]
    stored = (home / "people.db").read_bytes()
    assert key_of(client).encode() not in stored


def test_other_requests_get_a_line_and_no_page(people, browser):
    client = browser()
    for method, headers in (("GET", {}), ("POST", PAGE), ("PUT", PAGE)):
        answer = client.request(method, "/api/uploads", headers=headers)
        assert answer.status_code == 401 and "<form" not in answer.text
    assert client.get("/_stcore/health").status_code == IN


def test_a_wrong_name_and_a_wrong_password_are_told_alike_and_cost_alike(
    people, browser, monkeypatch
):
    computed = []
    real = passwords._hasher

    class Counting:
        def __getattr__(self, name):
            computed.append(name)
            return getattr(real, name)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    passwords.is_password("x", None)
    told = {}
    for name in ("Ada", "nobody"):
        computed.clear()
        answer = sign_in(browser(at=f"192.0.2.{len(name)}"), name, "wrong")
        told[name] = (answer.status_code, answer.text.replace(name, "X"), tuple(computed))
    assert told["Ada"] == told["nobody"]
    assert "Name and password don&#x27;t fit." in told["Ada"][1]
    assert told["Ada"][0] == 401 and told["Ada"][2] == ("verify",)
    assert noted(people.register, "sign_in") == [
        ("", "Ada", "refused", "192.0.2.3"),
        ("", "", "refused", "192.0.2.6"),  # what is no name may be a password
    ]


def test_a_disabled_account_doesnt_come_in_and_one_that_is_in_is_out(people, browser):
    client = browser()
    sign_in(client, "Ben")
    people.register.accounts.set_disabled(people.ben.id, True)
    assert state(after(client)) == 401
    assert sign_in(browser(), "Ben").status_code == 401


def test_ten_thousand_tries_are_answered_and_five_of_them_looked_at(people, monkeypatch):
    looked_at = []
    monkeypatch.setattr(passwords, "is_password", lambda *given: looked_at.append(given))
    monkeypatch.setattr("cnnlab.storage.people.accounts.is_password", passwords.is_password)
    for _ in range(10_000):
        with pytest.raises(signing_in.SignInError):
            signing_in.sign_in("Ada", "wrong", "192.0.2.7")
    assert len(looked_at) == 5
    assert len(noted(people.register, "sign_in")) == 5
    assert noted(people.register, "sign_in_limited") == [("", "", "refused", "192.0.2.7")]


def test_after_too_many_tries_one_waits_and_others_dont(people, browser):
    client = browser()
    for _ in range(5):
        assert sign_in(client, "Ada", "wrong").status_code == 401
    limited = sign_in(client, "Ada")
    assert limited.status_code == 429 and 0 < int(limited.headers["retry-after"]) <= 60
    assert "Too many tries: wait" in limited.text and "set-cookie" not in limited.headers
    assert sign_in(browser(at="192.0.2.8"), "Ada").status_code == 303
    signing_in._tries.clear()  # as after a restart
    assert sign_in(client, "Ada").status_code == 429


def test_right_ones_may_come_in_as_often_as_they_like(people, browser):
    client = browser()
    assert {sign_in(client, "Ada").status_code for _ in range(12)} == {303}


def test_signing_in_again_ends_the_session_before(people, browser):
    client = browser()
    sign_in(client, "Ada")
    before = key_of(client)
    sign_in(client, "Ben")
    assert key_of(client) != before
    client.cookies.clear()
    client.cookies.set(cookie.name(), cookie.signed(before))
    assert state(client) == 401


def test_signing_out_ends_all_tabs_and_other_browsers_stay(people, browser):
    client, other = browser(), browser()
    for one in (client, other):
        sign_in(one, "Ada")
    kept = key_of(client)
    answer = client.post("/api/sign-out", headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    client.cookies.clear()
    client.cookies.set(cookie.name(), cookie.signed(kept))
    assert state(client) == 401 and state(other) == IN
    assert noted(people.register, "sign_out") == [("Ada", "", "done", "192.0.2.7")]


def test_an_open_socket_is_closed_when_its_session_ends(people, browser, monkeypatch):
    monkeypatch.setattr(sockets, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr("cnnlab.server.streams.live._follow", _stays)
    client = browser()
    sign_in(client, "Ada")
    monkeypatch.setattr("cnnlab.server.streams.live._broadcaster", _Anything())
    with client.websocket_connect(SOCKET) as socket:
        socket.receive_json()
        sessions.end_session(key_of(client))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == sockets.ENDED
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(SOCKET):
        pass


@pytest.mark.parametrize(("failures", "closes"), [(sockets._MOST_FAILURES - 1, False), (99, True)])
def test_a_socket_is_watched_on_where_the_register_cant_be_read(failures, closes, monkeypatch):
    """What comes back in time says whether the session goes on; else nobody may stay."""
    monkeypatch.setattr(sockets, "LOOK_SECONDS", 0)
    looks = [StorageError("locked")] * failures + [True, StorageError("locked"), False]
    sent, may_look = [], len(looks)

    async def still_open():
        look = looks.pop(0)
        if isinstance(look, Exception):
            raise look
        return look

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        assert (await receive())["type"] == "websocket.disconnect"

    async def send(message):
        sent.append(message)

    async def come_in():
        silent = asyncio.Event()
        await sockets.ClosedAtEnd(app, still_open)({}, silent.wait, send)

    asyncio.run(asyncio.wait_for(come_in(), 60))
    assert sent[-1] == {"type": "websocket.close", "code": sockets.ENDED}
    assert (may_look - len(looks) == sockets._MOST_FAILURES) is closes
    assert closes or not looks


async def _stays(websocket, channel, position):
    await websocket.send_json({})
    await websocket.receive_text()


class _Anything:
    def watch(self, run):
        return self

    async def __aenter__(self):
        return None

    async def __aexit__(self, *_):
        return None


@pytest.mark.parametrize("forged", ["", ".", "x", "x.y", "{key}.", "{key}.0", "{key}x.{sign}"])
def test_a_forged_cookie_opens_nothing_and_is_noted_once_a_minute(people, browser, forged):
    client = browser()
    sign_in(client, "Ada")
    key, sign = cookie.signed(key_of(client)).split(".")
    client.cookies.clear()
    client.cookies.set(cookie.name(), forged.format(key=key, sign=sign))
    assert [state(client) for _ in range(3)] == [401] * 3
    assert noted(people.register, "forged_session") == [("", "", "refused", "192.0.2.7")]


def test_a_signed_key_of_no_session_opens_nothing(people, browser):
    client = browser()
    client.cookies.set(cookie.name(), cookie.signed("never given"))
    assert state(client) == 401
    client.headers["x-cnnlab-session"] = "given"
    assert state(client) == 401


def idle(people, hours):
    at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds")
    with people.register.engine.begin() as connection:
        connection.execute(text("UPDATE sessions SET seen_at = :at"), {"at": at})


def test_a_session_ends_after_twelve_hours_without_use(people, browser):
    client = browser()
    sign_in(client, "Ada")
    idle(people, 11.9)
    assert state(after(client)) == IN
    idle(people, 12.1)
    assert state(after(client)) == 401


def test_a_page_that_only_asks_who_it_is_keeps_no_session_alive(people, browser):
    client = browser()
    sign_in(client, "Ada")
    idle(people, 11.9)
    assert client.post("/api/own").status_code == 204
    idle_since = register().sessions.find(key_of(client)).seen_at
    client.get("/runs", headers=PAGE)
    assert register().sessions.find(key_of(client)).seen_at > idle_since


def test_a_page_learns_when_somebody_else_is_signed_in(people, share, browser):
    client = browser()
    marks = set()
    for name in ("Ada", "Ben"):
        sign_in(client, name)
        marks.add(client.post("/api/own").headers["x-cnnlab-who"])
    change(client, "default")
    marks.add(client.post("/api/own").headers["x-cnnlab-who"])
    assert len(marks) == 3 and "" not in marks


def change(client, workspace):
    return client.post("/api/workspace", data={"workspace": workspace}, headers=ORIGIN)


def test_the_workspace_that_somebody_chose_stays_theirs(people, share, browser):
    client = browser()
    sign_in(client, "Ben")
    assert change(client, "default").status_code == 303
    assert sessions.acting_of(key_of(client)).workspace == "default"
    client.post("/api/sign-out", headers=ORIGIN)
    again = browser()
    sign_in(again, "Ben")
    assert sessions.acting_of(key_of(again)).workspace == "default"


def test_nobody_is_drawn_into_a_workspace_by_being_made_a_member(people, browser):
    known = people.register
    newcomer = known.accounts.add("Cy", password=PASSWORD).person
    known.workspaces.set_role(people.workspace, newcomer.id, Role.VIEWER)
    before, after_it = browser(), browser()
    for name, own in (("Ben", people.workspace), ("Cy", people.workspace)):
        sign_in(before, name)
        person = known.accounts.find(name).person
        known.workspaces.set_role("default", person.id, Role.VIEWER)
        assert sessions.acting_of(key_of(after(before))).workspace == own
        known.sessions.end_all(person.id)
        sign_in(after_it, name)
        assert sessions.acting_of(key_of(after_it)).workspace == own


def test_nobody_goes_into_a_workspace_that_isnt_theirs(people, browser):
    client = browser()
    sign_in(client, "Ada")
    foreign, missing = change(client, people.workspace), change(client, "nowhere")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text == missing.text
    assert sessions.acting_of(key_of(client)).workspace == "default"


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "", "runs", "/api/sign-out"],
)
def test_after_signing_in_nobody_is_led_away(people, browser, there):
    assert sign_in(browser(), "Ada", next=there).headers["location"] == "/"


def test_forms_of_other_sites_do_nothing(people, browser):
    client = browser()
    given = {"name": "Ada", "password": PASSWORD}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/api/sign-in", data=given, headers=headers).status_code == 403
    sign_in(client, "Ada")
    for path in ("/api/sign-out", "/api/workspace"):
        assert client.post(path, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert state(client) == IN


@pytest.mark.parametrize(
    ("body", "status"), [(b"\xff", 400), (b"a=1&" * 20, 400), (b"a" * 20_000, 413), (b"", 401)]
)
def test_forms_that_cant_be_read_are_refused(people, browser, body, status):
    assert browser().post("/api/sign-in", content=body, headers=ORIGIN).status_code == status


def test_below_a_path_and_behind_tls_the_cookie_says_so(people, browser):
    place = Place("127.0.0.1", 8501, "/lab", public=("https://lab.example.org/lab",))
    client = browser(place=place, base="http://lab.example.org")
    shown = client.get("/lab/runs", headers=PAGE)
    assert 'action="/lab/api/sign-in"' in shown.text or 'action="/api/sign-in"' in shown.text
    given = {"name": "Ada", "password": PASSWORD, "next": "/runs"}
    headers = {"Origin": "https://lab.example.org"}
    answer = client.post("/lab/api/sign-in", data=given, headers=headers)
    assert answer.headers["location"] == "/lab/"
    assert "Path=/lab;" in answer.headers["set-cookie"] and "Secure" in answer.headers["set-cookie"]


def test_where_others_could_read_along_nobody_signs_in(people, browser):
    client = browser(place=Place("0.0.0.0", 8501), base="http://192.0.2.1:8501")
    answer = client.get("/", headers={**PAGE, "Host": "192.0.2.1:8501"})
    assert answer.status_code == 403 and "HTTPS only" in answer.text


def test_a_register_that_cant_be_read_lets_nobody_in_and_says_so(people, home, browser):
    client = browser()
    sign_in(client, "Ada")
    people.register.engine.dispose()
    (home / "people.db").write_bytes(b"no database" * 1000)
    answer = after(client).get("/runs")
    assert answer.status_code == 503


def _full(*_given, **_named):
    raise DiskFullError("The disk is full.")


def test_who_is_in_goes_on_where_their_use_cant_be_noted(people, browser, monkeypatch):
    client = browser()
    sign_in(client, "Ada")
    monkeypatch.setattr(Sessions, "use", _full)
    assert client.get("/runs", headers=PAGE).status_code == IN


def test_a_forged_cookie_beside_a_right_one_keeps_nobody_out(people, browser, monkeypatch):
    client = browser()
    sign_in(client, "Ada")
    monkeypatch.setattr(Audit, "note", _full)
    client.cookies.set(cookie.name(), "forged", path="/runs")
    assert state(client) == IN


@pytest.mark.parametrize(
    ("cant", "method", "path"),
    [
        ((Sessions, "begin"), "POST", "sign-in"),
        ((Accounts, "all"), "GET", "sign-in"),
        ((Sessions, "end"), "POST", "sign-out"),
        ((Sessions, "enter"), "POST", "workspace"),
    ],
)
def test_what_cant_be_stored_is_told(people, browser, monkeypatch, cant, method, path):
    client = browser()
    sign_in(client, "Ada")
    monkeypatch.setattr(*cant, _full)
    given = {"name": "Ada", "password": PASSWORD, "workspace": "default"}
    data = {"data": given} if method == "POST" else {}
    answer = client.request(method, f"/api/{path}", headers=ORIGIN, **data)
    assert answer.status_code == 503 and "The disk is full." in answer.text


def test_who_signs_in_gets_a_piece_of_the_reserve_first(people, browser, monkeypatch):
    told = []
    begin = Sessions.begin
    monkeypatch.setattr(signing_in, "tend_reserve", told.append)
    monkeypatch.setattr(Sessions, "begin", lambda *given: told.append("begun") or begin(*given))
    assert sign_in(browser(), "Ada").status_code == 303
    assert told == [people.register.home.root, "begun"]


@pytest.mark.parametrize("mode", ["token", "none"])
def test_without_accounts_there_is_nothing_to_sign_in_to(home, browser, monkeypatch, mode):
    monkeypatch.setenv("CNNLAB_AUTH", mode)
    client = browser()
    client.get(f"/?token={lab.token()}")
    for method, path in (("POST", "sign-in"), ("POST", "sign-out"), ("POST", "workspace")):
        assert client.request(method, f"/api/{path}", headers=ORIGIN).status_code == 404
    assert client.get("/api/sign-in").headers["location"] == "/"
    assert client.get("/api/sign-in/oidc").status_code == 404
    assert not (home / "people.db").exists()
