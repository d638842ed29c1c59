"""A workspace that is deleted leaves nothing behind, on either database."""

import contextlib
import shutil
import sqlite3

import pytest
from sqlalchemy import inspect

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ForeignDatabaseError, NotFoundError, RunStateError, StorageError
from cnnlab.files import wait_for_lock
from cnnlab.lab import workplace as lab_workplace
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.access.workspaces import delete_workspace
from cnnlab.lab.upkeep.everywhere import in_all_workspaces
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import writing
from cnnlab.storage.people.workspaces import Workspaces
from cnnlab.storage.searches import SearchStore
from cnnlab.storage.space import leftovers
from tests.made_runs import no_supervisor


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_deleted_workspace_is_gone_and_the_others_are_not(home, kind, request, monkeypatch):
    if kind == "postgresql":
        address = request.getfixturevalue("postgresql")[1]
        monkeypatch.setenv("CNNLAB_DATABASE", address)
    one, other = (register().workspaces.add(title).id for title in ("One", "Other"))
    for workspace in (one, other):
        with acting_as(local_in(workspace)):
            assert lab.list_runs() == []
    engine = workplace().runs.engine
    delete_workspace("one")
    assert [each.name for each in (home / "workspaces").iterdir()] == [other]
    if kind == "postgresql":
        schemas = inspect(engine).get_schema_names()
        assert f"cnnlab_{one}" not in schemas and f"cnnlab_{other}" in schemas
    with acting_as(local_in("Other")):
        assert lab.list_runs() == []
    with pytest.raises(NotFoundError):
        local_in("One")


@pytest.fixture
def one(home):
    """A workspace that holds nothing yet; its id."""
    made = register().workspaces.add("One").id
    with acting_as(local_in("One")):
        workplace()
    return made


def test_nobody_makes_it_anew_while_its_files_are_deleted(home, one, monkeypatch):
    delete, looked = shutil.rmtree, []

    def slow(folder, **options):
        in_all_workspaces(lambda: looked.append(workplace().home.workspace))
        delete(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", slow)
    delete_workspace("One")
    assert set(looked) == {"default"}
    assert not any((home / "workspaces").iterdir())


def test_who_looks_in_just_before_it_is_unlisted_leaves_nothing(home, one, monkeypatch):
    unlist = Workspaces.delete

    def late(self, workspace):
        in_all_workspaces(workplace)
        assert (home / "workspaces" / one).exists()
        unlist(self, workspace)

    monkeypatch.setattr(Workspaces, "delete", late)
    delete_workspace("One")
    assert not any((home / "workspaces").iterdir())


def test_one_that_cannot_be_unlisted_is_still_whole(home, one, upload, monkeypatch):
    def refuse(self, workspace):
        in_all_workspaces(workplace)
        raise StorageError("The register can't be written.")

    with acting_as(local_in("One")):
        lab.import_dataset(upload, name="Theirs")
    monkeypatch.setattr(Workspaces, "delete", refuse)
    with pytest.raises(StorageError, match="register"):
        delete_workspace("One")
    with acting_as(local_in("One")):
        assert [each.name for each in lab.list_datasets()] == ["Theirs"]


def test_on_a_storage_of_its_own_both_folders_go(home, tmp_path, monkeypatch):
    storage = tmp_path / "seen-by-all"
    monkeypatch.setenv("CNNLAB_STORAGE", str(storage))
    register().workspaces.add("One")
    with acting_as(local_in("One")):
        assert workplace().home.database.is_file()
    delete_workspace("One")
    for place in (home, storage):
        assert not any((place / "workspaces").iterdir())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_one_whose_database_is_damaged_is_gone(home, kind, request, monkeypatch, upload):
    if kind == "postgresql":
        monkeypatch.setenv("CNNLAB_DATABASE", request.getfixturevalue("postgresql")[1])
    no_supervisor(monkeypatch)
    made = register().workspaces.add("One").id
    with acting_as(local_in("One")):
        stores = workplace()
        data = lab.import_dataset(upload, name="Theirs")
        run = lab.launch_run(load_config({"dataset": data.id}))
        damage(stores)
        monkeypatch.setattr(lab_workplace, "_known", {})
        with pytest.raises(StorageError, match="database"):
            workplace()
    attempt = Attempt(stores.home.attempt(run.id, 1))
    attempt.folder.mkdir(parents=True)
    with wait_for_lock(attempt.lock), pytest.raises(RunStateError, match="worker is still busy"):
        delete_workspace("One")
    assert main(["workspace", "delete", "One"]) == 0
    assert not any((home / "workspaces").iterdir())
    assert [each.title for each in register().workspaces.all()] == ["default"]
    if kind == "postgresql":
        assert f"cnnlab_{made}" not in inspect(workplace().runs.engine).get_schema_names()


def damage(stores):
    """Have the database of a workspace be one that nobody can open."""
    engine = stores.runs.engine
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.exec_driver_sql("DROP TABLE studies")
    engine.dispose()
    if engine.dialect.name == "sqlite":
        for file in stores.home.root.glob("cnnlab.db-*"):
            file.unlink()
        stores.home.database.write_bytes(b"no database" * 500)


def test_one_whose_database_cant_be_reached_at_the_moment_stays(home, one, monkeypatch):
    monkeypatch.setattr("cnnlab.storage.index.sqlite._BUSY_SECONDS", 0.1)
    with acting_as(local_in("One")):
        workplace().runs.engine.dispose()
    monkeypatch.setattr(lab_workplace, "_known", {})
    database = home / "workspaces" / one / "cnnlab.db"
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="can't be used: database is locked"):
            delete_workspace("One")
    assert database.exists()
    assert "One" in [each.title for each in register().workspaces.all()]


def test_one_of_a_later_version_stays(home, one, monkeypatch):
    database = home / "workspaces" / one / "cnnlab.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    monkeypatch.setattr(lab_workplace, "_known", {})
    with pytest.raises(ForeignDatabaseError):
        delete_workspace("One")
    assert database.exists()


def test_one_in_which_something_goes_on_stays(home, one, upload, monkeypatch):
    no_supervisor(monkeypatch)
    with acting_as(local_in("One")):
        content = upload.read_bytes()
        token = lab.begin_upload("few.zip", len(content))
        lab.append_chunk(token, 0, content)
        lab.start_import(token, name="Theirs")
    with pytest.raises(RunStateError, match="Other work"):
        delete_workspace("One")
    monkeypatch.setattr(SearchStore, "due", lambda self: ["s"])
    with pytest.raises(RunStateError, match="1 search of the workspace 'One'"):
        delete_workspace("One")
    with acting_as(local_in("One")):
        assert workplace().home.uploads.exists()


def test_what_a_kill_left_of_it_is_tidied_up(home, monkeypatch):
    left = open_home().workspaces / ".trash-abcdefghijkl-0123"
    (left / "runs").mkdir(parents=True)
    leftovers.remove_leftovers(open_home())
    assert left.exists()  # it may come back into sight
    monkeypatch.setattr(leftovers, "AGAIN_SECONDS", -1)
    leftovers.remove_leftovers(open_home())
    assert not left.exists()
