"""Our own routes: who may call them, uploads in chunks, downloads, the live stream."""

import contextlib
import zipfile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.config import RunConfig
from cnnlab.domain.history import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.server.access import TOKEN_HEADER, access_token
from cnnlab.server.assets import PLOTLY_ADDRESS
from cnnlab.server.downloads import model_address
from cnnlab.server.routes import MIDDLEWARE, ROUTES
from cnnlab.server.uploads import CHUNK_BYTES
from cnnlab.storage.attempt import Attempt, AttemptRecorder


@pytest.fixture
def client(home):
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as client:
        yield client


@pytest.fixture
def allowed(client):
    client.headers[TOKEN_HEADER] = access_token()
    return client


@pytest.fixture
def run(dataset, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)
    run = lab.launch_run(RunConfig(dataset=dataset.id))
    workplace().runs.update(run.id, status=Status.RUNNING)
    return run


@pytest.fixture
def recorder(run):
    attempt = Attempt(workplace().home.attempt(run.id, 1))
    attempt.create(run.config)
    recorder = AttemptRecorder(attempt)
    yield recorder
    recorder.close()


def _epoch(number):
    values = dict.fromkeys(EpochRecord.__dataclass_fields__, 0.5)
    return EpochRecord(**values | {"epoch": number})


def _live(run, **position):
    query = "&".join(f"{name}={count}" for name, count in position.items())
    return f"/api/runs/{run.id}/live?token={access_token()}&{query}"


@pytest.mark.parametrize(
    ("method", "address"),
    [("POST", "/api/uploads?size=3"), ("PUT", "/api/uploads/x"), ("GET", "/api/runs/x/model.zip")],
)
def test_without_the_token_or_from_another_site_nothing_works(client, method, address):
    assert client.request(method, address).status_code == 403
    headers = {TOKEN_HEADER: access_token(), "Origin": "https://evil.example"}
    assert client.request(method, address, headers=headers).status_code == 403


def test_a_websocket_from_another_site_is_refused(client, run):
    headers = {"Origin": "https://evil.example"}
    for address in (_live(run), "/api/anything"):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(address, headers=headers):
            pass
    address = f"/api/runs/{run.id}/live?token=wrong"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(address):
        pass


def test_every_answer_keeps_the_browser_at_home(client):
    headers = client.get(PLOTLY_ADDRESS).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_plotly_comes_compressed_and_for_good(client):
    answer = client.get(PLOTLY_ADDRESS)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "plotly.js" in answer.text[:200]


def test_an_upload_grows_chunk_by_chunk(allowed):
    token = allowed.post("/api/uploads?name=a.zip&size=6").json()["token"]
    address = f"/api/uploads/{token}?offset="
    assert allowed.put(address + "0", content=b"abc").json() == {"have": 3}
    assert allowed.put(address + "0", content=b"abc").json() == {"have": 3}
    assert allowed.put(address + "nonsense", content=b"abc").json() == {"have": 3}
    assert allowed.put(address + "3", content=b"def").json() == {"have": 6}
    (file,) = workplace().home.uploads.glob(f"{token}/file/*")
    assert file.read_bytes() == b"abcdef"


def test_uploads_out_of_bounds_are_refused_in_a_sentence(allowed):
    for size in ("0", "9999999999999", "x", ""):
        answer = allowed.post(f"/api/uploads?name=a.zip&size={size}")
        assert answer.status_code == 400
        assert "the limit is 2 GB" in answer.json()["error"]
    token = allowed.post("/api/uploads?name=a.zip&size=6").json()["token"]
    answer = allowed.put(f"/api/uploads/{token}?offset=0", content=b"x" * (CHUNK_BYTES + 1))
    assert answer.status_code == 413


def test_a_model_is_an_attachment_named_after_its_run(client, run, recorder):
    address = model_address(run.id)
    assert "has no model" in client.get(address).text
    package = workplace().home.attempt(run.id, 1) / "model.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("model.keras", b"weights")
    answer = client.get(address)
    assert answer.content == package.read_bytes()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="cnnlab-{run.id}.zip"'


def _receive_until(socket, name, count):
    """Messages until so many rows of a kind have come."""
    rows = []
    while len(rows) < count:
        rows += socket.receive_json().get(name, [])
    return rows


def test_the_stream_sends_what_is_there_and_what_comes(client, run, recorder):
    recorder.epoch(_epoch(0))
    with client.websocket_connect(_live(run)) as socket:
        first = socket.receive_json()
        assert first["status"] == "running"
        recorder.epoch(_epoch(1))
        recorder.step({"epoch": 2, "step": 0, "loss": 1.0})
        epochs = first.get("epochs", []) or _receive_until(socket, "epochs", 1)
        if len(epochs) < 2:
            epochs += _receive_until(socket, "epochs", 2 - len(epochs))
        assert [record["epoch"] for record in epochs] == [0, 1]


def test_a_client_that_comes_back_gets_only_what_it_misses(client, run, recorder):
    for number in range(3):
        recorder.epoch(_epoch(number))
    recorder.step({"epoch": 3, "step": 0, "loss": 1.0})
    recorder.step({"epoch": 3, "step": 1, "loss": 0.9})
    with client.websocket_connect(_live(run, epochs=2, steps=1)) as socket:
        message = socket.receive_json()
    assert [record["epoch"] for record in message["epochs"]] == [2]
    assert [row["step"] for row in message["steps"]] == [1]
    assert message["next"] == {"epochs": 3, "steps": 2}


def test_steps_of_finished_epochs_are_not_sent(client, run, recorder):
    recorder.phase("Training")
    recorder.step({"epoch": 0, "step": 0, "loss": 1.0})
    recorder.epoch(_epoch(0))
    with client.websocket_connect(_live(run)) as socket:
        message = socket.receive_json()
    assert [row["kind"] for row in message["steps"]] == ["phase"]


def test_the_stream_ends_with_the_run(client, run, recorder):
    with client.websocket_connect(_live(run)) as socket:
        assert socket.receive_json()["status"] == "running"
        recorder.epoch(_epoch(0))
        workplace().runs.update(run.id, status=Status.FINISHED)
        messages = []
        with pytest.raises(WebSocketDisconnect):
            while True:
                messages.append(socket.receive_json())
    assert messages[-1]["status"] == "finished"
    assert sum(len(message.get("epochs", [])) for message in messages) == 1


def test_damaged_files_end_the_stream_with_a_sentence(client, run, recorder):
    recorder.epoch(_epoch(0))
    recorder.epoch(_epoch(1))
    events = workplace().home.attempt(run.id, 1) / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"crc":', b'"cRc":', 1))
    with client.websocket_connect(_live(run)) as socket:
        messages = []
        with pytest.raises(WebSocketDisconnect):
            while True:
                messages.append(socket.receive_json())
    assert "is damaged in line 1" in messages[-1]["error"]


def test_twenty_watchers_share_one_poller(client, run, recorder, monkeypatch):
    reads = []
    original = lab.log_tail
    monkeypatch.setattr(
        "cnnlab.server.channel.lab.log_tail", lambda run: reads.append(run) or original(run)
    )
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            socket = stack.enter_context(client.websocket_connect(_live(run)))
            assert socket.receive_json()["status"] == "running"
        before = len(reads)
    assert before < 20  # one poller reads for all: a few times a second at most


def test_an_unknown_run_is_said(client, run):
    address = _live(run).replace(run.id, "nobody")
    with client.websocket_connect(address) as socket:
        assert "no run 'nobody'" in socket.receive_json()["error"]
