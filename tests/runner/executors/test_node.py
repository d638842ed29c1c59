"""What an executor whose workers are elsewhere adds: the line to them may be cut."""

import os
import signal
from pathlib import Path

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from tests.runner.executors import node
from tests.runner.light_worker import whole_history
from tests.runner.place import Place
from tests.waiting import wait_until


@pytest.fixture
def place(home, monkeypatch):
    monkeypatch.setattr(node, "ANSWER_SECONDS", 0.5)
    place = Place(home, node.NodeExecutor)
    yield place
    place.close()


def node_of(place):
    """The process id of the node: it leads the log, as nobody else needs it."""
    return int((place.home.root / "node.log").read_text().split()[1])


def test_a_worker_that_cannot_be_asked_about_counts_neither_as_lost_nor_as_silent(place):
    place.add("a", waits_after=1)
    place.wait_to_wait("a")
    os.kill(node_of(place), signal.SIGSTOP)
    for _ in range(2):
        with pytest.raises(StorageError, match="can't be reached"):
            place.supervisor.tick()
        place.now += 3600
    assert place.load("a").status is Status.RUNNING
    os.kill(node_of(place), signal.SIGCONT)
    place.attempt("a").ask_to_stop()
    assert place.wait("a", Status.STOPPED).attempt == 1


def test_a_lost_node_costs_an_attempt_and_no_epoch(place):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    lost = node_of(place)
    os.kill(lost, signal.SIGKILL)  # its worker lives on, and nobody knows of it
    wait_until(lambda: not Path(f"/proc/{lost}").exists())  # dying, it would take one more call
    with pytest.raises(StorageError, match="can't be reached"):
        place.supervisor.tick()
    run = place.wait("a", Status.FINISHED)
    assert run.attempt == 2
    assert place.history("a") == whole_history(4)
    assert place.attempt("a", 1).history() == whole_history(2)
    assert place.attempt("a", 1).read_result() is None
