import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cnnlab import lab
from tests.e2e.nginx import free_port
from tests.runner.cluster.ray_cluster import RayCluster, name_cluster
from tests.runner.place import Place

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def _ray_cluster():
    """Ten seconds to start on a quiet machine, so all tests that may share one do."""
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:  # its sockets' paths
        cluster = RayCluster(free_port(), folder)
        yield cluster
        cluster.close()


@pytest.fixture
def ray_cluster(_ray_cluster, monkeypatch):
    """A real Ray cluster, named in the environment as its user would; no node of it is missing."""
    _ray_cluster.fill()
    name_cluster(monkeypatch, _ray_cluster)
    return _ray_cluster


@pytest.fixture
def place(home):
    place = Place(home)
    yield place
    place.close()


@pytest.fixture
def start_supervisor(light_processes):
    """Starts supervisors' processes with light workers, and ends them afterwards."""
    light_processes.start()
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
