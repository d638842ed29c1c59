"""What is done in all workspaces, or in the next one that needs it."""

import pytest

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.lab.access.acting import acting
from cnnlab.lab.access.register import register
from cnnlab.lab.upkeep import everywhere
from cnnlab.lab.upkeep.everywhere import in_all_workspaces, in_next_workspace
from cnnlab.lab.workplace import workplace


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
