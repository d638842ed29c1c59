"""The server as a process: what it answers, to whom, and what it survives."""

import http.client
import json
import signal
import socket
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from PIL import Image

from tests.datasets.uploads import encoded
from tests.exports.serving.made_server import GREEN, NAMES, RED, Server, form, made_model

MODULE = ["-m", "cnnlab.exports.serving"]
BYTES = {"Content-Type": "image/png"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made_model(tmp_path_factory.mktemp("model"), run="r-1")


@pytest.fixture(scope="module")
def server(folder):
    server = Server([*MODULE, folder, "--max-image-mb", "1", "--max-images", "4", "--log"])
    yield server
    code, told = server.end()
    assert code == 0
    assert "Traceback" not in told and server.token not in told and "?" not in told


def test_a_picture_is_the_body(server):
    told = server.json("POST", "/predict", RED, BYTES | {"X-Name": quote("ä 1.png")})
    assert (told["class"], told["unsure"], told["name"]) == (NAMES[0], False, "ä 1.png")
    assert (told["run"], told["format"]) == ("r-1", "onnx") and told["milliseconds"] > 0
    assert list(told["probabilities"]) == list(NAMES)
    assert sum(told["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert told["top"][0] == {"class": told["class"], "probability": told["probability"]}
    assert [one["probability"] for one in told["top"]] == sorted(
        told["probabilities"].values(), reverse=True
    )
    grey = encoded(Image.new("L", (9, 9), 100), "JPEG")
    assert server.json("POST", "/predict", grey)["unsure"] is True


def test_a_form_has_one_picture_or_several(server):
    body, headers = form({"a.png": GREEN})
    told = server.json("POST", "/predict", body, headers)
    assert (told["class"], told["name"]) == (NAMES[1], "a.png")
    assert len(server.json("POST", "/batch", body, headers)["predictions"]) == 1
    (bare,) = server.json("POST", "/batch", GREEN)["predictions"]
    assert bare["class"] == NAMES[1]
    body, headers = form({"a.png": GREEN, "no": b"text", 'ü"': RED, "empty": b""})
    for path in ("/predict", "/batch"):
        told = server.json("POST", path, body, headers)
        green, text, red, empty = told["predictions"]
        assert (green["class"], red["class"]) == (NAMES[1], NAMES[0])
        assert "not an image that can be read (JPEG, PNG" in text["problem"]
        assert empty["problem"] == "The picture can't be used: it is empty."
        assert text["name"] == "no" and told["milliseconds"] > 0


def test_what_is_no_token_opens_nothing(server):
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {server.token}"}):
        for path in ("/predict", "/model", "/else"):
            status, got, content = server.ask("POST", path, RED, headers, with_token=False)
            assert status == 401 and got["WWW-Authenticate"] == "Bearer"
            assert "Authorization: Bearer TOKEN" in json.loads(content)["problem"]
    for path in ("/", "/docs", "/health", "/ready", "/openapi.json", "/page.mjs", "/page.css"):
        status, got, content = server.ask("GET", path, with_token=False)
        assert status == 200 and "Grün".encode() not in content
        assert got["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Access-Control-Allow-Origin" not in got and "Set-Cookie" not in got
    assert server.json("GET", "/model")["class_names"] == list(NAMES)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "a@127.0.0.1"},
        {"Host": "127.0.0.1:x"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_other_names_and_pages_of_other_sites_are_refused(server, headers):
    assert server.json("GET", "/health", headers=headers, status=403)["problem"]


def test_own_names_and_pages_may_ask(server):
    port = server.place.partition(":")[2]
    for host in (f"localhost:{port}", "LOCALHOST", "[::1]", "127.0.0.1."):
        server.json("GET", "/health", headers={"Host": host})
    server.json("GET", "/health", headers={"Origin": f"http://{server.place}"})


def bomb(width, height):
    """A PNG of a few KB that would be so large."""

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    data = zlib.compress(bytes(2**16), 9)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


LARGE = encoded(Image.effect_noise((700, 600), 90), "PNG")
HOSTILE = {
    "text": (b"hello", BYTES, 422, "not an image that can be read"),
    "nothing": (b"", BYTES, 400, "has no picture"),
    "bomb": (bomb(9000, 9000), BYTES, 422, "has more than 40 megapixels"),
    "huge bomb": (bomb(60000, 60000), BYTES, 422, "has more than 40 megapixels"),
    "truncated": (LARGE[:-4000], BYTES, 422, "damaged"),
    "truncated JPEG": (encoded(Image.new("RGB", (64, 64)), "JPEG")[:-99], BYTES, 422, "damaged"),
    "large file": (RED + bytes(2**20), BYTES, 422, "it has more than 1 MiB"),
    "large body": (bytes(5 * 2**20), BYTES, 413, "may have 4 MiB"),
    "JSON": (b"{}", {"Content-Type": "application/json"}, 415, "application/json"),
    "no boundary": (RED, {"Content-Type": "multipart/form-data"}, 400, "can't be read"),
    "odd boundary": (RED, {"Content-Type": "multipart/form-data; boundary="}, 400, "can't be"),
    "no form": (RED, form({})[1], 400, "can't be read"),
    "form without files": (*form({}), 400, "no file"),
    "nothing chosen": (*form({"": b""}), 400, "no file"),
    "too many": (*form([("a", RED)] * 5), 413, "may have 4 pictures"),
    "cut form": (form({"a": RED})[0][:-40], form({})[1], 400, "no file"),
    "tiny fields": (
        b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 70,
        form({})[1], 400, "64 fields",
    ),
    "no name": (b"--b0undary\r\n\r\nx\r\n--b0undary--\r\n", form({})[1], 400, "can't be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_answered_in_words_and_the_server_lives_on(server, name):
    body, headers, status, words = HOSTILE[name]
    problem = server.json("POST", "/predict", body, headers, status=status)["problem"]
    assert words in problem and "\n" not in problem
    assert server.json("GET", "/ready") == {"status": "ready"}


def test_what_is_no_http_is_told_so(server):
    host, port = server.place.split(":")
    for sent in (b"\0\1\2\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 70_000, b"GET /\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 400") and b'"problem"' in answer


def test_wrong_methods_and_addresses_are_told(server):
    assert "POST" in server.json("GET", "/predict", status=405)["problem"]
    assert "/docs" in server.json("GET", "/../etc/passwd", status=404)["problem"]
    assert server.ask("OPTIONS", "/predict")[0] == 405


def test_many_ask_at_once_and_each_gets_its_own_answer(server):
    def ask(number):
        return server.json("POST", "/predict", (RED, GREEN)[number % 2])["class"]

    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(ask, range(64))) == [NAMES[0], NAMES[1]] * 32


def test_one_connection_asks_again_and_again_after_a_refusal_too(server):
    connection = http.client.HTTPConnection(server.place, timeout=20)
    statuses = []
    for body, token in [(RED, True), (bytes(5 * 2**20), True), (RED, False), (GREEN, True)]:
        headers = {"Authorization": f"Bearer {server.token}"} if token else {}
        connection.request("POST", "/predict", body, headers)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [200, 413, 401, 200]


def test_the_documentation_loads_nothing_from_elsewhere(server):
    document = server.json("GET", "/openapi.json")
    assert document["openapi"].startswith("3.1")
    _, _, page = server.ask("GET", "/docs")
    for path in document["paths"]:
        assert f" {path}</code>".encode() in page
    for address in ("/docs", "/", "/page.css", "/page.mjs"):
        _, _, content = server.ask("GET", address)
        assert b"http://" not in content and b"https://" not in content and b"//cdn" not in content
    told = server.json("POST", "/predict", RED)
    schema = document["components"]["schemas"]["Prediction"]
    assert set(schema["required"]) <= set(told) <= set(schema["properties"])


def test_what_a_batch_takes_and_tells_is_documented_as_it_is(server):
    document = server.json("GET", "/openapi.json")
    taken = document["paths"]["/batch"]["post"]["requestBody"]["content"]
    assert set(taken) == {"image/*", "application/octet-stream", "multipart/form-data"}
    schemas = document["components"]["schemas"]
    several = schemas["Predictions"]["properties"]
    for one in several["predictions"]["items"]["anyOf"]:
        assert one["properties"]["milliseconds"]["description"].endswith("without waiting.")
    for whole in (several, schemas["Prediction"]["properties"]):
        assert whole["milliseconds"]["description"].endswith("waiting included.")


def test_memory_stays_small(server):
    assert server.memory_bytes() < 250 * 2**20


def test_it_ends_cleanly_and_its_port_can_be_taken_again(folder):
    first = Server([*MODULE, folder, "--no-token"])
    assert first.token is None and first.json("POST", "/predict", RED)["class"] == NAMES[0]
    port = first.place.partition(":")[2]
    refused = rf"Port {port} is in use: take another with --port, .*\n\(1\)"
    with pytest.raises(AssertionError, match=refused):
        Server([*MODULE, folder], port=port)
    assert first.end(signal.SIGTERM) == (0, "")
    killed = Server([*MODULE, folder], port=port)
    killed.end(signal.SIGKILL)
    again = Server([*MODULE, folder], port=port)
    assert again.json("POST", "/predict", GREEN)["class"] == NAMES[1]
    assert again.end()[0] == 0


def test_slow_senders_are_let_go(folder):
    server = Server([*MODULE, folder, "--timeout", "1"])
    host, port = server.place.split(":")
    begun = f"POST /predict HTTP/1.1\r\nHost: {server.place}\r\n"
    heads = {
        "nothing": b"",
        "half a head": begun.encode(),
        "half a body": (
            begun + f"Authorization: Bearer {server.token}\r\nContent-Length: 1000\r\n\r\nabc"
        ).encode(),
    }
    answers = {}
    for name, sent in heads.items():
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(sent)
            answers[name] = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answers["nothing"] == answers["half a head"] == b""
    assert b"408" in answers["half a body"] and b"within 1 s" in answers["half a body"]
    assert server.json("POST", "/predict", RED)["class"] == NAMES[0]
    assert server.end()[0] == 0
