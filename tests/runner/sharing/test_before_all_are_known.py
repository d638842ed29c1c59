"""After a supervisor's death: what trains holds its device before its workspace is looked at."""

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.export import KIND, ExportRequest
from cnnlab.runner.sharing.served import OPENED_AT_ONCE
from tests.runner.sharing.held import A, B, Installation

OTHERS = [f"{number:012d}" for number in range(OPENED_AT_ONCE + 1)]


@pytest.fixture
def installation(home):
    made = Installation(home, others=OTHERS)
    yield made
    made.close()


def rounds(installation, many=3):
    for _ in range(many):
        installation.pass_time(1)
        installation.tick()


def test_a_run_of_a_workspace_not_looked_at_yet_keeps_its_device(installation):
    installation.add(OTHERS[-1], "9")
    installation.tick(OTHERS[-1])
    rounds(installation)
    installation.add(OTHERS[0], "1")
    installation.new_supervisor()
    rounds(installation)
    assert [job.run for job in installation.executor.started] == ["9"]
    installation.end(OTHERS[-1], "9")
    rounds(installation)
    assert [job.run for job in installation.executor.started] == ["9", "1"]


def test_a_job_of_a_workspace_not_looked_at_yet_keeps_its_place(installation):
    for name in (OTHERS[-1], OTHERS[0]):
        home = installation.homes[name]
        ask(home, KIND, job_folder(home, KIND, name), ExportRequest(name, 1, "keras"))
        rounds(installation)
        installation.new_supervisor()
    rounds(installation)
    assert [job.folder for job in installation.executor.started] == [
        str(job_folder(installation.homes[OTHERS[-1]], KIND, OTHERS[-1]).folder)
    ]


def test_it_has_a_reason_to_stay_until_all_are_known(installation):
    assert installation.tick()
    assert not installation.served.knows_all()
    assert not installation.tick()
    assert installation.served.knows_all()


def test_one_that_can_not_be_opened_holds_nobody_up(installation):
    installation.homes[OTHERS[-1]].database.write_bytes(b"no database" * 1000)
    installation.add(OTHERS[0], "1")
    installation.new_supervisor()
    rounds(installation)
    assert [job.run for job in installation.executor.started] == ["1"]


def test_storage_that_comes_back_brings_back_what_trains_before_anything_begins(
    home, tmp_path, monkeypatch, caplog
):
    storage = tmp_path / "seen-by-all"
    monkeypatch.setenv("CNNLAB_STORAGE", str(storage))
    installation = Installation(home, others=(A, B))
    installation.add(B, "9")
    installation.tick(B)
    installation.add("default", "1")
    installation.new_supervisor()
    away = storage.rename(storage.with_name("away"))
    storage.mkdir()  # where it is mounted
    for _ in range(3):
        assert installation.tick()
        installation.pass_time(1)
    assert caplog.text.count("can't be listed") == 1
    installation.tick()
    storage.rmdir()
    away.rename(storage)
    installation.tick()  # in the same second: what is there isn't listed again yet
    rounds(installation)
    assert [job.run for job in installation.executor.started] == ["9"]
    installation.end(B, "9")
    rounds(installation)
    assert [job.run for job in installation.executor.started] == ["9", "1"]
    installation.close()


def test_nothing_is_forgotten_while_the_storage_is_away(home, tmp_path, monkeypatch):
    storage = tmp_path / "seen-by-all"
    monkeypatch.setenv("CNNLAB_STORAGE", str(storage))
    installation = Installation(home, others=(A, B))
    installation.add(B, "9")
    installation.tick(B)
    away = storage.rename(storage.with_name("away"))
    for _ in range(3):
        installation.pass_time(1)
        with pytest.raises(StorageError, match="isn't there"):
            installation.tick()
    assert {one.id for one in installation.served.workspaces} == {"default", A, B}
    away.rename(storage)
    installation.add("default", "1")
    rounds(installation)
    assert [job.run for job in installation.executor.started] == ["9"]
    installation.close()
