"""One queue over all workspaces: everybody sees places and times, nobody a foreign name."""

import shutil

import pytest

from cnnlab import lab
from cnnlab.domain.people.workspace import Quota
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.queue import all_queues
from cnnlab.lab.workplace import workplace
from cnnlab.runner.sharing.turns import Turns
from cnnlab.storage.runs.training_hours import TrainingHours
from tests.made_queues import queue_runs, queued_config
from tests.made_runs import epoch_record
from tests.waiting import wait_until


@pytest.fixture
def config(dataset, monkeypatch):
    return queued_config(dataset, monkeypatch)


@pytest.fixture
def other(config):
    """Acts in another workspace within its context."""
    made = register().workspaces.add("Other")
    return lambda: acting_as(local_in(made.id))


def places():
    return {run: (place.place, place.of) for run, place in lab.queue_places().items()}


def test_places_are_those_among_all_that_wait_by_turns(config, other):
    queue_runs(config, "a", "b", "c")
    Turns(workplace().home).take("default")
    with other():
        queue_runs(config, "x", "y")
        theirs = places()
    mine = places()
    assert {**mine, **theirs} == {"a": (2, 5), "b": (4, 5), "c": (5, 5), "x": (1, 5), "y": (3, 5)}
    Turns(workplace().home).take(next(iter(register().workspaces.all()[1:])).id)
    assert places() == {"a": (1, 5), "b": (3, 5), "c": (5, 5)}
    view = lab.view_queue()
    assert [one.place for one in view.waiting] == [1, 2, 3]
    assert (view.others_train, view.others_wait) == (0, 2)
    assert all(one.run.id != "x" for one in view.waiting)


def test_times_count_what_trains_and_waits_elsewhere(config, other):
    queue_runs(config, "a")
    with other():
        queue_runs(config, "w", status=Status.RUNNING)
        workplace().runs.update("w", last=epoch_record(4, seconds=60.0, evaluation_seconds=0.0))
        queue_runs(config, "x")
    place = lab.queue_place(lab.load_run("a"))
    assert (place.place, place.of, place.starts_in_seconds) == (1, 2, 300)
    assert place.words == "Next in the queue, about 5\u00a0min."
    with other():
        assert lab.queue_words(lab.load_run("x")) == "2nd of 2 in the queue."


def test_who_may_not_train_today_is_told_so_and_in_nobodys_way(config, other):
    queue_runs(config, "a")
    with other():
        queue_runs(config, "x")
        home = workplace().home
    register().workspaces.set_quota(home.workspace, Quota(hours_a_day=1))
    TrainingHours(home).add(3600.0)
    assert places() == {"a": (1, 2)}
    with other():
        assert "midnight (UTC)" in lab.queue_words(lab.load_run("x"))
        assert "midnight (UTC)" in lab.view_queue().held_by


def test_places_and_times_are_told_where_few_runs_may_train_at_once(config, other):
    queue_runs(config, "w", status=Status.RUNNING)
    workplace().runs.update("w", last=epoch_record(4, seconds=60.0, evaluation_seconds=0.0))
    queue_runs(config, "a", "b")
    register().workspaces.set_quota("default", Quota(running_runs=1))
    assert lab.queue_words(lab.load_run("a")) == "Next in the queue, about 5\u00a0min."
    assert lab.queue_words(lab.load_run("b")) == "2nd of 2 in the queue, about 15\u00a0min."
    assert lab.view_queue().held_by == ""
    register().workspaces.set_quota("default", Quota(running_runs=0))
    assert "0 runs may train" in lab.queue_words(lab.load_run("a"))


def test_a_broken_workspace_is_left_out(config, other):
    queue_runs(config, "a")
    with other():
        workplace().runs.engine.dispose()
        (workplace().home.root / "cnnlab.db").write_bytes(b"no database" * 1000)
    assert places() == {"a": (1, 1)}


def test_of_a_workspace_that_is_gone_nothing_is_kept(config, other):
    queue_runs(config, "a")
    with other():
        queue_runs(config, "x")
        home = workplace().home
    assert places()["a"][1] == 2
    assert home in {known for known, _ in all_queues._seen}
    shutil.rmtree(home.root)
    assert places() == {"a": (1, 1)}
    assert home not in {known for known, _ in all_queues._seen}


def test_of_what_has_not_changed_nothing_is_read_again(config, other, monkeypatch):
    queue_runs(config, "a")
    with other():
        queue_runs(config, "x")
    read = []
    reading = all_queues._read
    monkeypatch.setattr(all_queues, "_read", lambda quota: read.append(1) or reading(quota))

    def is_known():
        before = len(read)
        assert len(places()) == 1
        return len(read) == before

    wait_until(is_known)  # what was written just now is read once more
    queue_runs(config, "b")
    before = len(read)
    assert len(places()) == 2
    assert len(read) == before + 1


def test_a_start_of_the_app_has_what_waits_in_any_workspace_served(config, other, monkeypatch):
    asked = []
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", asked.append)
    lab.ensure_supervised()
    assert asked == []
    with other():
        queue_runs(config, "x")
        home = workplace().home
    lab.ensure_supervised()
    assert asked == [home]
