"""The process that trains: what it says of its end, and that nothing of a run reaches the next."""

import errno
import json
import logging
import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import (
    ChoiceNeededError,
    ConfigError,
    DatasetError,
    FencedError,
    NotFoundError,
    RunStateError,
    StorageError,
    TrainingError,
)
from cnnlab.files import write_json
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kind import to_json
from cnnlab.jobs.kinds.preflight import KIND, PreflightRequest
from cnnlab.jobs.state import read_state
from cnnlab.runner.executors import warm_workers
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.worker import __main__ as worker
from cnnlab.worker.process.channel import Job
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def attempt(home):
    """An attempt of a run with any config."""
    attempt = Attempt(open_home(home).attempt("a", 1))
    attempt.create(load_config({"dataset": "d"}).model_dump(mode="json"))
    return attempt


@pytest.fixture
def work(attempt, monkeypatch):
    """Makes the worker's process of this one, with `train` in the place of TensorFlow."""
    loading = Future()
    loading.set_result(None)
    monkeypatch.setattr(worker, "start_loading", lambda _: loading)
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    kept = {number: signal.getsignal(number) for number in (1, 2, 15)}

    def work(train, folder=attempt.folder, options=()):
        monkeypatch.setattr("cnnlab.worker.train.train", train)
        words = ["--run", "a", "--attempt", str(folder), "--lock-fd", "0", *options]
        monkeypatch.setattr(sys, "argv", ["worker", *words])
        return worker.main()

    yield work
    for number, handler in kept.items():
        signal.signal(number, handler)


def raising(error):
    def train(*_):
        raise error

    return train


@pytest.mark.parametrize(
    ("error", "cause", "code"),
    [
        (ConfigError("say it"), "config", 10),
        (DatasetError("say it"), "config", 10),
        (NotFoundError("say it"), "config", 10),
        (TrainingError("say it", cause="memory"), "memory", 20),
        (TrainingError("say it", cause="not_finite"), "not_finite", 30),
        (TrainingError("say it"), "error", 1),
        (StorageError("say it"), "disk", 11),
        (RunStateError("say it"), "error", 1),
    ],
)
def test_an_expected_failure_has_its_cause_and_its_own_words(attempt, work, error, cause, code):
    assert work(raising(error)) == code
    result = attempt.read_result()
    assert result.pop("seconds") >= 0
    assert result == {"status": "failed", "cause": cause, "message": "say it"}


def test_a_question_that_no_choice_answers_keeps_its_advice(attempt, work):
    for choices, words in (
        ({"first": "2 classes"}, "Which? If that is no label, leave it out."),
        ({}, "Which?; give each image one label; or, if that is no label, leave it out"),
    ):
        advice = "give each image one label", choices, "if that is no label, leave it out"
        work(raising(ChoiceNeededError("Which?", *advice)))
        result = attempt.read_result()
        assert result["message"] == words
        assert result.get("choices", {}) == choices


@pytest.mark.parametrize(
    ("error", "cause", "code", "words"),
    [
        (OSError(errno.ENOSPC, "No space", "/full/model.keras"), "disk", 11, "/full/model.keras"),
        (OSError(errno.ENOSPC, "No space"), "disk", 11, "attempt-1: free some space"),
        (OSError(errno.EIO, "Input/output error"), "error", 1, "Input/output error"),
        (MemoryError(), "memory", 20, "lower training.batch_size"),
        (RuntimeError("never thought of"), "error", 1, "RuntimeError: never thought of"),
    ],
)
def test_an_unexpected_failure_is_put_into_words(attempt, work, error, cause, code, words):
    assert work(raising(error)) == code
    result = attempt.read_result()
    assert result["cause"] == cause
    assert words in result["message"]


def test_a_result_that_is_no_json_is_an_error_of_the_run(attempt, work):
    assert work(lambda *_: {"status": "finished", "report": float("nan")}) == 1
    assert attempt.read_result()["cause"] == "error"


@pytest.mark.parametrize("status", ["finished", "stopped"])
def test_an_end_that_is_no_failure_has_exit_code_0(attempt, work, status):
    assert work(lambda *_: {"status": status, "message": None}) == 0
    assert attempt.read_result()["status"] == status


def test_the_option_preflight_tries_out_the_config_of_the_folder(attempt, work, monkeypatch):
    monkeypatch.setattr("cnnlab.worker.preflight.try_out", lambda work: work.request.config)
    assert work(None, options=["--preflight"]) == 0
    assert json.loads(attempt.result.read_text())["answer"] == attempt.read_config()


def test_a_worker_that_was_overtaken_writes_nothing_more(attempt, work):
    assert work(raising(FencedError("overtaken"))) == 75
    assert attempt.read_result() is None

    def train(*_):
        attempt.fence()
        return {"status": "finished"}

    assert work(train) == 75
    assert attempt.read_result() is None


def test_sigterm_means_stop(attempt, work):
    def train(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        return {"status": "stopped"}

    assert work(train) == 0
    assert attempt.is_stop_asked()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_on_a_full_disk_the_result_still_has_room(small_disk, work):
    attempt = Attempt(small_disk / "attempt-1")
    attempt.create(load_config({"dataset": "d"}).model_dump(mode="json"))

    def fill(work):
        with (work.files.folder / "filler").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

    assert work(fill, attempt.folder) == 11
    assert attempt.read_result()["cause"] == "disk"
    assert not (attempt.folder / "reserve").exists()


@pytest.mark.exhaustive
def test_a_spare_touches_no_device_where_there_may_be_a_gpu():
    program = (
        "import pathlib\n"
        "from cnnlab.training.loop import session\n"
        "from cnnlab.worker.process.loading import start_loading\n"
        "session.GPU_FILES = (pathlib.Path('/dev/null'),)\n"
        "start_loading(lambda: False).result()\n"
        "from tensorflow.python.eager import context\n"
        "print(context.context()._initialized)"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"


SHAPED = {"image": {"size": 16}, "architecture": {"preset": "tiny_cnn"}}
ONE = SHAPED | {
    "training": {"epochs": 2, "batch_size": 8, "seed": 3},
    "augmentation": {"flip": "horizontal", "rotation_degrees": 20},
    "regularization": {"dropout": 0.3, "l2": 0.001},
}
OTHER = SHAPED | {
    "training": {"epochs": 1, "batch_size": 16, "precision": "mixed_bfloat16"},
    "optimizer": {"name": "sgd", "ema_momentum": 0.9},
    "regularization": {"label_smoothing": 0.1, "batch_norm": True},
}


class Lab:
    """A home with a dataset and the real worker."""

    def __init__(self, dataset):
        self.home = open_home()
        self.dataset = dataset
        self.executor = LocalExecutor(self.home.root)

    def train(self, name, parts):
        config = load_config({"dataset": self.dataset.id} | parts)
        attempt = Attempt(self.home.attempt(name, 1))
        attempt.create(config.model_dump(mode="json"))
        self.executor.start(Job(name, str(attempt.folder), device="cpu"))
        wait_until(lambda: not attempt.is_alive(), seconds=120)
        assert attempt.read_result()["status"] == "finished", attempt.log_tail()
        return attempt

    def show(self, parts):
        """Have a form show a config until a worker gets it ready."""
        config = load_config({"dataset": self.dataset.id} | parts)
        write_json(self.home.form_request, config.model_dump(mode="json"))
        form = self.home.form_request.stat().st_mtime_ns
        workers = self.executor._warm._workers
        wait_until(
            lambda: any(worker.prepares == form for worker in workers),
            tick=self.executor.keep_warm,
        )

    def try_out(self, parts):
        config = load_config({"dataset": self.dataset.id} | parts).model_dump(mode="json")
        tried = job_folder(self.home, KIND, "a")
        tried.folder.mkdir(parents=True)
        write_json(tried.request, to_json(PreflightRequest(config)))
        self.executor.start(Job("a", str(tried.folder), kind_name="preflight"))
        wait_until(lambda: not tried.is_alive(), seconds=120)
        state = read_state(KIND, tried)
        assert state.is_ready, tried.log_tail()
        return state.answer, tried.lock.read_text()

    def open_files(self, attempt):
        """What the worker that is waiting now has open."""
        folder = Path("/proc", attempt.lock.read_text(), "fd")
        return sorted(str(link.readlink()) for link in folder.iterdir())


def what_it_came_to(attempt):
    history = [
        {name: value for name, value in record.items() if "second" not in name}
        for record in attempt.history()
    ]
    facts = attempt.started()
    return attempt.read_result()["weights_checksum"], facts["init_checksum"], json.dumps(history)


@pytest.mark.slow
def test_a_run_in_a_used_process_or_made_ready_is_that_in_a_fresh_one(dataset, monkeypatch):
    fresh = Lab(dataset).train("fresh", ONE)
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "1")
    lab = Lab(dataset)
    other = lab.train("other", OTHER)
    first_files = lab.open_files(other)
    report, process = lab.try_out(OTHER)
    assert report["parameters"] == other.started()["parameters"]
    again = lab.train("again", ONE)
    assert again.lock.read_text() == process == other.lock.read_text()
    assert what_it_came_to(again) == what_it_came_to(fresh)
    assert lab.open_files(again) == first_files
    monkeypatch.setattr(warm_workers, "REST_SECONDS", 0.0)
    for name, shown, is_ready in (
        ("shown", ONE, True),
        ("other shown", OTHER, False),
    ):
        lab.show(shown)
        run = lab.train(name, ONE)
        assert run.lock.read_text() == process
        assert ("was made ready" in run.log_tail()) == is_ready
        assert what_it_came_to(run) == what_it_came_to(fresh)
        assert lab.open_files(run) == first_files
    lab.executor.close()
