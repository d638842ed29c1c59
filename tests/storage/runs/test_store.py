"""The laws of a run store, on every database."""

import dataclasses
import functools
import os
import stat

import pytest
from sqlalchemy.exc import StatementError

from cnnlab.domain.errors import NotFoundError, RunStateError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.index.schema import runs
from cnnlab.storage.runs.store import RunStore
from tests.storage.together import in_processes, in_threads

CLAIMED = 40


def _run(name, status=Status.QUEUED, **values):
    return Run(id=name, name=name, dataset="d", config={"a": [1]}, status=status, **values)


def _claim(database, number, meet):
    """Names of the runs that this claimer got off the queue."""
    engine = open_database(*database)
    store = RunStore(engine)
    meet()
    names = [str(name) for name in range(CLAIMED)]
    mine = {"status": Status.RUNNING, "device": str(number)}
    won = [name for name in names if store.update_from(name, Status.QUEUED, **mine)]
    engine.dispose()
    return won


class RunStoreContract:
    """What every store must keep; a subclass gives a `database` fixture."""

    @pytest.fixture
    def store(self, database):
        engine = open_database(*database)
        yield RunStore(engine)
        engine.dispose()

    def test_a_run_comes_back_as_it_was(self, store):
        full = _run(
            "a", Status.STOPPED, attempt=3, created_at="1", started_at="2", ended_at="3",
            device="GPU", message="'; DROP TABLE runs; --", best_epoch=0, lost_workers=2,
            last={"epoch": 1, "val_accuracy": 0.1 + 0.2, "loss": None}, best={"é": ["\u0000", {}]},
            sparkline=[0.5, 1, 1e-300], origin={"run": "b", "epoch": 4}, changed_by_hand=True,
        )  # fmt: skip
        for run in (full, dataclasses.replace(full, id="b", origin=None, changed_by_hand=False)):
            store.create(run)
            loaded = store.load(run.id)
            assert loaded == run
            assert loaded.changed_by_hand is run.changed_by_hand
            assert isinstance(loaded.status, Status)
            assert [type(value) for value in loaded.sparkline] == [float, int, float]

    def test_the_last_attempts_are_those_of_runs_with_a_status_the_newest_first(self, store):
        for run, status in (("a", Status.FINISHED), ("b", Status.STOPPED), ("c", Status.FAILED)):
            store.create(_run(run, status, attempt=ord(run), created_at=run))
        assert [*store.attempts(Status.FINISHED, Status.STOPPED).items()] == [("b", 98), ("a", 97)]

    def test_runs_of_a_study_are_told_from_the_others(self, store):
        for name, study in (("a", None), ("b", "s"), ("c", "t")):
            store.create(_run(name, study=study, arm=study and "dropout"))
        assert [run.id for run in store.list(alone=True)] == ["a"]
        assert [(run.id, run.arm) for run in store.list(study="s")] == [("b", "dropout")]
        assert len(store.list()) == 3

    def test_what_json_does_not_know_is_refused(self, store):
        with pytest.raises((StatementError, ValueError), match="not JSON compliant"):
            store.create(_run("a", sparkline=[float("nan")]))
        assert store.list() == []

    def test_an_unknown_run_is_named(self, store):
        for call in (store.load, store.delete, lambda run: store.update(run, name="x")):
            with pytest.raises(NotFoundError, match="'nobody'"):
                call("nobody")

    def test_an_id_is_never_used_twice(self, store):
        store.create(_run("a", message="first"))
        with pytest.raises(StorageError, match="can't be used"):
            store.create(_run("a", message="second"))
        assert store.load("a").message == "first"

    def test_newest_come_first_and_filters_hold(self, store):
        store.create(_run("a", Status.FINISHED, created_at="1"))
        store.create(_run("b", Status.RUNNING, created_at="2"))
        store.create(_run("c", created_at="3"))
        assert [run.id for run in store.list()] == ["c", "b", "a"]
        assert [run.id for run in store.list(Status.RUNNING, Status.QUEUED)] == ["c", "b"]
        assert [run.id for run in store.list(limit=1)] == ["c"]
        assert store.list(dataset="other") == []

    def test_order_does_not_depend_on_the_language_of_the_server(self, store):
        names = ["B", "a", "a-b", "aa", "ä", "Z"]
        for name in names:
            store.create(_run(name))
        assert [run.id for run in store.list()] == sorted(names, reverse=True)

    def test_an_update_touches_only_what_it_names(self, store):
        store.create(_run("a"))
        before = store.load("a")
        store.update("a", device="CPU")
        assert store.load("a") == _run("a", device="CPU")
        assert before == _run("a")

    def test_several_are_updated_at_once_each_with_its_own(self, store):
        for name in "ab":
            store.create(_run(name))
        store.update_each({"a": {"starred": True}, "gone": {"note": "x"}, "b": {"device": "CPU"}})
        assert store.load("a") == _run("a", starred=True)
        assert store.load("b") == _run("b", device="CPU")

    def test_more_are_loaded_than_a_query_can_name(self, store):
        store.create(_run("a"))
        store.create(_run("b"))
        many = ["b", *(f"gone {number}" for number in range(70_000)), "a"]
        assert [run.id for run in store.load_all(many)] == ["b", "a"]

    def test_the_queue_is_first_come_first_served(self, store):
        for name, at in (("c", "2026-01-01"), ("b", "2026-01-02"), ("a", "2026-01-02")):
            store.create(_run(name, created_at=at))
        store.create(_run("d", Status.RUNNING))
        assert store.queue() == ["c", "a", "b"] == [run.id for run in store.queued()]

    @pytest.mark.parametrize(
        ("moves", "order"),
        [
            ([("d", 0)], "dabc"),
            ([("d", 0), ("c", 0)], "cdab"),
            ([("d", 0), ("a", 9)], "dbca"),
            ([("b", 2)], "acbd"),
            ([("b", 2), ("b", 1)], "abcd"),
            ([("c", 1), ("a", 3), ("c", 1)], "bcda"),
            ([("a", 0)], "abcd"),
        ],
    )
    def test_who_waits_is_moved_and_who_comes_later_waits_behind(self, store, moves, order):
        for number, name in enumerate("abcd"):
            store.create(_run(name, created_at=str(number)))
        store.create(_run("r", Status.RUNNING, created_at="0"))
        for run, place in moves:
            assert store.move_in_queue(run, place)
        assert "".join(store.queue()) == order
        assert [run.id for run in store.queued()] == [*order]
        store.create(_run("e", created_at="9"))
        assert "".join(store.queue()) == f"{order}e"
        assert not store.move_in_queue("r", 0)
        assert not store.move_in_queue("nobody", 0)
        assert store.load("r") == _run("r", Status.RUNNING, created_at="0")

    def test_an_update_from_another_status_changes_nothing(self, store):
        store.create(_run("a", Status.RUNNING))
        assert not store.update_from("a", Status.QUEUED, status=Status.STOPPED, message="x")
        assert not store.update_from("nobody", Status.QUEUED, status=Status.STOPPED)
        assert store.load("a") == _run("a", Status.RUNNING)
        assert store.update_from("a", Status.RUNNING, status=Status.STOPPED, message="x")
        assert store.load("a") == _run("a", Status.STOPPED, message="x")

    @pytest.mark.parametrize("together", [in_threads, in_processes])
    def test_a_run_leaves_the_queue_once_whoever_asks(self, store, database, together):
        for number in range(CLAIMED):
            store.create(_run(str(number)))
        won = together(8, functools.partial(_claim, database))
        assert sorted(map(int, sum(won, []))) == list(range(CLAIMED))
        for number, names in enumerate(won):
            assert {store.load(name).device for name in names} <= {str(number)}

    def test_active_runs_are_not_deleted(self, store):
        store.create(_run("a", Status.RUNNING))
        with pytest.raises(RunStateError, match="stop it before"):
            store.delete("a")
        store.update("a", status=Status.STOPPED)
        store.delete("a")
        assert store.list() == []


class TestSqliteRunStore(RunStoreContract):
    @pytest.fixture
    def database(self, sqlite):
        return sqlite


class TestPostgresqlRunStore(RunStoreContract):
    @pytest.fixture
    def database(self, postgresql):
        return postgresql


@pytest.fixture
def with_files(tmp_path):
    home = open_home(tmp_path / "home")
    engine = open_database(home.database)
    store = RunStore(engine, home)
    for name in "ab":
        store.create(_run(name, Status.FINISHED))
    yield store, home.runs
    engine.dispose()


def test_files_of_several_are_on_the_disk_before_others_have_to_wait(with_files, monkeypatch):
    store, folder = with_files
    synced, sync = [], os.fsync

    def note(handle):
        is_file = stat.S_ISREG(os.fstat(handle).st_mode)
        if is_file:
            store.update("b", device="CPU")  # it would wait for long within a transaction
        synced.append("file" if is_file else "folder")
        sync(handle)

    monkeypatch.setattr(os, "sync", None)  # of the whole machine
    monkeypatch.setattr(os, "fsync", note)
    store.update_each({name: {"tags": ["x"]} for name in "ab"})
    assert synced == ["file", "file", "folder", "folder"]
    assert [load_run_file(folder / name)["tags"] for name in "ab"] == [["x"], ["x"]]
    assert sorted(path.name for path in (folder / "a").iterdir()) == ["run.json"]


def test_what_somebody_else_changed_meanwhile_is_in_the_files_too(with_files, monkeypatch):
    store, folder = with_files
    write = RunStore._write_beside

    def meanwhile(self, meant, stack):
        ready = write(self, meant, stack)
        store.update("a", name="other", status=Status.QUEUED)
        store.delete("b")
        return ready

    monkeypatch.setattr(RunStore, "_write_beside", meanwhile)
    store.update_each({name: {"starred": True} for name in "ab"})
    told = load_run_file(folder / "a")
    assert (told["name"], told["status"], told["starred"]) == ("other", Status.QUEUED, True)
    assert (store.load("a").name, store.load("a").starred) == ("other", True)
    assert [path.name for path in folder.iterdir()] == ["a"]
    assert [path.name for path in (folder / "a").iterdir()] == ["run.json"]


def test_that_a_run_goes_from_its_bucket_is_noted_before_it_goes(with_files, monkeypatch):
    store, folder = with_files
    seen = []
    monkeypatch.setattr(
        "cnnlab.storage.runs.store.note_deleted",
        lambda home, part, name: seen.append((part, name, (folder / name).is_dir())),
    )
    store.delete("a")
    assert seen == [("runs", "a", True)] and not (folder / "a").exists()
    store.update("b", status=Status.RUNNING)
    with pytest.raises(RunStateError):
        store.delete("b")
    assert len(seen) == 1


def test_every_field_of_a_run_has_its_column():
    assert [column.key for column in runs.columns] == [
        field.name for field in dataclasses.fields(Run)
    ]
