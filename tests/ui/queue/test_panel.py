"""The queue on its pages: seen, moved, cancelled."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.workspace import Quota
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.workplace import workplace
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def waiting(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id})
    return [lab.launch_run(config, name=name).id for name in ("one", "two", "three")]


def names():
    return [run.name for run in workplace().runs.queued()]


def test_a_waiting_runs_page_shows_the_queue_and_moves_it(waiting):
    one, two, three = waiting
    app = open_page("runs", run=three)
    assert "three**, this run" in words(app)
    assert app.button(key=f"queue_down_{three}").disabled
    app.button(key=f"queue_next_{three}").click().run()
    assert names() == ["three", "one", "two"]
    app.button(key=f"queue_down_{three}").click().run()
    app.button(key=f"queue_up_{two}").click().run()
    assert names() == ["one", "two", "three"]
    app.button(key=f"queue_cancel_{one}").click().run()
    assert lab.load_run(one).status is Status.STOPPED
    assert names() == ["two", "three"] and errors(app) == []


def test_up_never_moves_a_run_down_however_old_the_page_is(waiting):
    one, two, three = waiting
    app = open_page("runs", run=three)
    lab.run_next(three)  # in another tab
    app.button(key=f"queue_up_{three}").click().run()
    assert names() == ["three", "one", "two"]


def test_what_began_meanwhile_is_said_and_left_alone(waiting):
    app = open_page("runs", run=waiting[2])
    workplace().runs.update(waiting[0], status=Status.FINISHED)
    app.button(key=f"queue_cancel_{waiting[0]}").click().run()
    assert "is finished: only one that waits is cancelled here" in errors(app)[0]


def test_a_queue_that_can_not_be_read_is_said_in_its_place(waiting, monkeypatch):
    def refuse():
        raise StorageError("The disk is gone.")

    monkeypatch.setattr(lab, "view_queue", refuse)
    app = open_page("runs", run=waiting[0])
    assert errors(app) == ["The disk is gone."]
    assert "stop_run" in {button.key for button in app.button}


def test_the_page_of_all_runs_has_it_folded_while_anything_waits(waiting):
    labels = [one.label for one in open_page("runs").expander]
    assert "Queue: what trains, what waits" in labels
    for run in waiting:
        lab.stop_run(run)
    assert "Queue: what trains, what waits" not in [one.label for one in open_page("runs").expander]


def test_a_run_that_ended_has_no_queue(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)
    app = open_page("runs", run=run.id)
    assert "Queue" not in [one.label for one in app.expander]


def test_of_other_workspaces_a_page_tells_how_many_and_no_name(waiting):
    other = register().workspaces.add("Other").id
    run = workplace().runs.load(waiting[0])
    with acting_as(local_in(other)):
        workplace().runs.create(replace(run, id="foreign", name="secret"))
    app = open_page("runs", run=waiting[2])
    said = words(app)
    assert "In other workspaces 0 runs train and 1 wait." in said
    assert "of 4, starts" in said and "secret" not in said


def test_a_workspace_without_hours_says_why_nothing_starts(waiting):
    register().workspaces.set_quota("default", Quota(hours_a_day=0))
    app = open_page("runs", run=waiting[0])
    assert "goes on at midnight (UTC)" in words(app)
