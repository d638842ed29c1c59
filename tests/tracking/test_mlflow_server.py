"""MLflow's own client: how a server that is away is told, and a real server, through a bad line.

By hand, where mlflow-skinny is installed (`-m exhaustive`). The real server is the one that
`CNNLAB_TEST_MLFLOW` names, such as that of
`mlflow server --port 5055 --backend-store-uri sqlite:///mlflow.db`.
"""

import contextlib
import http.client
import http.server
import os
import threading
from urllib.parse import urlsplit

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.tracking import mlflow_server
from cnnlab.tracking.destination import Destination
from cnnlab.tracking.mlflow_server import MlflowServer
from cnnlab.tracking.outbox import Outbox
from cnnlab.tracking.rounds import Sender, Stores
from cnnlab.tracking.server import ServerAwayError
from tests.made_runs import made_run, no_supervisor

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.filterwarnings("ignore"),  # of MLflow's own
]
REAL = os.environ.get("CNNLAB_TEST_MLFLOW", "")


class Line(http.server.ThreadingHTTPServer):
    """Passes everything on to a server, or does harm.

    Attributes:
        harm: what happens instead: an HTTP status, `hangs`, `closes`; or `answer lost` after the
            call was passed on. None passes it on.
        at: at which call from now on alone; None for all.
        calls: so many there were.
    """

    daemon_threads = True

    def __init__(self, to=""):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.to, self.harm, self.at, self.calls = to, None, None, 0
        self.go = threading.Event()

    @property
    def destination(self):
        return Destination(f"http://127.0.0.1:{self.server_port}")

    def handle_error(self, request, client_address):
        """The other side went away, as it should."""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        line = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line.calls += 1
        harm = line.harm if line.at in (None, line.calls) else None
        if harm == "hangs":
            line.go.wait(30)
        if harm in ("hangs", "closes"):
            self.connection.close()
            return
        status, answer, kind = (harm, b"<html>no</html>", "text/html") if harm else (0, b"", "")
        if not isinstance(harm, int):
            status, answer, kind = self._pass_on(body)
        if harm == "answer lost":
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_PATCH = do_GET

    def _pass_on(self, body):
        to = http.client.HTTPConnection(urlsplit(self.server.to).netloc, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        to.request(self.command, self.path, body, headers)
        answer = to.getresponse()
        return answer.status, answer.read(), answer.getheader("Content-Type", "")

    def log_message(self, *_):
        """Nothing."""


@contextlib.contextmanager
def line(to=""):
    made = Line(to)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.go.set()
        made.shutdown()
        made.server_close()


@pytest.fixture(autouse=True)
def client(monkeypatch):
    pytest.importorskip("mlflow")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (500, "the server answers 500"),
        (503, "the server answers 503"),
        (429, "the server answers 429"),
        (401, "the server answers 401: see to MLFLOW_TRACKING_USERNAME"),
        (404, "the server answers 404: it isn't MLflow's"),
        (200, "the server doesn't answer as MLflow's does"),
        ("closes", "the server closes the connection"),
        ("hangs", "the server doesn't answer within 1 s"),
    ],
)
def test_a_server_that_is_away_is_told_in_words(harm, words, monkeypatch):
    monkeypatch.setitem(mlflow_server._ENVIRONMENT, "MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setattr(mlflow_server, "_AWAY", {
        names: said.replace("10 s", "1 s") for names, said in mlflow_server._AWAY.items()
    })  # fmt: skip
    with line() as there:
        there.harm = harm
        with pytest.raises(ServerAwayError) as error:
            MlflowServer(there.destination).experiment("a", ("b", "c"))
    assert str(error.value).startswith(words)


def test_nobody_listens_or_the_name_is_unknown():
    for address, words in [
        ("http://127.0.0.1:1", "the server refuses the connection"),
        ("http://nowhere.invalid", "the server's name isn't known"),
    ]:
        with pytest.raises(ServerAwayError, match=words):
            MlflowServer(Destination(address)).experiment("a", ("b", "c"))


def test_the_client_tells_its_makers_nothing():
    MlflowServer(Destination("http://127.0.0.1:1"))
    from mlflow.telemetry.utils import is_telemetry_disabled  # noqa: PLC0415 - it may be missing

    assert is_telemetry_disabled()


@pytest.mark.skipif(not REAL, reason="CNNLAB_TEST_MLFLOW names no server")
@pytest.mark.parametrize("harm", ["answer lost", "closes", 500])
def test_a_line_that_breaks_at_every_call_doubles_nothing_at_a_real_server(
    dataset, monkeypatch, harm
):
    no_supervisor(monkeypatch)
    run = made_run(RunConfig(dataset=dataset.id), epochs=50, name=f'It\'s "{harm}" 🙂')
    workplace().runs.update(run.id, started_at="2026-11-30T10:00:00+00:00")
    workplace().runs.update(run.id, status=Status.STOPPED, ended_at="2026-11-30T10:01:00+00:00")
    stores = workplace()
    box, tries = Outbox(stores.home), 0
    with line(REAL) as there:
        box.add(run.id, there.destination.address, there.destination.key)
        place = stores.home.tracking / "sent" / f"{run.id}~{there.destination.key}.json"
        there.harm = harm
        while not box.is_empty() and tries < 60:
            tries += 1
            there.calls, there.at = 0, tries
            place.unlink(missing_ok=True)  # what was noted is lost, too
            box.note_back(there.destination.key)
            Sender(Stores(stores.home, stores.runs, stores.datasets, stores.studies)).send_all()
    assert box.is_empty() and tries > 8
    _check(run)


def _check(run):
    from mlflow import MlflowClient  # noqa: PLC0415 - it may be missing

    client = MlflowClient(REAL)
    experiments = client.search_experiments(
        filter_string=f"tags.`cnnlab.dataset` = '{run.dataset}'"
    )
    found = client.search_runs(
        [each.experiment_id for each in experiments], f"tags.`cnnlab.run` = '{run.id}'"
    )
    assert len(found) == 1
    there = found[0]
    assert there.info.status == "KILLED" and there.info.run_name == run.name
    for name in ("val_accuracy", "seconds", "gap"):
        points = client.get_metric_history(there.info.run_id, name)
        assert [point.step for point in points] == list(range(1, 51))
    assert there.data.params["training.epochs"] == str(run.config["training"]["epochs"])
    assert lab.load_run(run.id).name == there.data.tags["cnnlab.name"]
    assert [each.path for each in client.list_artifacts(there.info.run_id, "run")] == [
        "run/config.json"
    ]
