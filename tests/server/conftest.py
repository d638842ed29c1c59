"""The routes without Streamlit, and a run whose worker the test plays."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.server.access import TOKEN_HEADER, access_token
from cnnlab.server.door.key import cookie
from cnnlab.server.door.place import Place
from cnnlab.server.routes import middleware, mounted
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder

PLACE = Place("127.0.0.1", 8501)


@pytest.fixture
def client(home):
    """Whoever comes along."""
    app = Starlette(routes=mounted(), middleware=middleware(PLACE, []))
    with TestClient(app, base_url="http://127.0.0.1:8501") as client:
        yield client


@pytest.fixture
def allowed(client):
    """A browser that was let in, and a page of ours in it."""
    client.cookies.set(*cookie())
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
