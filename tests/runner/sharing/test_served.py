"""Who is looked at: what is at rest costs nearly nothing, what is broken stops nobody."""

import shutil
import sqlite3
import threading

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds import answer_pictures
from cnnlab.jobs.kinds.export import KIND, ExportRequest
from cnnlab.runner import jobs
from cnnlab.runner.devices import Capacity
from cnnlab.runner.sharing import served
from cnnlab.storage.home import Home, open_home
from cnnlab.storage.runs.store import RunStore
from tests.runner.sharing.held import A, B, C, Installation
from tests.waiting import wait_until


@pytest.fixture
def installation(home):
    made = Installation(home)
    yield made
    made.close()


def settle(installation):
    """Rounds until all but `default` are at rest."""

    def is_at_rest():
        installation.pass_time(1)
        installation.tick()
        return installation.due() == {"default"}

    wait_until(is_at_rest)


def test_one_at_rest_is_not_read_until_somebody_calls(installation, monkeypatch):
    settle(installation)
    read = []
    listing = RunStore.list
    monkeypatch.setattr(
        RunStore, "list", lambda store, *a, **k: read.append(store) or listing(store, *a, **k)
    )
    for _ in range(50):
        installation.pass_time(0.1)
        assert not installation.tick()
    assert len(read) == 50  # those of `default`
    installation.add(A, "1")
    assert installation.tick(A)
    assert installation.trains() == ["a:1"]


def test_a_call_that_was_lost_is_made_up_for_by_the_files(installation):
    settle(installation)
    installation.add(A, "1")

    def is_started():
        installation.pass_time(1)
        installation.tick()
        return installation.trains() == ["a:1"]

    wait_until(is_started)


def test_a_job_is_found_without_a_call(installation):
    settle(installation)
    home = installation.homes[B]
    ask(home, KIND, job_folder(home, KIND, "a"), ExportRequest("a", 1, "keras"))
    installation.pass_time(1)
    installation.tick()
    assert [job.kind_name for job in installation.executor.started] == ["export"]


def test_what_waits_behind_others_is_not_read_again_and_gets_its_turn(installation, monkeypatch):
    installation.add("default", "1")
    installation.tick()
    installation.add(A, "1")
    installation.tick(A)
    settle(installation)
    assert installation.tick()
    assert installation.due() == {"default"}
    installation.end("default", "1")
    installation.tick()
    assert installation.trains() == ["a:1"]
    assert installation.tick()
    assert installation.due() == {"default", A}


def test_what_waits_is_not_read_again_while_nothing_has_changed(home, monkeypatch):
    installation = Installation(home, Capacity(("gpu:0",)))  # and the CPU stays free
    installation.add(A, "1", "2")
    installation.tick(A)
    assert installation.trains() == ["a:1"]
    read, queued = [], RunStore.queued
    monkeypatch.setattr(RunStore, "queued", lambda store: read.append(store) or queued(store))

    def reads_nothing():
        read.clear()
        installation.tick()
        return not read

    wait_until(reads_nothing)
    installation.add(A, "3")
    assert not reads_nothing()
    installation.end(A, "1")
    installation.tick()
    assert installation.trains() == ["a:2"]
    installation.close()


def test_a_new_workspace_is_served_and_a_deleted_one_forgotten(installation, home):
    settle(installation)
    made = Installation(home, others=(C,))
    made.add(C, "1")
    installation.tick(C)
    assert installation.trains() == ["c:1"]
    made.end(C, "1")
    installation.executor.alive.clear()
    made.close()
    installation.tick()
    shutil.rmtree(open_home(home, C).root)
    installation.pass_time(1)
    installation.tick()
    assert C not in {one.id for one in installation.served.workspaces}


def test_one_at_rest_is_closed_after_a_while_and_opened_by_a_call(installation):
    settle(installation)
    installation.pass_time(served.KEPT_OPEN_SECONDS + 1)
    installation.tick()
    wait_until(lambda: (installation.pass_time(1), installation.tick(), len(
        installation.served.workspaces) == 1)[2])  # fmt: skip
    installation.add(B, "1")
    installation.tick(B)
    assert installation.trains() == ["b:1"]


def test_a_damaged_database_is_told_once_and_stops_nobody(installation, caplog):
    installation.homes[A].database.write_bytes(b"no database" * 1000)
    installation.add(B, "1")
    for _ in range(20):
        installation.pass_time(1)
        assert installation.tick(A, B)
    assert installation.trains() == ["b:1"]
    told = [record for record in caplog.records if "can't be served" in record.getMessage()]
    assert len(told) == 1 and A in told[0].getMessage()


def test_a_database_that_breaks_while_runs_train_stops_nobody(installation, monkeypatch):
    for name in (A, B):
        installation.add(name, "1", "2")
    installation.tick(A, B)
    assert installation.trains() == ["a:1"]

    def refuse(store, *_, **__):
        if store.engine.url == installation.engines[A].url:
            raise StorageError("it can't be read")
        return listing(store, *_, **__)

    listing = RunStore.list
    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "list", refuse)
        with pytest.raises(StorageError, match="can't be read"):
            installation.tick()
        assert installation.tick()  # it is left alone for a second
        assert installation.trains() == ["a:1"]  # and its run holds the device
        installation.add("default", "1")
        installation.end(A, "1")
        installation.pass_time(5)
        with pytest.raises(StorageError, match="can't be read"):
            installation.tick()
    installation.pass_time(5)
    installation.tick()
    installation.tick()
    assert installation.status(A, "1") is Status.FINISHED
    assert installation.trains() == ["b:1"]


def test_without_a_default_that_can_be_opened_the_others_are_served(installation):
    installation.add(A, "1")
    installation.engines["default"].dispose()
    installation.homes["default"].database.write_bytes(b"no database" * 1000)
    installation.new_supervisor()
    assert installation.tick(A)
    installation.served.raise_if_none()
    assert installation.trains() == ["a:1"]


def test_a_default_that_can_not_be_opened_alone_is_given_up(home):
    installation = Installation(home, others=())
    installation.close()
    installation.home.database.write_bytes(b"no database" * 1000)
    installation.new_supervisor()
    installation.served.look(set())
    with pytest.raises(StorageError, match="damaged"):
        installation.served.raise_if_none()


def test_after_the_end_it_is_seen_who_asked_meanwhile(installation):
    settle(installation)
    assert not installation.served.is_needed()
    installation.add(A, "1")
    assert installation.served.is_needed()
    assert installation.status(A, "1") is Status.QUEUED  # looked at, not touched


def test_a_database_in_use_elsewhere_is_waited_for(installation, monkeypatch):
    settle(installation)
    installation.add(A, "1")
    other = sqlite3.connect(installation.homes[A].database, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    change, was_free = RunStore.update_from, []

    def change_while_it_is_in_use(store, *given, **changes):
        was_free.append(not other.in_transaction)
        threading.Timer(0.2, other.rollback).start()
        return change(store, *given, **changes)

    monkeypatch.setattr(RunStore, "update_from", change_while_it_is_in_use)
    installation.tick(A)
    other.close()
    assert was_free == [False]
    assert installation.trains() == ["a:1"]


def test_workers_that_stay_are_no_more_than_the_memory_holds(installation, monkeypatch):
    monkeypatch.setattr(jobs, "memory_bytes", lambda: 8 * 2**30)
    for home in installation.homes.values():
        files = job_folder(home, answer_pictures.KIND, "a")
        ask(home, answer_pictures.KIND, files, answer_pictures.AnswerRequest())
    installation.tick(A, B)
    assert len(installation.executor.alive) == 2
    installation.end_all()
    installation.tick(A, B)
    installation.tick(A, B)
    assert len(installation.executor.started) == 3


def test_a_disk_that_is_away_for_a_moment_takes_no_workspace_away(installation, monkeypatch):
    installation.add(A, "1")
    installation.tick(A, B)

    def refuse(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Home, "with_others", refuse)
        patch.setattr(served, "file_stamp", refuse)
        for _ in range(5):
            installation.pass_time(1)
            installation.tick()
    assert {one.id for one in installation.served.workspaces} == {"default", A, B}
    installation.end(A, "1")
    installation.tick()
    assert installation.status(A, "1") is Status.FINISHED


def test_at_the_start_others_are_opened_bit_by_bit_and_the_one_that_calls_at_once(home):
    others = [f"{number:012d}" for number in range(8)]
    installation = Installation(home, others=others)
    installation.add(others[0], "1")
    installation.add(others[7], "1")
    installation.tick(others[7])
    there = {one.id for one in installation.served.workspaces}
    assert there == {"default", *others[: served.OPENED_AT_ONCE], others[7]}
    installation.tick()
    assert len(installation.served.workspaces) == 9
    installation.close()


def test_before_it_leaves_all_are_looked_at(home):
    others = [f"{number:012d}" for number in range(8)]
    installation = Installation(home, others=others)
    installation.add(others[7], "1")
    assert installation.served.is_needed()
    installation.close()
