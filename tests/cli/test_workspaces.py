"""Accounts and workspaces on the command line."""

import io
import sys

import pytest

from cnnlab.cli import users
from cnnlab.domain.run import Run, Status
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.workplace import workplace
from tests.cli.test_cli import Shell


@pytest.fixture
def shell(home, monkeypatch):
    """Commands; what they read from standard input is a password."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long secret\n" * 9))
    return Shell(home)


def add(shell, name, *words):
    return shell.json("user", "add", name, "--password-stdin", *words)


def test_the_first_account_is_an_admins_who_owns_what_is_there(shell):
    first = add(shell, "Ada", "--email", "ada@example.org")
    assert (first["user"], first["admin"], first["email"]) == ("Ada", True, "ada@example.org")
    assert (first["workspace"], first["role"]) == ("default", "owner")
    second = add(shell, "Bo")
    assert (second["admin"], second["title"], second["role"]) == (False, "Bo", "owner")
    listed = shell.json("user", "list")["users"]
    assert [each["user"] for each in listed] == ["Ada", "Bo"]
    assert "secret" not in shell("user", "list").stdout
    assert register().accounts.check("ada", "a long secret").name == "Ada"


def test_a_password_is_asked_for_on_a_terminal_only(shell, monkeypatch):
    assert "--password-stdin" in shell.refuse("user", "add", "Ada")
    asked = iter(["one secret", "another secret", "a long secret", "a long secret"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(users.getpass, "getpass", lambda words: next(asked))
    assert "aren't the same" in shell.refuse("user", "add", "Ada")
    assert register().accounts.all() == []
    shell("user", "add", "Ada")
    assert register().accounts.check("Ada", "a long secret")


def test_somebody_whom_a_proxy_knows_has_no_password(shell):
    shell("user", "add", "Ada", "--without-password")
    assert register().accounts.check("Ada", "") is None


def test_an_account_is_changed_by_its_name(shell):
    add(shell, "Ada"), add(shell, "Bo")
    assert shell.json("user", "admin", "Bo")["admin"] is True
    assert shell.json("user", "disable", "ada")["disabled"] is True
    assert "last admin" in shell("user", "admin", "bo", "--undo", code=1).stderr
    assert shell.json("user", "disable", "Ada", "--undo")["disabled"] is False
    sys.stdin = io.StringIO("another secret\n")
    shell("user", "password", "ada", "--password-stdin")
    assert shell.json("user", "email", "ada", "ada@uni.example")["email"] == "ada@uni.example"
    assert register().accounts.check("Ada", "another secret")
    assert "Nobody is called 'Cy'" in shell.refuse("user", "disable", "Cy")
    assert "user list" in shell.refuse("user", "admin", "Cy")


def test_a_workspace_has_members_and_a_quota(shell):
    made = shell.json("workspace", "add", "Group 1")
    add(shell, "Ada"), add(shell, "Bo", "--workspace", "group 1", "--role", "viewer")
    members = shell.json("workspace", "members", "Group 1", "--add", "ada", "--role", "owner")
    assert members["members"] == [
        {"user": "Ada", "role": "owner"},
        {"user": "Bo", "role": "viewer"},
    ]
    gone = shell.json("workspace", "members", made["workspace"], "--remove", "Bo")
    assert gone["members"] == [{"user": "Ada", "role": "owner"}]
    limits = ("--disk-gb", "1.5", "--queued-runs", "4", "--hours-a-day", "2")
    quota = shell.json("workspace", "quota", "Group 1", *limits)["quota"]
    assert quota == {
        "disk_bytes": 1_500_000_000, "queued_runs": 4, "running_runs": None, "hours_a_day": 2,
    }  # fmt: skip
    shell("workspace", "quota", "Group 1", "--disk-gb", "none", "--queued-runs", "0")
    (_, listed) = shell.json("workspace", "list")["workspaces"]
    assert (listed["title"], listed["quota"]["disk_bytes"]) == ("Group 1", None)
    assert listed["quota"]["queued_runs"] == 0 and listed["quota"]["hours_a_day"] == 2
    assert "disk_bytes must be 0 or more" in shell.refuse(
        "workspace", "quota", "Group 1", "--disk-gb=-1"
    )
    assert "invalid number" in shell.refuse("workspace", "quota", "Group 1", "--disk-gb", "much")


def test_every_command_is_done_in_the_workspace_that_is_named(shell, upload):
    shell("workspace", "add", "One")
    one = shell.json("--workspace", "One", "import", upload, "--name", "Mine")
    assert shell.json("datasets")["datasets"] == []
    (listed,) = shell.json("--workspace", "one", "datasets")["datasets"]
    assert listed["dataset"] == one["dataset"]
    foreign = shell.refuse("delete-dataset", one["dataset"])
    missing = shell.refuse("delete-dataset", "nothing")
    assert foreign == missing.replace("nothing", one["dataset"])
    shell("--workspace", "One", "delete-dataset", one["dataset"])


def test_a_workspace_that_is_not_there_is_refused(shell):
    assert "No workspace is called 'One'" in shell.refuse("--workspace", "One", "datasets")
    assert not (shell.home / "people.db").exists()
    shell("workspace", "add", "Two")
    assert "No workspace is called 'One'" in shell.refuse("--workspace", "One", "datasets")
    assert "No workspace is called '../x'" in shell.refuse("--workspace", "../x", "runs")


def test_a_deleted_workspace_takes_its_data_along_but_no_run_at_work(shell, upload):
    made = shell.json("workspace", "add", "One")
    folder = shell.home / "workspaces" / made["workspace"]
    shell("--workspace", "One", "import", upload)
    assert (folder / "datasets").is_dir()
    assert "stays" in shell.refuse("workspace", "delete", "default")
    with acting_as(local_in("One")):
        runs = workplace().runs
        runs.create(Run("r", "r", "d", {}, Status.QUEUED))
        refused = shell("workspace", "delete", "one", code=1).stderr
        assert "1 run of the workspace 'One'" in refused and "stop" in refused
        runs.update("r", status=Status.STOPPED)
    assert shell.json("workspace", "delete", "one")["deleted"] is True
    assert not folder.exists()
    assert "No workspace" in shell.refuse("--workspace", "One", "datasets")
    assert len(shell.json("workspace", "list")["workspaces"]) == 1
