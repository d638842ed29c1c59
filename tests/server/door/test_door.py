"""The door without a server: who gets in, with what, and what the others are told."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.server.door.key import cookie
from cnnlab.server.door.place import Place
from cnnlab.server.routes import middleware, mounted

SOCKET = "ws://127.0.0.1:8501/api/runs/none/live"


def client_at(place, *, base="http://127.0.0.1:8501"):
    app = Starlette(routes=mounted(place.base_path), middleware=middleware(place, []))
    return TestClient(app, base_url=base, follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/runs", "/api/uploads", "/media/x", "/_stcore/metrics"])
def test_without_the_key_nothing_answers(client, path):
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"
    assert "python -m cnnlab link" in answer.text and "<" not in answer.text


def test_a_browser_gets_a_page_that_says_how_to_get_in(client):
    answer = client.get("/", headers={"Accept": "text/html,*/*"})
    assert "This laboratory is locked" in answer.text
    assert "<pre>.venv/bin/python -m cnnlab link</pre>" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_health_is_open_to_all_who_call_the_right_name(client):
    assert client.get("/_stcore/health").status_code == 404  # let in: nothing stands behind here
    assert client.get("/_stcore/health/").status_code == 401
    assert client.get("/_stcore/health", headers={"Host": "evil.example"}).status_code == 403


def test_a_link_is_exchanged_for_a_cookie_and_the_token_leaves_the_address(client):
    answer = client.get(f"/runs?token={lab.token()}&run=a%20b&x=", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?run=a+b&x=")
    assert answer.headers["referrer-policy"] == "no-referrer"
    kept = answer.headers["set-cookie"]
    assert "HttpOnly" in kept and "SameSite=lax" in kept and "Path=/;" in kept
    assert "Secure" not in kept and lab.token() not in kept
    assert client.get("/api/runs/x/exports/keras/model.zip").status_code == 404  # in
    assert client.get("/runs?token=old", follow_redirects=False).headers["location"] == "/runs"


@pytest.mark.parametrize("token", ["", "wrong", "ä", "%00"])
def test_a_wrong_token_gets_nobody_in(client, token):
    answer = client.get(f"/?token={token}", follow_redirects=False)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers
    name, _ = cookie()
    client.cookies.set(name, "0" * 64)
    assert client.get("/").status_code == 401


def test_a_redirect_never_leads_to_another_host(client):
    for path in ("//evil.example/", "/%5Cevil.example", "///evil.example"):
        answer = client.get(
            f"http://127.0.0.1:8501{path}?token={lab.token()}", follow_redirects=False
        )
        assert answer.headers["location"][1:2] not in ("/", "\\")


def test_the_token_is_taken_from_links_to_pages_only(client):
    for path in ("/api/uploads", "/_stcore/metrics"):
        assert client.get(f"{path}?token={lab.token()}").status_code == 401
    assert client.post(f"/?token={lab.token()}").status_code == 401


def test_a_new_token_locks_everybody_out(home, allowed):
    assert allowed.get("/api/runs/x/exports/keras/model.zip").status_code == 404
    (home / "token").unlink()
    assert allowed.get("/api/runs/x/exports/keras/model.zip").status_code == 401


def test_an_empty_token_file_opens_nothing(home, client):
    lab.token()
    (home / "token").write_text("")
    with pytest.raises(StorageError, match="holds no token: delete it"):
        lab.stored_token()
    assert client.get("/?token=").status_code == 403
    assert client.get("/").status_code == 401


def test_websockets_are_refused_before_they_are_accepted(allowed):
    with allowed.websocket_connect(SOCKET) as socket:
        assert "no run 'none'" in socket.receive_json()["error"]
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        with pytest.raises(WebSocketDisconnect), allowed.websocket_connect(SOCKET, headers=headers):
            pass
    allowed.cookies.clear()
    with pytest.raises(WebSocketDisconnect), allowed.websocket_connect(SOCKET):
        pass


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example:8501"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8501"}, 400),  # in: the upload has no size
        ({"X-Long": "x" * 70_000}, 431),
    ],
)
def test_whoever_has_the_key_may_still_be_somebody_elses_page(allowed, headers, status):
    assert allowed.post("/api/uploads?size=0", headers=headers).status_code == status


@pytest.mark.parametrize("digits", [101, 5000])
def test_long_numbers_are_refused_before_anybody_reads_them(allowed, digits):
    number = "9" * digits
    for path in (f"/api/uploads?size={number}", f"/runs?run=%39{number}", f"/{number}"):
        assert allowed.get(path).status_code == 400


def test_under_a_path_the_cookie_and_health_belong_to_it(home):
    client = client_at(Place("127.0.0.1", 8501, "/lab"))
    assert "Path=/lab;" in client.get(f"/lab/?token={lab.token()}").headers["set-cookie"]
    assert client.get("/lab/_stcore/health").status_code == 404
    client.cookies.clear()
    assert client.get("/_stcore/health").status_code == 401
    assert client.get(f"/lab/api/x?token={lab.token()}").status_code == 401


def test_behind_a_proxy_with_tls_the_cookie_is_for_tls_only(home):
    place = Place("127.0.0.1", 8501, public=("https://lab.example.org",))
    client = client_at(place, base="http://lab.example.org")
    assert "Secure" in client.get(f"/?token={lab.token()}").headers["set-cookie"]
    client = client_at(place, base="https://127.0.0.1")
    assert "Secure" in client.get(f"/?token={lab.token()}").headers["set-cookie"]


def test_without_asking_only_this_machine_gets_in(home, monkeypatch):
    monkeypatch.setenv("CNNLAB_AUTH", "none")
    client = client_at(Place("127.0.0.1", 8501))
    assert client.get("/api/runs/x/exports/keras/model.zip").status_code == 404
    assert client.get("/?token=x").headers["location"] == "/"
    assert client.get("/", headers={"Origin": "https://evil.example"}).status_code == 403
    outside = client_at(Place("0.0.0.0", 8501), base="http://10.1.2.3:8501")
    assert "CNNLAB_AUTH=none" in outside.get("/").text
    assert outside.get("/").status_code == 403
