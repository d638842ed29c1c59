"""The queue as users see and move it."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.lab.queue.all_queues import starts_of
from cnnlab.lab.workplace import workplace
from tests.made_runs import epoch_record, made_run, no_supervisor


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id, "training": {"epochs": 10}})


def trains(config):
    """A run after its third epoch, each of which took 5 s."""
    run = made_run(config)
    record = epoch_record(2, seconds=4.0, evaluation_seconds=1.0)
    workplace().runs.update(run.id, last=record)
    return run


def waiting(queue):
    return [one.run.id for one in queue.waiting]


def test_the_queue_says_what_trains_and_what_waits_with_times_of_runs_alike(config, monkeypatch):
    monkeypatch.setattr(
        "cnnlab.lab.queue.all_queues.as_it_is", lambda run: run
    )  # no worker holds its lock
    running = trains(config)
    runs = [lab.launch_run(config) for _ in range(2)]
    other = lab.launch_run(config.model_copy(update={"image": config.image.model_copy(
        update={"size": 8})}))  # fmt: skip
    queue = lab.view_queue()
    [one] = queue.running
    assert (one.run.id, one.place, one.seconds) == (running.id, None, 35)
    assert waiting(queue) == [*(run.id for run in runs), other.id]
    told = [(each.place, each.starts_in_seconds, each.seconds) for each in queue.waiting]
    assert told == [(1, 35, 50), (2, 85, 50), (3, 135, None)]


def test_moving_is_what_the_supervisor_serves_and_places_say(config):
    a, b, c = (lab.launch_run(config).id for _ in range(3))
    lab.run_next(c)
    assert waiting(lab.view_queue()) == [c, a, b]
    lab.move_in_queue(c, 1)
    assert waiting(lab.view_queue()) == [a, c, b] == [run.id for run in workplace().runs.queued()]
    assert lab.queue_place(lab.load_run(c)).place == 2


def test_a_step_is_from_where_a_run_stands_and_ends_at_either_end(config):
    a, b, c = (lab.launch_run(config).id for _ in range(3))
    for run, step, order in ((b, -1, [b, a, c]), (b, -1, [b, a, c]), (b, 9, [a, c, b]),
                             (a, 1, [c, a, b]), (b, -9, [b, c, a])):  # fmt: skip
        lab.move_in_queue(run, step)
        assert waiting(lab.view_queue()) == order


def test_the_order_outlives_the_database(config):
    a, b = (lab.launch_run(config).id for _ in range(2))
    lab.run_next(b)
    lab.rebuild_index()
    assert waiting(lab.view_queue()) == [b, a]


def test_who_was_stopped_and_resumed_waits_as_it_came(config):
    a, b = (lab.launch_run(config).id for _ in range(2))
    lab.run_next(b)
    lab.cancel_waiting(b)
    lab.resume_run(b)
    assert waiting(lab.view_queue()) == [a, b]


@pytest.mark.parametrize(
    "act", [lambda run: lab.move_in_queue(run, 1), lab.run_next, lab.cancel_waiting]
)
def test_only_what_waits_is_moved_or_cancelled(config, act):
    run = made_run(config, status=Status.FINISHED).id
    with pytest.raises(RunStateError, match="is finished: only one that waits"):
        act(run)
    with pytest.raises(NotFoundError):
        act("nobody")
    waits = lab.launch_run(config).id
    act(waits)
    assert lab.load_run(run).status is Status.FINISHED


def test_a_run_that_began_meanwhile_is_not_cancelled(config):
    run = lab.launch_run(config).id
    workplace().runs.update(run, status=Status.RUNNING)
    with pytest.raises(RunStateError):
        lab.cancel_waiting(run)
    assert workplace().runs.load(run).status is Status.RUNNING


def test_times_are_told_as_far_as_they_are_known():
    def starts(running, waiting):
        return starts_of([("a", one) for one in running], [("a", one) for one in waiting], {})

    assert starts([], [3, 4]) == [0, 3]
    assert starts([10, 4], [5, 5, 5]) == [4, 9, 10]
    assert starts([None], [5]) == [None]
    assert starts([2], [None, 5]) == [2, None]


def test_a_workspace_that_may_not_train_more_at_once_waits_for_its_own_runs():
    running, most = [("a", 10.0), ("b", 4.0)], {"a": 1, "b": None}
    assert starts_of(running, [("a", 5.0), ("b", 5.0), ("a", 1.0)], most) == [10, 4, 15]
