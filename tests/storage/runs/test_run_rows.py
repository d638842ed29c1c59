"""When what was read of a database is still what it holds."""

import itertools
import time

import pytest

from cnnlab.domain.run import Run, Status
from cnnlab.runner.run_queue import RunQueue
from cnnlab.storage.index.database import open_database
from cnnlab.storage.runs import run_rows
from cnnlab.storage.runs.store import RunStore

SECOND = 10**9


@pytest.fixture
def store(tmp_path):
    engine = open_database(tmp_path / "cnnlab.db")
    yield RunStore(engine)
    engine.dispose()


@pytest.fixture
def pass_time(tmp_path, monkeypatch):
    """It is so many seconds after the last change."""

    def wait(seconds):
        newest = max(path.stat().st_mtime_ns for path in tmp_path.glob("cnnlab.db*"))
        monkeypatch.setattr(run_rows.time, "time_ns", lambda: newest + int(seconds * SECOND))

    return wait


def test_what_a_slow_disk_shows_late_is_seen_although_no_file_changes_any_more(store, pass_time):
    """SQLite has written its log then, and waits for the disk before others see the change."""
    queue = RunQueue(None, store, None, None, 300, time.monotonic)
    store.create(Run(id="a", name="a", dataset="d", config={}, status=Status.QUEUED))
    pass_time(0.2)
    shown, store.queued = store.queued, list
    queue.see_waiting()
    assert queue.waiting == []
    store.queued = shown
    pass_time(1.5)
    queue.see_waiting()
    assert [run.id for run in queue.waiting] == ["a"]


def test_a_database_at_rest_is_read_a_few_times_and_no_more(store, pass_time):
    store.create(Run(id="a", name="a", dataset="d", config={}, status=Status.FINISHED))
    stamps = []
    for seconds in itertools.chain(range(2, 200), (1000, 10_000)):
        pass_time(seconds)
        stamps.append(run_rows.database_stamp(store.engine))
    assert len(set(stamps)) == 3 and all(stamp.is_settled for stamp in stamps)


def test_a_change_shows_at_once(store, pass_time):
    pass_time(1000)
    before = run_rows.database_stamp(store.engine)
    store.create(Run(id="a", name="a", dataset="d", config={}, status=Status.FINISHED))
    assert run_rows.database_stamp(store.engine) != before
