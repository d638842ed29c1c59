"""The routes without Streamlit, and a run whose worker the test plays."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.server.access import TOKEN_HEADER, access_token
from cnnlab.server.routes import MIDDLEWARE, ROUTES
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
