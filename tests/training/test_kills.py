"""A run whose process is killed again and again is the uninterrupted run, byte for byte.

Two kills in the test command, one of them while a checkpoint is written; the environment variable
CNNLAB_KILLS asks for more.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import list_checkpoints, load_checkpoint
from cnnlab.storage.attempts.journal import read_journal
from tests.training import short_run
from tests.training.loop.test_fit import timeless
from tests.waiting import wait_until

KILLS = int(os.environ.get("CNNLAB_KILLS", "2"))
EPOCHS = 8 + 4 * KILLS
MOST_EPOCHS, MOST_SECONDS = 2, 0.15  # until the next kill

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


def _start(attempt, *options, epochs=EPOCHS):
    attempt.create({})
    with attempt.log.open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.training.short_run",
                attempt.folder,
                str(epochs),
                *options,
            ],
            cwd=_ROOT,
            stdout=log,
            stderr=log,
        )


def _uninterrupted(folder):
    """In this process, which may have trained before: another one has the same bits."""
    attempt = Attempt(folder)
    attempt.create({})
    short_run.main(folder, EPOCHS)
    return attempt


def _finish(attempt):
    assert _start(attempt).wait(200) == 0, attempt.log_tail()
    return attempt


def _wait_for(process, attempt, more_epochs):
    """Until it trains, and has finished so many epochs more than the attempt before."""
    begun = len(attempt.history())

    def is_far_enough():
        assert process.poll() is None, attempt.log_tail()
        trains = any(row["kind"] == "step" for row in read_journal(attempt.steps))
        return trains and len(attempt.history()) >= begun + more_epochs

    wait_until(is_far_enough, seconds=100)


def _kill_while_writing(process, attempt, generator):
    """As soon as a checkpoint is in the making, after some others."""
    for _ in range(generator.integers(1, 6)):
        seen = set(attempt.checkpoints.iterdir())
        while not (set(attempt.checkpoints.glob(".*.part")) - seen):
            if process.poll() is not None:
                return
    process.kill()


def _kill_some_time_later(process, attempt, generator):
    """Wherever it happens to be."""
    try:
        process.wait(generator.uniform(0, MOST_SECONDS))
    except subprocess.TimeoutExpired:
        process.kill()


def _last_state(attempt):
    return load_checkpoint(attempt.checkpoints, list_checkpoints(attempt.checkpoints)[-1])


@pytest.mark.slow
@pytest.mark.exhaustive  # resuming in phases: `test_phases.py`; being killed: below
def test_killed_while_features_are_computed_and_in_the_second_phase_it_is_the_whole_run(tmp_path):
    epochs = short_run.FIRST_PHASE_EPOCHS + 2
    whole, attempt = Attempt(tmp_path / "whole"), None
    whole.create({})
    short_run.main(whole.folder, epochs, "phases")
    for when in ("features", "second_phase", ""):
        earlier, attempt = attempt, Attempt(tmp_path / f"killed-in-{when}")
        attempt.create({})
        if earlier:
            attempt.continue_from(earlier)
        ended = _start(attempt, "phases", when, epochs=epochs).wait(100)
        assert ended == (-9 if when else 0), attempt.log_tail()
        finished = {"features": 0, "second_phase": short_run.FIRST_PHASE_EPOCHS + 1, "": epochs}
        assert len(attempt.history()) == finished[when]
    assert timeless(attempt.history()) == timeless(whole.history())
    assert attempt.read_result() == whole.read_result()
    for name, expected in _last_state(whole).items():
        assert _last_state(attempt)[name].tobytes() == expected.tobytes(), name


@pytest.mark.slow
@pytest.mark.timeout(120 + 200 * KILLS)  # of two waits a kill, each with its own limit
def test_killed_run_is_the_uninterrupted_one(tmp_path):
    whole = _uninterrupted(tmp_path / "whole")
    generator = np.random.default_rng(KILLS)
    attempt = Attempt(tmp_path / "attempt-0")
    for number in range(KILLS):
        process = _start(attempt)
        _wait_for(process, attempt, generator.integers(0, MOST_EPOCHS + 1))
        kill = (_kill_while_writing, _kill_some_time_later)[number % 2]
        kill(process, attempt, generator)
        assert process.wait(60) == -9, attempt.log_tail()
        parts = [file.name for file in attempt.checkpoints.glob(".*.part")]
        finished = len(attempt.history())
        attempt, earlier = Attempt(tmp_path / f"attempt-{number + 1}"), attempt
        attempt.create({})
        attempt.continue_from(earlier)
        begins = [entry["file"] for entry in list_checkpoints(attempt.checkpoints)[-1:]]
        begins += [file.name for file in attempt.checkpoints.glob("within-*")]
        _log.info("kill %d: %d epochs, unfinished %s, on from %s", number, finished, parts, begins)
    _finish(attempt)
    assert timeless(attempt.history()) == timeless(whole.history())
    assert [record["epoch"] for record in attempt.history()] == list(range(EPOCHS))
    assert attempt.read_result() == whole.read_result()
    states, expected = _last_state(attempt), _last_state(whole)
    assert states.keys() == expected.keys()
    for name in expected:
        assert states[name].tobytes() == expected[name].tobytes(), name
    said, expected_said = attempt.read_predictions(), whole.read_predictions()
    assert said.epochs == expected_said.epochs == list(range(EPOCHS))
    for epoch in said.epochs:
        np.testing.assert_array_equal(said.probabilities(epoch), expected_said.probabilities(epoch))
    assert not list(tmp_path.glob("**/.*.part"))
    _log.info("%s == %s", attempt.read_result(), whole.read_result())
