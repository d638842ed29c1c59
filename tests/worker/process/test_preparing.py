"""The run of a form is got ready in a thread that keeps the worker from nothing else."""

import sys
import threading
from types import SimpleNamespace

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.files import write_json
from cnnlab.storage.home import open_home
from cnnlab.worker.process import preparing
from cnnlab.worker.process.preparing import Preparing

ONE, OTHER = (load_config({"dataset": name}) for name in ("a", "b"))
HANGS_SECONDS = 10.0
"""So long a part waits at most for a test that got stuck."""


class Training:
    """Stands for `cnnlab.training`: what it makes ready is a number that counts."""

    def __init__(self):
        self.gate, self.begun = threading.Event(), threading.Event()
        self.gate.set()
        self.made, self.told, self.problems = [], [], []
        self.has_room, self.forgotten = True, 0

    def make_ready(self, config, data, is_wanted):
        self.made.append(config)
        self.begun.set()
        if not self.gate.wait(HANGS_SECONDS):
            self.problems.append("nobody opened the gate")
        return len(self.made) if is_wanted() else None

    def end_session(self):
        self.forgotten += 1
        return self.has_room


@pytest.fixture
def training(home, monkeypatch):
    played = Training()
    session = SimpleNamespace(end_session=played.end_session, may_have_gpu=lambda: False)
    fit = SimpleNamespace(make_ready=played.make_ready)
    monkeypatch.setitem(sys.modules, "cnnlab.training.loop.fit", fit)
    monkeypatch.setitem(sys.modules, "cnnlab.training.loop.session", session)
    monkeypatch.setattr(preparing, "load_data", lambda *_: None)
    monkeypatch.setattr(preparing, "_has_images", lambda *_: True)
    yield played
    played.gate.set()
    assert played.problems == []


@pytest.fixture
def worker(training):
    return Preparing(open_home(), lambda: None, lambda: training.told.append("left"))


def show(config):
    write_json(open_home().form_request, config.model_dump(mode="json"))


def result_of(worker):
    """Begin, and wait for what comes of it, which stays at hand."""
    worker.begin("default")
    return worker._wish.ready.result(HANGS_SECONDS)


def test_the_run_that_a_form_shows_is_taken_once_and_forgotten_at_its_end(worker, training):
    show(ONE)
    worker.begin("default")
    assert worker.take(ONE, "cpu") == 1
    assert worker.drop() and training.forgotten == 1
    assert worker.take(ONE, "cpu") is None
    show(OTHER)
    assert result_of(worker) == 2
    assert worker.take(ONE, None) is None
    assert training.forgotten == 2


def test_another_form_keeps_nobody_waiting_for_what_the_one_before_is_at(worker, training):
    training.gate.clear()
    show(ONE)
    worker.begin("default")
    training.begun.wait(HANGS_SECONDS)
    show(OTHER)
    worker.begin("default")  # a job may come now, and has to be answered
    training.gate.set()
    assert worker.take(OTHER, None) == 2
    assert training.made == [ONE, OTHER]
    assert training.forgotten == 1  # of the first, before the second was begun


def test_the_same_form_again_throws_nothing_away(worker, training):
    training.gate.clear()
    show(ONE)
    worker.begin("default")
    training.begun.wait(HANGS_SECONDS)
    show(ONE)  # while it is got ready, which goes on
    training.gate.set()
    worker.begin("default")
    show(ONE)
    worker.begin("default")
    assert worker.take(ONE, None) == 1
    assert training.made == [ONE]


def test_what_was_given_up_for_another_form_is_begun_anew(worker, training):
    training.gate.clear()
    show(ONE)
    worker.begin("default")
    training.begun.wait(HANGS_SECONDS)
    show(OTHER)
    training.gate.set()
    assert worker._wish.ready.result(HANGS_SECONDS) is None  # it was seen to be another
    show(ONE)
    worker.begin("default")
    assert worker.take(ONE, None) == 2
    assert training.made == [ONE, ONE]


def test_what_could_not_be_made_ready_is_tried_again(worker, training, monkeypatch):
    monkeypatch.setattr(preparing, "_has_images", lambda *_: False)
    show(ONE)
    assert result_of(worker) is None
    monkeypatch.setattr(preparing, "_has_images", lambda *_: True)
    worker.begin("default")
    assert worker.take(ONE, None) == 1


def test_a_process_that_has_become_too_large_leaves_by_itself(worker, training):
    show(ONE)
    assert result_of(worker) == 1
    training.has_room = False
    show(OTHER)
    worker.begin("default")
    assert worker.take(OTHER, None) is None
    assert training.told == ["left"]
    assert training.made == [ONE]


def test_where_tensorflow_can_not_be_loaded_the_job_that_comes_says_so(training):
    def fail():
        raise ImportError("failed to map segment from shared object")

    training.has_room = False  # it would be asked in vain: nothing of it is there
    worker = Preparing(open_home(), fail, lambda: training.told.append("left"))
    show(ONE)
    worker.begin("default")
    assert worker.take(ONE, None) is None
    worker.begin("default")
    assert worker.take(OTHER, None) is None
    assert worker.drop()
    assert training.told == [] and training.forgotten == 0
