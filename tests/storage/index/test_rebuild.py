"""The database made again from the folders, on every database."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys

import pytest

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.data.dataset import Dataset, DatasetWarning, SkippedFile
from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Run, Status
from cnnlab.files import take_lock, write_json
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.index.rebuild import rebuild_index
from cnnlab.storage.runs.store import RunStore, summarize

CONFIG = {"dataset": "signs-1", "training": {"epochs": 3}}
NAME = "20260102-030405-abcd"


class Place:
    """A home with its stores; `rebuild` makes its database again and opens it anew."""

    def __init__(self, root, database):
        self.home = open_home(root)
        self.address = database[1]
        self.open()

    def open(self):
        self.engine = open_database(self.home.database, self.address)
        self.runs = RunStore(self.engine, self.home)
        self.datasets = DatasetStore(self.home, self.engine)

    def rebuild(self):
        self.engine.dispose()
        found = rebuild_index(self.home, self.address)
        self.open()
        return found

    def forget(self):
        """Lose every row."""
        with self.engine.begin() as connection:
            for table in ("runs", "datasets"):
                connection.exec_driver_sql(f"DELETE FROM {table}")

    def add_dataset(self):
        folder = self.home.datasets / ".import-1"
        folder.mkdir()
        dataset = Dataset(
            "signs-1",
            "Signs",
            {"b": 2, "a": 1},
            {"train": 2, "validation": 1, "test": 0},
            (SkippedFile("x.txt", "not an image"),),
            (DatasetWarning("few", "Few", 3),),
            "2026",
        )
        return self.datasets.add(dataset, folder)

    def add_run(self, name=NAME, **values):
        self.runs.create(dataclasses.replace(self.run(name), **values))
        return name

    @staticmethod
    def run(name):
        return Run(name, f"Run {name}", "signs-1", CONFIG, Status.QUEUED, created_at="2026")

    def attempt(self, run, number=1):
        return Attempt(self.home.attempt(run, number))

    def train(self, run, accuracies=(0.5, 0.7, 0.6), *, number=1, begins=True):
        """What a worker leaves in the folder of an attempt."""
        attempt = self.attempt(run, number)
        attempt.create(CONFIG)
        recorder = AttemptRecorder(attempt)
        if begins:
            os.close(take_lock(attempt.lock))
            recorder.started({"device": "light"})
        for epoch, accuracy in enumerate(accuracies):
            recorder.epoch(_record(epoch, accuracy))
        recorder.close()
        return attempt


def _record(epoch, accuracy):
    values = dict.fromkeys(EpochRecord.__annotations__, 0.25)
    return EpochRecord(**values | {"epoch": epoch, "val_accuracy": accuracy})


class RebuildContract:
    """What holds on every database; a subclass gives `database`."""

    @pytest.fixture
    def place(self, tmp_path, database):
        place = Place(tmp_path / "home", database)
        yield place
        place.engine.dispose()

    def test_datasets_come_back_as_they_were(self, place):
        dataset = place.add_dataset()
        place.forget()
        found, _ = place.rebuild()
        assert (len(found.datasets), found.left_out) == (1, [])
        assert place.datasets.list() == [dataset]

    def test_a_finished_run_comes_back_as_it_was(self, place):
        run = place.add_run(origin={"run": "other", "epoch": 0})
        attempt = place.train(run)
        write_json(attempt.result, {"status": "finished", "message": "Early stopping ended it."})
        place.runs.update(
            run,
            status=Status.FINISHED,
            message="Early stopping ended it.",
            device="light",
            **summarize(attempt.history()),
        )
        before = place.runs.load(run)
        assert (before.best_epoch, before.sparkline) == (1, [0.5, 0.7, 0.6])
        place.forget()
        place.rebuild()
        after = place.runs.load(run)
        assert after.started_at and after.ended_at >= after.started_at
        times = {"started_at": None, "ended_at": None}
        assert dataclasses.replace(after, **times) == before

    def test_rows_that_no_folder_knows_are_gone(self, place):
        place.add_run()
        shutil.rmtree(place.home.runs / NAME)
        place.rebuild()
        assert place.runs.list() == []

    def test_a_living_attempt_runs(self, place):
        attempt = place.train(place.add_run(), [0.5])
        lock = take_lock(attempt.lock)
        place.rebuild()
        os.close(lock)
        run = place.runs.load(NAME)
        assert (run.status, run.message, run.last["epoch"]) == (Status.RUNNING, None, 0)
        assert run.ended_at is None

    def test_an_attempt_without_a_result_was_interrupted(self, place):
        place.train(place.add_run(), [0.5])
        place.rebuild()
        run = place.runs.load(NAME)
        assert (run.status, run.attempt, run.device) == (Status.INTERRUPTED, 1, "light")
        assert "starts again" in run.message

    def test_an_attempt_that_was_asked_to_stop_and_died_is_stopped(self, place):
        place.train(place.add_run(), [0.5]).ask_to_stop()
        place.rebuild()
        assert place.runs.load(NAME).status is Status.STOPPED

    def test_the_newest_attempt_counts(self, place):
        place.add_run()
        write_json(place.train(NAME, [0.9]).result, {"status": "stopped", "message": None})
        place.train(NAME, [0.9, 0.8], number=2)
        for number in range(3, 12):
            place.train(NAME, [0.1], number=number)
        write_json(place.attempt(NAME, 11).result, {"status": "failed", "message": "Too large."})
        place.rebuild()
        run = place.runs.load(NAME)
        assert (run.attempt, run.status, run.message) == (11, Status.FAILED, "Too large.")
        assert run.last["val_accuracy"] == 0.1

    def test_turned_dials_are_known(self, place):
        attempt = place.train(place.add_run(), [0.5])
        recorder = AttemptRecorder(attempt)
        recorder.turned(DialTurn(1, 3, {"optimizer.learning_rate": 0.1}))
        recorder.close()
        place.rebuild()
        assert place.runs.load(NAME).changed_by_hand is True

    def test_the_queue_comes_back(self, place):
        origin = {"run": "a", "epoch": 0}
        queued = [place.add_run("a"), place.add_run("fork", origin=origin), place.add_run("again")]
        place.train("fork", [0.5], begins=False)
        write_json(place.train("again", [0.7]).result, {"status": "stopped", "message": None})
        place.runs.update("again", status=Status.STOPPED)
        place.runs.update_from("again", Status.STOPPED, status=Status.QUEUED, attempt=2)
        before = {run.id: run for run in place.runs.list()}
        place.forget()
        place.rebuild()
        after = {run.id: run for run in place.runs.list(Status.QUEUED)}
        assert set(after) == set(queued)
        assert after["a"] == before["a"]
        assert (after["fork"].attempt, after["fork"].origin) == (1, origin)
        assert (after["again"].attempt, after["again"].last["val_accuracy"]) == (2, 0.7)

    def test_what_a_user_did_to_a_run_that_nobody_trains_is_kept(self, place):
        stopped = {"status": Status.STOPPED, "message": "Stopped before it was started."}
        place.runs.update_from(place.add_run("early"), Status.QUEUED, **stopped)
        place.train(place.add_run("lost"), [0.5])
        place.runs.update("lost", status=Status.INTERRUPTED)
        place.runs.update_from("lost", Status.INTERRUPTED, **stopped)
        place.runs.update(place.add_run("named"), name="A better name")
        place.forget()
        place.rebuild()
        for name in ("early", "lost"):
            run = place.runs.load(name)
            assert (run.status, run.message) == (Status.STOPPED, stopped["message"])
        assert place.runs.load("named").name == "A better name"

    @pytest.mark.parametrize("run_file", [None, "{", "[]", '{"id": 1}'])
    def test_a_run_that_only_its_attempts_know_is_called_by_its_id(self, place, run_file):
        place.train(NAME)
        if run_file:
            (place.home.runs / NAME / "run.json").write_text(run_file)
        place.rebuild()
        run = place.runs.load(NAME)
        assert (run.name, run.dataset, run.config) == (NAME, "signs-1", CONFIG)
        assert run.created_at == "2026-01-02T03:04:05.000+00:00"

    def test_a_run_whose_files_are_damaged_has_failed_and_says_so(self, place):
        attempt = place.train(place.add_run())
        attempt.events.write_bytes(attempt.events.read_bytes().replace(b"0.7", b"0.8"))
        place.rebuild()
        run = place.runs.load(NAME)
        assert run.status is Status.FAILED and "is damaged in line" in run.message
        assert run.name == f"Run {NAME}"

    def test_folders_that_say_nothing_are_left_out_and_named(self, place):
        place.add_dataset()
        for name in ("empty", "text", "list", ".trash-1"):
            (place.home.runs / name).mkdir()
        (place.home.runs / "text" / "run.json").write_text("{")
        (place.home.runs / "list" / "run.json").write_text("[]")
        shutil.copytree(place.home.dataset("signs-1"), place.home.dataset("copy"))
        (place.home.datasets / "half").mkdir()
        (place.home.datasets / "half" / "dataset.json").write_text(json.dumps({"id": "half"}))
        place.add_run("good")
        found, _ = place.rebuild()
        named = [lost.folder.rpartition("/")[2] for lost in found.left_out]
        assert named == ["copy", "half", "empty", "list", "text"]
        assert all(lost.reason.endswith(".") for lost in found.left_out)
        assert [run.id for run in place.runs.list()] == ["good"]
        assert [dataset.id for dataset in place.datasets.list()] == ["signs-1"]

    def test_a_supervisor_at_work_is_in_the_way(self, place):
        place.add_run()
        lock = take_lock(place.home.supervisor_lock)
        os.write(lock, b"12345")
        with pytest.raises(RunStateError, match="`kill 12345`"):
            rebuild_index(place.home, place.address)
        os.close(lock)
        place.rebuild()
        assert [run.id for run in place.runs.list()] == [NAME]

    def test_other_processes_go_over_to_the_new_database(self, place, database):
        place.add_run()
        other = RunStore(open_database(place.home.database, place.address), place.home)
        assert len(other.list()) == 1
        place.add_run("b")
        place.forget()
        place.rebuild()
        assert len(other.list()) == 2
        other.update("b", name="seen by all")
        assert place.runs.load("b").name == "seen by all"
        other._engine.dispose()


class TestSqliteRebuild(RebuildContract):
    @pytest.fixture
    def database(self):
        return None, ""

    @pytest.mark.parametrize("damage", ["zeros", "cut", "text", "empty", "gone"])
    def test_a_damaged_file_is_repaired_and_kept(self, place, damage):
        place.add_dataset()
        for number in range(20):
            place.add_run(f"run-{number:02}", sparkline=[0.5] * 100)
        before = {run.id: run.name for run in place.runs.list()}
        place.engine.dispose()
        path = place.home.database
        sound = path.read_bytes()
        damaged = {
            "zeros": sound[:4096] + bytes(len(sound) - 8192) + sound[-4096:],
            "cut": sound[: len(sound) // 2],
            "text": b"not a database" * 1000,
            "empty": b"",
            "gone": None,
        }[damage]
        path.unlink()
        if damaged is not None:
            path.write_bytes(damaged)
        if damaged:
            with pytest.raises(StorageError, match="--rebuild-index"):
                open_database(path, "")
        _, kept = place.rebuild()
        assert {run.id: run.name for run in place.runs.list()} == before
        assert len(place.datasets.list()) == 1
        if damaged is None:
            assert kept is None
        else:
            assert kept.name == "cnnlab.db.before-rebuild"
            assert kept.read_bytes() == damaged

    def test_each_old_file_is_kept_with_all_that_was_written_to_it(self, place):
        place.add_run("first")
        names = []
        for name in ("second", "third"):
            place.runs._engine.dispose()
            store = RunStore(open_database(place.home.database, ""), None)
            store.create(Run(name, name, "d", CONFIG, Status.FINISHED))  # still in the WAL
            _, kept = place.rebuild()
            names.append(kept.name)
            old = open_database(kept, "")
            assert name in [run.id for run in RunStore(old).list()]
            old.dispose()
            store._engine.dispose()
        assert names == ["cnnlab.db.before-rebuild", "cnnlab.db.before-rebuild-2"]
        assert [run.id for run in place.runs.list()] == ["first"]

    def test_a_kill_in_the_middle_is_of_no_consequence(self, place):
        place.add_run()
        for suffix in ("", "-wal", "-shm"):
            (place.home.root / f"cnnlab.db.new{suffix}").write_bytes(b"half" * 5000)
        place.rebuild()
        assert [run.id for run in place.runs.list()] == [NAME]
        place.engine.dispose()
        left = {file.name for file in place.home.root.glob("cnnlab.db*")}
        assert left == {"cnnlab.db", "cnnlab.db.lock", "cnnlab.db.before-rebuild"}


class TestPostgresqlRebuild(RebuildContract):
    @pytest.fixture
    def database(self, postgresql):
        return postgresql


def test_a_full_disk_leaves_the_old_database_as_it_was(small_disk):
    place = Place(small_disk / "home", (None, ""))
    for number in range(20):
        place.add_run(str(number), message="a long message " * 200)
    before = place.runs.list()
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(bytes(max(0, free - 30_000)))
    place.engine.dispose()
    with pytest.raises(StorageError, match="disk"):
        rebuild_index(place.home, "")
    place.open()
    assert place.runs.list() == before
    place.engine.dispose()


_KILLED = """
import os, sys
from pathlib import Path
from cnnlab.storage.index import rebuild
from cnnlab.storage.home import open_home
steps = int(sys.argv[2])
def counted(function):
    def call(*arguments):
        global steps
        steps -= 1
        if steps < 0:
            os._exit(9)
        return function(*arguments)
    return call
Path.rename, Path.replace = counted(Path.rename), counted(Path.replace)
rebuild.rebuild_index(open_home(Path(sys.argv[1])), "")
"""


@pytest.mark.parametrize("steps", range(5))
def test_a_kill_between_any_two_renames_loses_nothing(tmp_path, steps):
    place = Place(tmp_path / "home", (None, ""))
    names = [place.add_run(f"run-{number}") for number in range(3)]
    old = place.home.database.stat().st_ino
    command = [sys.executable, "-c", _KILLED, str(place.home.root), str(steps)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == (9 if steps < 4 else 0), ended.stderr
    place.rebuild()
    assert sorted(run.id for run in place.runs.list()) == names
    assert old in {file.stat().st_ino for file in place.home.root.glob("*.before-rebuild*")}
    place.engine.dispose()
