"""What is done in all workspaces, or in the next one that needs it."""

import contextlib
import sqlite3
from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.lab.access.acting import LOCAL, acting, acting_as
from cnnlab.lab.access.register import register
from cnnlab.lab.people.use import list_uses
from cnnlab.lab.upkeep import everywhere
from cnnlab.lab.upkeep.everywhere import (
    in_all_workspaces,
    in_next_workspace,
    of_all_workplaces,
)
from cnnlab.lab.upkeep.health import Health
from cnnlab.lab.upkeep.nodes import view_nodes
from cnnlab.lab.upkeep.numbers import read_numbers
from cnnlab.lab.workplace import workplace
from cnnlab.storage.home import open_home


def test_each_workspace_gets_its_turn_and_none_is_made_for_it(home):
    seen = []
    in_all_workspaces(lambda: seen.append(workplace().home.root))
    assert seen == [home] and not (home / "people.db").exists()
    one = register().workspaces.add("One")
    seen.clear()
    in_all_workspaces(lambda: seen.append(workplace().home.root))
    assert seen == [home, home / "workspaces" / one.id]


def test_what_fails_in_one_is_done_in_the_others_and_told(home):
    titles = [register().workspaces.add(title).id for title in ("One", "Two")]
    done = []

    def task():
        if acting().workspace != titles[1]:
            raise StorageError(f"{acting().workspace} can't be written.")
        done.append(acting().workspace)

    with pytest.raises(StorageError, match="default can't"):
        in_all_workspaces(task)
    assert done == [titles[1]]


def test_a_workspace_that_is_deleted_meanwhile_is_left_out(home, monkeypatch):
    monkeypatch.setattr(everywhere, "workspace_titles", lambda: {"default": "", "a" * 12: ""})
    register()
    seen = []
    in_all_workspaces(lambda: seen.append(workplace().home.root))
    assert seen == [home]

    def missing():
        raise NotFoundError("There is no such thing.")

    with pytest.raises(NotFoundError):
        in_all_workspaces(missing)


def test_what_takes_long_is_done_in_one_workspace_at_a_time(home):
    one = register().workspaces.add("One").id
    done = []

    def task():
        new = acting().workspace not in done
        done.extend([acting().workspace] * new)
        return new

    in_next_workspace(task)
    assert done == ["default"]
    in_next_workspace(task)
    in_next_workspace(task)
    assert done == ["default", one]


def test_what_takes_long_is_done_behind_one_in_which_it_cannot_be(home):
    one = register().workspaces.add("One").id
    done = []

    def task():
        if acting().workspace != one:
            raise StorageError("default can't be written.")
        done.append(one)
        return True

    with pytest.raises(StorageError, match="default can't"):
        in_next_workspace(task)
    assert done == [one]


def test_a_damaged_workspace_is_in_no_other_ones_way(home, damaged):
    assert list(of_all_workplaces(lambda place: place.home.workspace)) == ["default"]
    numbers = read_numbers()
    assert numbers.workspaces == 2 and numbers.runs[Status.QUEUED] == 0
    assert len(view_nodes().nodes) == 1
    assert "supervisor" not in Health().failing()
    default, broken = list_uses()
    assert default.use is not None and (broken.workspace.id, broken.use) == (damaged, None)


def test_what_waits_is_served_though_default_is_damaged(home, monkeypatch):
    asked = []
    monkeypatch.setattr("cnnlab.lab.runs.ensure_supervisor", asked.append)
    one = register().workspaces.add("One").id
    with acting_as(replace(LOCAL, workspace=one)):
        stores = workplace()
        config = {"training": {"device": "auto"}}
        stores.runs.create(Run("1", "1", "d", config, Status.QUEUED, created_at="1"))
    damage(open_home().database)
    lab.ensure_supervised()
    assert asked == [stores.home]
    with acting_as(replace(LOCAL, workspace=one)):
        stores.runs.update("1", status=Status.STOPPED)
    with pytest.raises(StorageError):
        lab.ensure_supervised()


@pytest.fixture
def damaged(home):
    """A workspace whose database can't be read; its id."""
    one = register().workspaces.add("One").id
    damage(open_home(workspace=one).database)
    return one


def damage(database):
    """Put a database in its place that a later version has written."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(database)) as made:
        made.execute("PRAGMA user_version = 999")
        made.execute("CREATE TABLE foreigners (id)")
        made.commit()
