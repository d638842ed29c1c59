"""Attacks on the real server: it listens on all addresses, and is started once for all of them."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cnnlab.server.access import access_token
from cnnlab.server.door.slow import HEAD_SECONDS
from tests.conftest import end_processes_of
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
NOBODY = 65534
PUBLIC = "https://lab.example.org"
LINK = re.compile(r"^http://127\.0\.0\.1:\d+/\?token=\S+$", re.MULTILINE)


def _started(folder, *flags, app="app.py", cwd=ROOT, **environment):
    """The app, with what it says in a file of the folder."""
    command = [sys.executable, "-m", "streamlit", "run", app, *flags]
    variables = {"CNNLAB_HOME": str(folder / "home"), "CNNLAB_WARM_WORKERS": "0"} | environment
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            command, cwd=cwd, stdout=said, stderr=said, env=os.environ | variables
        )


class Server:
    """Where it is, and who asks."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("", 0))
            self.port = free.getsockname()[1]
        self.home = folder / "home"
        flags = ("--server.address", "0.0.0.0", "--server.port", str(self.port))
        self.process = _started(folder, *flags, CNNLAB_PUBLIC_ADDRESS=PUBLIC)
        self.link = wait_until(lambda: LINK.search((folder / "said").read_text()), seconds=120)[0]
        self.began = time.monotonic()
        self.cookie = self.ask("GET", self.link.partition(str(self.port))[2]).getheader(
            "set-cookie"
        )
        self.key = {"Cookie": self.cookie.partition(";")[0]}

    def ask(self, method, path, headers=None, body=None, address="127.0.0.1"):
        connection = http.client.HTTPConnection(address, self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.text = answer.read().decode(errors="replace")
        return answer

    def status(self, *words, **more):
        return self.ask(*words, **more).status

    def raw(self, request):
        """The first line that is answered to these bytes; empty where the connection is closed."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        with contextlib.closing(client):
            try:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                return client.recv(1000).partition(b"\r\n")[0].decode()
            except TimeoutError:
                raise
            except OSError:
                return ""

    def upload(self, size):
        """The token of an upload that was begun, and the headers that a page's script sends."""
        page = {**self.key, "X-Cnnlab-Token": self.page_token}
        begun = self.ask("POST", f"/api/uploads?name=a.zip&size={size}", page)
        return json.loads(begun.text)["token"], page

    @property
    def page_token(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CNNLAB_HOME", str(self.home))
            return access_token()


@pytest.fixture(scope="module")
def slow_clients():
    return []


@pytest.fixture(scope="module")
def server(tmp_path_factory, slow_clients):
    server = Server(tmp_path_factory.mktemp("attacked"))
    for beginning in (b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "):
        client = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        client.sendall(beginning)
        slow_clients.append(client)
    yield server
    for client in slow_clients:
        client.close()
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    end_processes_of(server.home)


ADDRESSES = [
    "/",
    "/runs",
    "/data?dataset=x",
    "/static/index.html",
    "/media/x.png",
    "/component/x",
    "/_stcore/stream",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/script-health-check",
    "/_stcore/bidi-components/x",
    "/_stcore/agent/openapi.json",
    "/api/assets/x/live/live.mjs",
    "/api/uploads",
    "/api/datasets/x/images.zip",
    "/api/runs/x/live",
    "/nopage",
]


@pytest.mark.parametrize("path", ADDRESSES)
def test_nobody_gets_in_without_the_token(server, path):
    assert server.status("GET", path) == 401
    assert server.status("GET", path, {"Cookie": server.key["Cookie"][:-1] + "x"}) == 401


@pytest.mark.parametrize("path", ["/?token=", "/?token=wrong", "/runs?token=" + "A" * 43])
def test_a_wrong_token_gets_nobody_in(server, path):
    answer = server.ask("GET", path)
    assert answer.status == 403 and answer.getheader("set-cookie") is None


def test_with_the_key_the_same_addresses_answer(server):
    assert server.status("GET", "/", server.key) == 200
    assert server.status("GET", "/_stcore/host-config", server.key) == 200
    assert server.status("GET", "/_stcore/health") == 200


def _own_numbers():
    found = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    return [number for number in found if ":" not in number][:1] or ["127.0.0.2"]


def test_a_client_from_outside_that_says_localhost_is_a_stranger(server):
    (number,) = _own_numbers()
    for host in ("localhost", "127.0.0.1:8501", f"{number}:{server.port}"):
        assert server.status("GET", "/", {"Host": host}, address=number) == 401
    itself = {"Host": f"{number}:{server.port}", **server.key}
    assert server.status("GET", "/", itself, address=number) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "8.8.8.8", "a@localhost"],
)
def test_a_rebound_name_is_refused_even_with_the_key(server, host):
    for path in ("/", "/_stcore/health", "/api/uploads", "/_stcore/host-config"):
        assert server.status("GET", path, {**server.key, "Host": host}) == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:9", "http://localhost", "http://[", "null"]
)
def test_pages_of_other_sites_change_nothing_even_with_the_key(server, origin):
    headers = {**server.key, "Origin": origin, "X-Cnnlab-Token": server.page_token}
    assert server.status("POST", "/api/uploads?name=a.zip&size=5", headers) == 403
    assert server.status("PUT", "/api/uploads/x?offset=0", headers) == 403
    assert server.status("PUT", "/_stcore/upload_file/a/b", headers) == 403
    assert list((server.home / "uploads").iterdir()) == []


@pytest.mark.parametrize("path", ["/_stcore/stream", "/api/runs/x/live"])
def test_sockets_are_for_our_pages_with_the_key(server, path):
    address = f"ws://127.0.0.1:{server.port}{path}"
    own, proxied = f"http://127.0.0.1:{server.port}", PUBLIC
    refused = [{"Origin": own}, {"Origin": "https://evil.example", **server.key}, {}]
    for headers in refused:
        with pytest.raises(InvalidStatus) as caught:
            connect(address, additional_headers=headers, proxy=None)
        assert caught.value.response.status_code == 403
    for origin in (own, proxied):
        with connect(address, additional_headers={"Origin": origin, **server.key}, proxy=None):
            pass


@pytest.mark.parametrize("kilobytes", [70, 120, 1000])
def test_long_headers_are_refused(server, kilobytes):
    long = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1014) for number in range(kilobytes))
    for path in (b"/", b"/_stcore/health"):
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % (path, long)
        assert server.raw(request)[9:12] in ("400", "431", "")
    assert server.status("GET", "/_stcore/health") == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/uploads?name=a.zip&size={}",
        "/api/uploads/x?offset={}",
        "/api/datasets/x/images/{}",
        "/api/datasets/x/images/1?px={}",
        "/runs?run={}",
        "/{}",
    ],
)
def test_numbers_of_5000_digits_are_refused(server, path):
    for method in ("GET", "POST", "PUT"):
        assert server.status(method, path.format("9" * 5000), server.key) == 400


@pytest.mark.parametrize("header", ["Content-Length: ", "Range: bytes=0-", "Range: bytes=-"])
def test_headers_with_5000_digits_do_no_harm(server, header):
    request = f"GET / HTTP/1.1\r\nHost: localhost\r\n{header}{'9' * 5000}\r\n"
    request += f"Cookie: {server.key['Cookie']}\r\nConnection: close\r\n\r\n"
    assert server.raw(request.encode())[9:12] == "400"


def test_an_upload_takes_no_more_than_it_said_it_would_bring(server):
    token, page = server.upload(10)
    address, (file,) = f"/api/uploads/{token}?offset=", server.home.glob(f"uploads/{token}/file/*")
    assert server.status("PUT", address + "0", page, b"x" * 8) == 200
    assert server.status("PUT", address + "8", page, b"x" * 3) == 400
    assert server.status("PUT", address + "8", page, iter([b"x"] * 9)) == 400  # without a length
    assert server.status("PUT", address + "-1", page, b"x") == 200  # asks how much is there
    assert file.stat().st_size == 8
    head = "".join(f"{name}: {value}\r\n" for name, value in page.items())
    lie = f"PUT {address}8 HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: 2\r\n\r\nx"
    assert server.raw(lie.encode()) == ""  # it promised two bytes, sent one, and left
    assert file.stat().st_size == 8
    shutil.rmtree(server.home / "uploads" / token)


@pytest.mark.parametrize("size", ["-1", "0", "1.5", "x", "", "9" * 18, "9" * 19])
def test_an_upload_of_an_impossible_size_is_refused(server, size):
    page = {**server.key, "X-Cnnlab-Token": server.page_token}
    assert server.status("POST", f"/api/uploads?name=a.zip&size={size}", page) == 400


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else needs root")
def test_another_account_of_this_machine_gets_nothing(server):
    look = (
        "import sys, urllib.request, urllib.error, pathlib\n"
        "try: print(urllib.request.urlopen(sys.argv[1]).status)\n"
        "except urllib.error.HTTPError as error: print(error.code)\n"
        "try: print(pathlib.Path(sys.argv[2]).read_text())\n"
        "except PermissionError: print('closed')\n"
    )
    command = ["/usr/bin/env", "python3", "-c", look, f"http://127.0.0.1:{server.port}/"]
    answer = subprocess.run(
        [*command, str(server.home / "token")],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
    )
    assert answer.stdout.split() == ["401", "closed"], answer.stderr
    everybodys = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    assert (server.home / "token").read_bytes() not in everybodys


def test_slow_clients_are_cut_off_and_keep_nobody_waiting(server, slow_clients):
    for client in slow_clients:
        client.settimeout(HEAD_SECONDS + 30)
        with contextlib.suppress(ConnectionResetError):
            while client.recv(1000):
                pass
    dribbling = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    began = time.monotonic()
    dribbling.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
    with contextlib.closing(dribbling), contextlib.suppress(OSError):
        dribbling.settimeout(0.2)  # a byte each time, for as long as it is taken
        while time.monotonic() - began < 60:
            dribbling.sendall(b"a")
            with contextlib.suppress(TimeoutError):
                if not dribbling.recv(1000):
                    break
    assert time.monotonic() - began < 60
    assert server.status("GET", "/_stcore/health") == 200


def test_where_others_reach_it_the_app_does_not_start_without_the_token(tmp_path):
    """With no address anywhere Streamlit takes them all; flags and files end in the same option."""
    app = shutil.copy(ROOT / "app.py", tmp_path)
    environment = {"CNNLAB_AUTH": "none", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    process = _started(tmp_path, app=str(app), cwd=tmp_path, **environment)
    try:
        assert process.wait(timeout=120) == 1
    finally:
        process.kill()
        process.wait()
    said = (tmp_path / "said").read_text()
    assert "With CNNLAB_AUTH=none everybody who reaches all addresses" in said
    assert "Traceback" not in said and "token=" not in said


def test_the_link_belongs_to_a_browser_and_its_token_is_nowhere_else(server):
    kept = server.cookie.lower()
    assert "httponly" in kept and "samesite=lax" in kept and "path=/;" in kept
    token = urlsplit(server.link).query.removeprefix("token=")
    assert token not in kept
    files = [path for path in server.home.rglob("*") if path.is_file()]
    assert [path.name for path in files if token.encode() in path.read_bytes()] == ["token"]
