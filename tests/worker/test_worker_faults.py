"""The fault matrix with real training: a loss that explodes (row 14), a disk that is full (row 5).

The worker's main function in this process, so that TensorFlow is loaded once.
"""

import contextlib
import json
import logging
import re
import signal
import sys
from concurrent.futures import Future

import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.files import write_json
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.checkpoints import list_checkpoints, load_checkpoint
from cnnlab.storage.attempts.journal import read_journal
from cnnlab.worker import __main__ as worker
from cnnlab.worker.taking_along import model_file
from tests.training import short_run
from tests.training.loop.test_fit import timeless
from tests.training.short_run import STEPS_PER_EPOCH, config_of, images


@pytest.fixture
def work(home, monkeypatch):
    """Makes the worker's process of this one; it has its images already."""
    loading = Future()
    loading.set_result(None)
    monkeypatch.setattr(worker, "start_loading", lambda _: loading)
    monkeypatch.setattr("cnnlab.worker.train.load_data", lambda *_: images())
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    kept = {number: signal.getsignal(number) for number in (1, 2, 15)}

    def work(attempt):
        words = ["--run", "a", "--attempt", str(attempt.folder), "--lock-fd", "0"]
        monkeypatch.setattr(sys, "argv", ["worker", *words])
        return worker.main()

    yield work
    for number, handler in kept.items():
        signal.signal(number, handler)


def new_attempt(folder, config, *, writes_model=False):
    attempt = Attempt(folder)
    attempt.create(config.model_dump(mode="json"))
    write_json(attempt.request, {"writes_model": writes_model})
    return attempt


# 14: the loss isn't a number any more


def read_strictly(path):
    """JSON as the standard has it: Python's own NaN and Infinity are refused."""

    def refuse(name):
        raise AssertionError(f"{name} in {path}")

    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    return [json.loads(line, parse_constant=refuse) for line in lines]


EXPLODING = {"after some epochs": {"name": "cosine", "warmup_epochs": 40}, "at once": None}
"""Schedules: a rate that is far too high at once, or rises to that step by step."""


@pytest.mark.parametrize("when", EXPLODING)
def test_a_loss_that_explodes_ends_the_run_at_that_step(tmp_path, work, monkeypatch, when):
    monkeypatch.setattr(
        "cnnlab.training.loop.recording.SECONDS_BETWEEN_RECORDS", 0
    )  # each step is told
    values = {
        "architecture": {"preset": "tiny_cnn", "filters": 4, "dense_units": 8},
        "image": {"size": 12},
        "optimizer": {"name": "sgd", "learning_rate": 10, "schedule": EXPLODING[when]},
        "regularization": {"l2": 1.0},
        "training": {"epochs": 50, "batch_size": 8},
    }
    attempt = new_attempt(tmp_path / "attempt-1", load_config(values))
    assert work(attempt) == 30
    result = attempt.read_result()
    assert (result["status"], result["cause"]) == ("failed", "not_finite")
    assert "lower optimizer.learning_rate" in result["message"]
    history = attempt.history()
    assert bool(history) == (when != "at once")
    for file in [*attempt.folder.glob("*.json*"), *attempt.checkpoints.glob("*.json")]:
        assert read_strictly(file)
    steps = [row for row in read_journal(attempt.steps) if row["kind"] == "step"]
    epoch, step = map(int, re.search(r"epoch (\d+), step (\d+)", result["message"]).groups())
    assert len(steps) == (epoch - 1) * STEPS_PER_EPOCH + step - 1  # up to the one before
    kept = list_checkpoints(attempt.checkpoints)
    assert [entry["epoch"] for entry in kept] == list(range(len(history)))
    for entry in kept:
        state = load_checkpoint(attempt.checkpoints, entry)
        assert all(np.isfinite(state[name]).all() for name in state if name.startswith("model/"))


# 5: the disk is full


EPOCHS = 5


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same run without any fault."""
    attempt = Attempt(tmp_path_factory.mktemp("whole"))
    attempt.create({})
    short_run.main(attempt.folder, EPOCHS)
    return attempt


@pytest.fixture
def ballast(small_disk):
    return small_disk / "ballast"


def fill(ballast):
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


@pytest.fixture
def work_until_full(work, ballast, monkeypatch):
    """Works until the third epoch is reported in some way: at that moment the disk is full."""

    def work_until_full(attempt, moment):
        report = getattr(AttemptRecorder, moment)

        def report_on_full_disk(recorder, epoch, *rest):
            if (epoch["epoch"] if moment == "epoch" else epoch) == 2:
                fill(ballast)
            report(recorder, epoch, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(AttemptRecorder, moment, report_on_full_disk)
            return work(attempt)

    return work_until_full


@pytest.mark.parametrize(
    "moment", [pytest.param("epoch", marks=pytest.mark.exhaustive), "checkpoint"]
)
def test_a_run_whose_disk_was_full_goes_on_to_the_same_bits(
    whole, ballast, work, work_until_full, moment
):
    first = new_attempt(ballast.parent / "attempt-1", config_of(EPOCHS))
    assert work_until_full(first, moment) == 11
    result = first.read_result()
    assert (result["status"], result["cause"]) == ("failed", "disk")
    assert result["disk_full"]
    assert f"The disk is full at {first.folder}" in result["message"]
    history = first.history()
    assert timeless(history) == timeless(whole.history()[: len(history)]) and len(history) in (2, 3)
    entries = list_checkpoints(first.checkpoints)
    kept = [load_checkpoint(first.checkpoints, entry) for entry in entries]
    assert [int(state["position/epoch"]) for state in kept] == [0, 1]
    assert not list(first.folder.rglob(".*.part"))
    ballast.unlink()
    second = new_attempt(ballast.parent / "attempt-2", config_of(EPOCHS))
    second.continue_from(first)
    assert work(second) == 0
    assert timeless(second.history()) == timeless(whole.history())
    assert second.read_result()["weights_checksum"] == whole.read_result()["weights_checksum"]


def test_a_model_that_finds_no_room_is_told_and_written_later(ballast, work, monkeypatch):
    attempt = new_attempt(ballast.parent / "attempt-1", config_of(1), writes_model=True)
    phase = AttemptRecorder.phase

    def fill_before_the_model(recorder, text):
        phase(recorder, text)
        if text.startswith("Writing the model"):
            fill(ballast)

    with monkeypatch.context() as patch:
        patch.setattr(AttemptRecorder, "phase", fill_before_the_model)
        assert work(attempt) == 11
    assert f"The disk is full at {attempt.folder}" in attempt.read_result()["message"]
    assert len(attempt.history()) == len(list_checkpoints(attempt.checkpoints)) == 1
    names = {file.name for file in attempt.folder.iterdir()}
    assert not names & {attempt.model.name, attempt.package.name, "reserve"}
    assert not [name for name in names if name.startswith(".")]
    ballast.unlink()
    again = new_attempt(ballast.parent / "attempt-2", config_of(1), writes_model=True)
    again.continue_from(attempt)
    monkeypatch.setattr(model_file, "_verified", lambda *_: {"bytes": 1})
    assert work(again) == 0
    assert again.model.exists() and again.package.exists()
