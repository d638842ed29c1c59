"""The laws of a run store, for every implementation (SQLite so far)."""

import threading

import pytest

from cnnlab.domain.errors import NotFoundError, RunStateError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.storage.database import open_database
from cnnlab.storage.runs import RunStore


def _run(name, status=Status.QUEUED, **values):
    return Run(id=name, name=name, dataset="d", config={"a": [1]}, status=status, **values)


class RunStoreContract:
    """What every store must keep; a subclass gives a `store` fixture."""

    def test_a_run_comes_back_as_it_was(self, store):
        run = _run("a", created_at="1", last={"epoch": 1}, sparkline=[0.5])
        store.create(run)
        assert store.load("a") == run

    def test_an_unknown_run_is_named(self, store):
        for call in (store.load, store.delete, lambda run: store.update(run, name="x")):
            with pytest.raises(NotFoundError, match="'nobody'"):
                call("nobody")

    def test_newest_come_first_and_filters_hold(self, store):
        store.create(_run("a", Status.FINISHED, created_at="1"))
        store.create(_run("b", Status.RUNNING, created_at="2"))
        store.create(_run("c", created_at="3"))
        assert [run.id for run in store.list()] == ["c", "b", "a"]
        assert [run.id for run in store.list(Status.RUNNING, Status.QUEUED)] == ["c", "b"]
        assert [run.id for run in store.list(limit=1)] == ["c"]
        assert store.list(dataset="other") == []

    def test_an_update_touches_only_what_it_names(self, store):
        store.create(_run("a"))
        store.update("a", device="CPU")
        assert store.load("a") == _run("a", device="CPU")

    def test_a_run_leaves_the_queue_once_whoever_asks(self, store):
        for number in range(20):
            store.create(_run(str(number)))
        won = []

        def claim():
            for number in range(20):
                if store.update_from(str(number), Status.QUEUED, status=Status.RUNNING):
                    won.append(number)

        threads = [threading.Thread(target=claim) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == list(range(20))

    def test_active_runs_are_not_deleted(self, store):
        store.create(_run("a", Status.RUNNING))
        with pytest.raises(RunStateError, match="stop it before"):
            store.delete("a")
        store.update("a", status=Status.STOPPED)
        store.delete("a")
        assert store.list() == []


class TestSqliteRunStore(RunStoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        engine = open_database(tmp_path / "cnnlab.db")
        yield RunStore(engine)
        engine.dispose()


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "cnnlab.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"cnnlab\.db can't be used"):
        open_database(path)


def test_readers_do_not_wait_for_a_writer(tmp_path):
    engine = open_database(tmp_path / "cnnlab.db")
    store = RunStore(engine)
    store.create(_run("a"))
    with engine.begin() as connection:  # holds the write lock
        connection.exec_driver_sql("UPDATE runs SET name = 'other'")
        assert store.load("a").name == "a"
    engine.dispose()


def test_a_full_disk_is_said_and_what_was_stored_stays(small_disk):
    engine = open_database(small_disk / "cnnlab.db")
    store = RunStore(engine)
    store.create(_run("a"))
    with pytest.raises(StorageError, match="see that the disk has room"):
        for number in range(1000):
            store.create(_run(str(number), sparkline=[0.5] * 1000))
    assert store.load("a") == _run("a")
    engine.dispose()
