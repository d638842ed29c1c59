"""The fault matrix with light workers: workers that hang, and stops in every state.

Real processes, real kills, our own clock for waiting. The comments name the rows of the matrix.
Whatever happens, a run that ends well must have the history of one that nothing ever happened to.
"""

import pytest

from cnnlab.domain.run import Status
from cnnlab.runner.silence import STALL_SECONDS, STOP_GRACE_SECONDS
from tests.runner.light_worker import whole_history
from tests.runner.place import ENDED

# 15: a worker hangs


def test_a_worker_that_is_slow_may_be_silent_for_longer(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    for seconds, still_alive in ((200, True), (500, True), (1600, False)):
        with place.attempt("a", 1).steps.open("ab") as file:
            file.write(b"x")
        place.supervisor.tick()
        for _ in range(seconds // 5):
            place.pass_time(5)
            if place.load("a").attempt == 2 or not place.attempt("a", 1).is_alive():
                break
        assert place.attempt("a", 1).is_alive() is still_alive


def test_a_worker_that_ignores_the_stop_is_killed_after_the_grace(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    place.supervisor.tick()
    place.pass_time(STALL_SECONDS - 10)
    place.attempt("a").ask_to_stop()  # has a grace of its own
    place.supervisor.tick()
    place.pass_time(STOP_GRACE_SECONDS - 5)
    assert place.attempt("a").is_alive()
    place.pass_time(10)
    run = place.wait("a", Status.STOPPED)
    assert "Stopped before it could tidy up" in run.message
    assert (run.attempt, run.lost_workers) == (1, 0)


def test_a_stopping_worker_that_still_reports_is_not_killed(place):
    place.add("a", ignores_stop=True)
    place.wait_for_epochs("a", 3)
    place.attempt("a").ask_to_stop()
    for _ in range(5):
        place.pass_time(STOP_GRACE_SECONDS / 2)
        with place.attempt("a").steps.open("ab") as file:
            file.write(b"x")
    place.supervisor.tick()
    assert place.attempt("a").is_alive()


# 16: stop in every state


def wait_for_nothing(place):
    place.store.update("a", status=Status.QUEUED)  # the supervisor doesn't look


def wait_for_the_start(place):
    place.wait_to_wait("a")


def wait_for_an_epoch(place):
    place.wait_for_epochs("a", 1)


def wait_for_a_retry(place):
    place.wait("a", Status.INTERRUPTED)


def wait_for_a_loss(place):
    place.wait_to_wait("a")
    place.kill("a")


STATES = {
    "queued": ({}, wait_for_nothing),
    "starting": ({"waits": "start"}, wait_for_the_start),
    "in an epoch": ({"epoch_seconds": 0.5}, wait_for_an_epoch),
    "in a save": ({"waits": "save"}, wait_for_the_start),
    "lost": ({"waits": "start"}, wait_for_a_loss),
    "waiting for a retry": ({"dies": "save"}, wait_for_a_retry),
}


@pytest.mark.parametrize("state", STATES)
def test_a_stop_in_any_state_ends_the_run_once(place, user, state):
    plan, reach = STATES[state]
    place.add("a", epochs=100, **plan)
    reach(place)
    user.stop_run("a")
    user.stop_run("a")
    run = place.wait("a", *ENDED)
    assert run.status is Status.STOPPED
    assert run.ended_at
    place.pass_time(60)
    user.stop_run("a")
    place.supervisor.tick()
    assert place.load("a") == run
    assert not place.attempt("a").is_alive()
    user.resume_run("a")
    place.wait_until(lambda: place.load("a").status is Status.RUNNING)
    assert place.load("a").attempt == run.attempt + 1
    user.stop_run("a")
    place.wait("a", Status.STOPPED)
    history = place.history("a")
    assert history == whole_history(len(history))


def test_a_stop_after_the_end_changes_nothing(place, user):
    run = place.wait(place.add("a"), Status.FINISHED)
    assert user.stop_run("a") == run
    place.supervisor.tick()
    assert place.load("a") == run


def test_a_stop_that_meets_a_loss_reaches_the_next_attempt(place, user, monkeypatch):
    place.add("a", waits_after=0)
    place.wait_to_wait("a")

    def lose(_):  # after the stop was written for attempt 1: the supervisor had just looked
        place.store.update("a", status=Status.QUEUED, attempt=2)
        monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lambda home: None)

    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", lose)
    assert user.stop_run("a").status is Status.STOPPED
    assert not place.supervisor.tick()


def test_a_stop_written_while_the_loss_was_noted_counts(place):
    place.add("a", dies="start")
    place.wait("a", Status.INTERRUPTED)
    place.attempt("a").ask_to_stop()
    run = place.wait("a", *ENDED)
    assert run.status is Status.STOPPED
    assert "Resume goes on" in run.message
