import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab import lab
from tests.runner.place import Place

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(home):
    place = Place(home)
    yield place
    place.close()


@pytest.fixture
def start_supervisor():
    """Starts supervisors' processes with light workers, and ends them afterwards."""
    started = []

    def start(*options):
        command = [sys.executable, "-m", "tests.runner.light_supervisor", *map(str, options)]
        started.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def user(home, monkeypatch):
    """What a user can do; no supervisor is started but the test's own, which waits for the test."""
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)
    monkeypatch.setattr("cnnlab.lab.runs._NOTED_SECONDS", 0.1)
    return lab
