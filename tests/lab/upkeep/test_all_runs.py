"""All runs of all workspaces: told to admins, moved and stopped by them, named to nobody."""

from dataclasses import replace

import pytest

from cnnlab.domain.errors import NotAllowedError, NotFoundError
from cnnlab.domain.people.person import Person
from cnnlab.domain.people.workspace import Quota
from cnnlab.domain.run import Status
from cnnlab.lab.access.acting import LOCAL, acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep.all_runs import move_any, stop_any, view_all_runs
from cnnlab.lab.workplace import workplace
from tests.made_queues import queue_runs, queued_config


@pytest.fixture
def config(dataset, monkeypatch):
    return queued_config(dataset, monkeypatch)


@pytest.fixture
def other(config):
    """Id of another workspace, in which two runs wait and one trains."""
    made = register().workspaces.add("Group 1").id
    with acting_as(local_in(made)):
        queue_runs(config, "t", status=Status.RUNNING)
        queue_runs(config, "x", "y")
    return made


def test_an_admin_sees_all_and_names_of_their_own_alone(config, other):
    queue_runs(config, "a")
    found = view_all_runs()
    assert [(one.run, one.title, one.name) for one in found.running] == [("t", "Group 1", "")]
    waiting = {one.run: (one.title, one.name) for one in found.waiting}
    assert waiting == {"a": ("default", "secret a"), "x": ("Group 1", ""), "y": ("Group 1", "")}
    assert [one.place for one in found.waiting] == [1, 2, 3]
    of_own = {one.run: (one.place_in_own, one.of_own) for one in found.waiting}
    assert of_own == {"a": (1, 1), "x": (1, 2), "y": (2, 2)}
    with acting_as(replace(LOCAL, workspace="")):  # an admin who is in none
        assert {one.name for one in view_all_runs().waiting} == {""}


def test_why_one_waits_is_told(config, other):
    register().workspaces.set_quota(other, Quota(hours_a_day=0))
    held = {one.run: bool(one.held_by) for one in view_all_runs().waiting}
    assert held == {"x": True, "y": True}


def test_an_admin_moves_and_stops_what_is_foreign(config, other):
    def order():
        return [one.run for one in view_all_runs().waiting]

    move_any("y", other, -1)
    assert order() == ["y", "x"]
    move_any("y", other, 1)
    assert order() == ["x", "y"]
    queue_runs(config, "a")
    assert order() == ["a", "x", "y"]
    move_any("y", other, 0)  # though its workspace trains one already
    assert order() == ["y", "a", "x"]
    stop_any("y", other)
    assert order() == ["x", "a"]
    with acting_as(local_in(other)):
        assert workplace().runs.load("y").status is Status.STOPPED


def test_what_is_not_there_is_said(config, other):
    with pytest.raises(NotFoundError):
        stop_any("x", "default")
    with pytest.raises(NotFoundError):
        move_any("x", "a" * 12, 1)


def test_nobody_else_may(config, other):
    somebody = replace(LOCAL, person=Person("x", "Ben", is_admin=False))
    with acting_as(somebody):
        for act in (view_all_runs, lambda: stop_any("x", other), lambda: move_any("x", other, 0)):
            with pytest.raises(NotAllowedError):
                act()
    assert [one.run for one in view_all_runs().waiting] == ["x", "y"]
