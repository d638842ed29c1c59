"""What the app says to a cluster, and what it makes of the answers: a small server plays Ray."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cnnlab.domain.errors import ConfigError, OutOfReachError
from cnnlab.runner.cluster.address import Address, cluster_address
from cnnlab.runner.cluster.api import RayApi, Submission

TOKEN = "t" * 32


class Played(ThreadingHTTPServer):
    """Answers as the test says, and keeps what it was asked.

    Attributes:
        answers: by method and path, status and content.
        asked: method, path, token and body of each request.
        is_open: whether it asks nobody for a token.
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.asked, self.is_open = {}, [], False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        token = self.headers.get("Authorization")
        self.server.asked.append((self.command, self.path, token, body))
        status, content = self.server.answers.get(
            (self.command, self.path.partition("?")[0]), (404, "unknown")
        )
        if not self.server.is_open and token != f"Bearer {TOKEN}":
            status, content = (401, "") if token is None else (403, "wrong")
        self.send_response(status)
        if status == 302:
            self.send_header("Location", content)
        self.end_headers()
        self.wfile.write((content if isinstance(content, str) else json.dumps(content)).encode())

    do_GET = do_POST = _answer

    def log_message(self, *_):
        pass


@pytest.fixture
def played():
    server = Played()
    server.answers["GET", "/api/jobs/"] = 200, []
    server.answers["GET", "/api/version"] = 200, {"ray_version": "2.60.0"}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def api(played):
    return RayApi(Address(played.url, TOKEN))


def test_a_cluster_that_asks_for_the_token_lets_us_in(played, api):
    api.see_door()
    assert [token for _, _, token, _ in played.asked] == [None, f"Bearer {TOKEN}"]


def test_a_cluster_that_asks_nobody_for_a_token_is_refused_and_never_sees_ours(played, api):
    played.is_open = True
    with pytest.raises(OutOfReachError, match="RAY_AUTH_MODE=token on every node"):
        api.see_door()
    assert [token for _, _, token, _ in played.asked] == [None]


@pytest.mark.parametrize("token", ["wrong", ""])
def test_a_wrong_token_is_told_and_not_shown(played, token):
    api = RayApi(Address(played.url, token))
    with pytest.raises(OutOfReachError, match="refuses the token") as error:
        api.see_door()
    assert "wrong" not in str(error.value)
    assert token not in repr(api.address) or not token


def test_nobody_there_and_somebody_else_there_are_told(played, api):
    played.answers["GET", "/api/jobs/x"] = 200, "<html>"
    with pytest.raises(OutOfReachError, match="is no Ray dashboard"):
        api.find("x")
    with pytest.raises(OutOfReachError, match="doesn't answer"):
        RayApi(Address("http://127.0.0.1:9", TOKEN)).see_door()


def test_nobody_is_followed_to_another_place(played, api):
    played.answers["GET", "/api/jobs/x"] = 302, f"{played.url}/api/version"
    with pytest.raises(OutOfReachError, match="HTTP 302"):
        api.find("x")
    assert [path for _, path, _, _ in played.asked] == ["/api/jobs/x"]


def test_no_proxy_gets_to_see_the_token(played, api, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    api.see_door()


def test_a_job_is_handed_over_once(played, api):
    played.answers["POST", "/api/jobs/"] = 200, {"submission_id": "a"}
    assert api.submit({"submission_id": "a", "entrypoint": "exec true"})
    assert played.asked[-1][3] == {"submission_id": "a", "entrypoint": "exec true"}
    said = "ValueError: Job with submission_id a already exists. Please use a different id."
    played.answers["POST", "/api/jobs/"] = 500, said
    assert not api.submit({"submission_id": "a", "entrypoint": "exec true"})
    played.answers["POST", "/api/jobs/"] = 500, "Traceback\nNo available agent to submit job"
    with pytest.raises(OutOfReachError, match="No available agent"):
        api.submit({"submission_id": "a", "entrypoint": "exec true"})


def test_what_ray_knows_of_a_job(played, api):
    row = {
        "status": "FAILED", "driver_exit_code": 137, "driver_node_id": "n", "message": "killed",
        "submission_id": "a",
    }  # fmt: skip
    played.answers["GET", "/api/jobs/a"] = 200, row
    played.answers["GET", "/api/jobs/"] = 200, [row, {"submission_id": None, "status": "RUNNING"}]
    assert api.find("a") == Submission("FAILED", 137, "n", "killed")
    assert not api.find("a").is_active
    assert Submission("PENDING").is_active and Submission("RUNNING").is_active
    assert api.find("b") is None
    assert list(api.submissions()) == ["a"]


def test_a_job_that_is_not_there_need_not_be_stopped(played, api):
    api.stop("b")
    played.answers["POST", "/api/jobs/a/stop"] = 500, "Traceback\nRuntimeError: busy"
    with pytest.raises(OutOfReachError, match="busy"):
        api.stop("a")


@pytest.fixture
def named(monkeypatch, tmp_path):
    """Names a cluster; nothing of Ray is in the user's own folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CNNLAB_CLUSTER", "http://10.0.0.5:8265/")
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_token_comes_from_the_environment_or_from_a_file(named, tmp_path):
    assert cluster_address() == Address("http://10.0.0.5:8265", "")
    file = tmp_path / ".ray" / "auth_token"
    file.parent.mkdir()
    file.write_text("of the user\n")
    file.chmod(0o600)
    assert cluster_address().token == "of the user"
    other = tmp_path / "other"
    other.write_text("of a file")
    other.chmod(0o600)
    named.setenv("RAY_AUTH_TOKEN_PATH", str(other))
    assert cluster_address().token == "of a file"
    named.setenv("RAY_AUTH_TOKEN", TOKEN)
    assert cluster_address().token == TOKEN
    named.delenv("CNNLAB_CLUSTER")
    assert cluster_address() is None


def test_a_token_that_others_can_read_is_refused(named, tmp_path):
    file = tmp_path / "token"
    file.write_text("secret")
    file.chmod(0o644)
    named.setenv("RAY_AUTH_TOKEN_PATH", str(file))
    with pytest.raises(ConfigError, match="chmod 600") as error:
        cluster_address()
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("address", ["10.0.0.5:8265", "ray://10.0.0.5", "http://user:pw@host"])
def test_what_is_no_address_is_refused(named, address):
    named.setenv("CNNLAB_CLUSTER", address)
    with pytest.raises(ConfigError, match="such as http") as error:
        cluster_address()
    assert "pw" not in str(error.value)
