"""An index that is gone, empty or lists nothing comes back by itself; a foreign one is left."""

import functools
import logging
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from cnnlab.domain.errors import ForeignDatabaseError, StorageError
from cnnlab.domain.run import Status
from cnnlab.domain.study import Study
from cnnlab.files import take_lock
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.index.rebuild import ensure_index, open_index, rebuild_index
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.studies import StudyStore
from tests.storage.index.test_rebuild import Place
from tests.storage.together import in_processes

WORDS = "The index was lost and is made again from the folders: 1 dataset, 3 runs (3 finished), 0 "


def filled(root, database=(None, "")):
    """A home with a dataset and three runs; nothing has it open."""
    place = Place(root / "home", database)
    place.add_dataset()
    for name in ("a", "b", "c"):
        place.add_run(name, status=Status.FINISHED)
        place.train(name).result.write_text('{"status": "finished"}')
    place.engine.dispose()
    return place


def listed(home, address=""):
    """What an opened index lists."""
    engine = open_index(home, address)
    found = [run.id for run in RunStore(engine).list()], len(DatasetStore(home, engine).list())
    engine.dispose()
    return sorted(found[0]), found[1]


ALL = (["a", "b", "c"], 1)


def _delete(path):
    path.unlink()


def _empty(path):
    path.write_bytes(b"")


def _forget(path):
    connection = sqlite3.connect(path)
    for table in ("runs", "datasets", "studies"):
        connection.execute(f"DELETE FROM {table}")
    connection.commit()
    connection.close()


def _forget_runs(path):
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM runs")
    connection.commit()
    connection.close()


def _drop(path):
    """A SQLite file without a table, as after `VACUUM` of an empty one."""
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    connection.close()


def _old_and_empty(path):
    """What an earlier version made where it found none."""
    path.unlink()
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE datasets (id VARCHAR, name VARCHAR, created_at VARCHAR, summary JSON);"
        "CREATE TABLE runs (id VARCHAR, name VARCHAR, dataset VARCHAR, config JSON, status VARCHAR,"
        "attempt INTEGER, created_at VARCHAR, started_at VARCHAR, ended_at VARCHAR, device VARCHAR,"
        "message VARCHAR, best_epoch INTEGER, last JSON, best JSON, sparkline JSON);"
    )
    connection.close()


@pytest.mark.parametrize("lose", [_delete, _empty, _forget, _drop, _old_and_empty])
def test_a_lost_index_comes_back_with_a_word(tmp_path, caplog, lose):
    place = filled(tmp_path)
    lose(place.home.database)
    assert listed(place.home) == ALL
    assert [text for text in caplog.messages if text.startswith("The index was lost")] == [
        f"{WORDS}studies."
    ]
    assert place.home.page_note.read_text() == f"{WORDS}studies."
    caplog.clear()
    assert listed(place.home) == ALL
    assert caplog.messages == []


def test_a_table_that_was_emptied_is_filled_alone(tmp_path, caplog):
    place = filled(tmp_path)
    _forget_runs(place.home.database)
    assert listed(place.home) == ALL
    assert "0 datasets, 3 runs (3 finished), 0 studies" in caplog.messages[0]


def test_a_write_ahead_log_without_its_file_is_of_no_consequence(tmp_path):
    place = filled(tmp_path)
    place.open()
    place.add_run("d", status=Status.STOPPED)
    place.home.database.unlink()  # as `rm cnnlab.db` does while the app has it open
    assert listed(place.home) == (["a", "b", "c", "d"], 1)
    place.engine.dispose()
    assert listed(place.home) == (["a", "b", "c", "d"], 1)


@pytest.mark.parametrize("lose", [_delete, _empty])
def test_who_has_it_open_goes_over_to_the_new_one(tmp_path, lose):
    place = filled(tmp_path)
    place.open()
    assert len(place.runs.list()) == 3
    lose(place.home.database)
    ensure_index(place.home, "")
    assert len(place.runs.list()) == 3
    place.runs.update("a", name="seen by all")
    engine = open_index(place.home, "")
    assert RunStore(engine).load("a").name == "seen by all"
    engine.dispose()
    place.engine.dispose()


@pytest.mark.parametrize("kind", ["datasets", "runs", "studies"])
def test_what_is_deleted_is_not_taken_for_lost_meanwhile(tmp_path, monkeypatch, kind):
    place = filled(tmp_path)
    place.open()
    studies = StudyStore(place.home, place.engine)
    studies.create(Study("s", "S", "signs-1", {}, (), (0,), created_at="2026"))
    rename = Path.rename

    def open_then_rename(path, target):
        """Somebody opens the home in between."""
        open_index(place.home, "").dispose()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", open_then_rename)
    store = {"datasets": place.datasets, "runs": place.runs, "studies": studies}[kind]
    for one in store.list():
        store.delete(one.id)
    assert store.list() == []
    assert list((place.home.root / kind).iterdir()) == []
    assert not place.home.page_note.exists()
    place.engine.dispose()


def test_what_the_database_does_not_let_go_keeps_its_folder(tmp_path):
    place = filled(tmp_path)
    place.open()

    @event.listens_for(place.engine, "commit")
    def fail(_):
        assert not place.home.dataset("signs-1").exists()
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        place.datasets.delete("signs-1")
    place.engine.dispose()
    assert listed(place.home) == ALL
    assert (place.home.dataset("signs-1") / "dataset.json").exists()


def test_a_new_home_has_nothing_to_say(tmp_path, caplog):
    place = Place(tmp_path / "home", (None, ""))
    place.engine.dispose()
    place.home.database.unlink()
    caplog.set_level(logging.WARNING)
    assert listed(place.home) == ([], 0)
    (place.home.runs / "not-a-run").mkdir()
    assert listed(place.home) == ([], 0)
    assert caplog.messages == [] and not place.home.page_note.exists()


def test_a_run_that_lives_is_listed_as_running(tmp_path):
    place = filled(tmp_path)
    place.open()
    attempt = place.train(place.add_run("d", status=Status.RUNNING), [0.5])
    lock = take_lock(attempt.lock)
    supervisor = take_lock(place.home.supervisor_lock)  # it needn't be ended
    place.home.database.unlink()
    ensure_index(place.home, "")
    assert place.runs.load("d").status is Status.RUNNING
    os.close(lock)
    os.close(supervisor)
    place.engine.dispose()


@pytest.mark.parametrize("damage", ["foreign", "later", "text"])
def test_nothing_is_made_again_in_the_place_of_what_may_be_somebodys(tmp_path, caplog, damage):
    place = filled(tmp_path)
    path = place.home.database
    if damage == "text":
        path.write_bytes(b"not a database" * 400)
    else:
        connection = sqlite3.connect(path)
        pragma = {"foreign": "application_id=1196444487", "later": "user_version=99"}[damage]
        connection.execute(f"PRAGMA {pragma}")
        _forget(path)
        connection.close()
    before = path.read_bytes()
    with pytest.raises(StorageError):
        open_index(place.home, "")
    if damage != "text":  # that is what the command is for
        with pytest.raises(ForeignDatabaseError, match="Nothing was changed"):
            rebuild_index(place.home, "")
    assert path.read_bytes() == before
    assert caplog.messages == []


def test_a_home_whose_note_cannot_be_written_is_opened_all_the_same(tmp_path, caplog):
    place = filled(tmp_path)
    place.home.page_note.mkdir()
    place.home.database.unlink()
    assert listed(place.home) == ALL
    assert "Can't use" in caplog.messages[-1]


def _open_lost(root, number, meet):
    for turn in range(3):
        home = Home(root / str(turn) / "home")
        meet()
        engine = open_index(home, "")
        RunStore(engine, home).create(Place.run(f"new-{number}"))
        engine.dispose()


def test_four_that_find_it_lost_at_once_all_work(tmp_path):
    for turn in range(3):
        (tmp_path / str(turn)).mkdir()
        place = filled(tmp_path / str(turn))
        (_delete, _empty, _forget)[turn](place.home.database)
    in_processes(4, functools.partial(_open_lost, tmp_path))
    for turn in range(3):
        runs, datasets = listed(Home(tmp_path / str(turn) / "home"))
        assert runs == ["a", "b", "c", "new-0", "new-1", "new-2", "new-3"]
        assert datasets == 1


def test_rows_that_postgresql_lost_come_back(tmp_path, postgresql):
    place = filled(tmp_path, postgresql)
    place.open()
    place.forget()
    assert listed(place.home, place.address) == ALL
    with place.engine.begin() as connection:
        for table in ("runs", "datasets", "studies", "versions", "alembic_version"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    assert listed(place.home, place.address) == ALL
    shutil.rmtree(place.home.runs / "b")
    place.forget()
    assert listed(place.home, place.address) == (["a", "c"], 1)
    place.engine.dispose()
