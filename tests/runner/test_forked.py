"""Light workers where the process that forks them isn't there, or those who ask it aren't."""

import os
import socket
import subprocess
import sys

import pytest

from tests.runner.forked import ADDRESS, Forked, Forks, LightSubprocess


@pytest.fixture
def forks(light_processes, monkeypatch):
    """A process that forks, of its own."""
    monkeypatch.setenv(ADDRESS, os.environ[ADDRESS])  # that of all tests stands there again
    forks = Forks()
    forks.start()
    yield forks
    forks.close()


def start(tmp_path):
    command = [sys.executable, "-m", "tests.runner.light_spare", "--help"]
    with (tmp_path / "log").open("w") as said:
        return LightSubprocess(lambda: None).Popen(
            command, cwd=tmp_path, env=dict(os.environ), stdout=said, pass_fds=()
        )


def test_who_asks_and_is_killed_leaves_it_to_the_others(forks, tmp_path):
    for _ in range(3):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.connect(os.environ[ADDRESS])
    assert isinstance(start(tmp_path), Forked)


def test_without_it_they_are_started_as_ever(forks, tmp_path):
    forks._process.kill()
    forks._process.wait()
    started = start(tmp_path)
    assert isinstance(started, subprocess.Popen)
    started.kill()
    started.wait()
