"""Work that is waited for: each phase is told once, and what vanishes ends the waiting."""

import pytest

from cnnlab.jobs.state import JobState, Stage
from cnnlab.lab import work


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(work, "_POLL_SECONDS", 0.0)


def waited(*states):
    told, left = [], list(states)
    return work.wait_for(lambda: left.pop(0), told.append), told, left


def test_each_phase_is_told_once_and_the_first_end_is_the_answer():
    running = [JobState(Stage.RUNNING, phase=phase) for phase in ("a", "a", "b")]
    finished, later = JobState(Stage.FINISHED, answer=7), JobState(Stage.FAILED, problem="no")
    assert waited(*running, finished, later) == (finished, ["a", "b"], [later])


def test_what_is_not_there_any_more_is_not_waited_for():
    assert waited(JobState(Stage.WAITING, phase="a"), None) == (None, ["a"], [])
