"""What fails for one, or for all runs, keeps nobody else's work from going on."""

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.workspace import Quota
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.export import KIND, ExportRequest
from cnnlab.runner.devices import Capacity
from tests.runner.sharing.held import A, B, Installation


@pytest.fixture
def installation(home):
    made = Installation(home, Capacity(cpu_slots=3, study_slots=3))
    home = made.homes[B]
    ask(home, KIND, job_folder(home, KIND, "b"), ExportRequest("b", 1, "keras"))
    yield made
    made.close()


def started(installation):
    return [job.kind_name for job in installation.executor.started]


def refuse(*_, **__):
    raise StorageError("It can't be read.")


def test_turns_that_can_not_be_read_are_those_that_are_known(installation):
    installation.home.turns.mkdir()
    installation.add(A, "1")
    with pytest.raises(StorageError, match=r"turns\.json"):  # noted they can't be either
        installation.tick(A, B)
    assert started(installation) == ["train", "export"]


def test_a_workspace_whose_hours_can_not_be_read_waits_alone(installation):
    installation.homes[A].trained.mkdir()  # which nobody can read as a file
    installation.quotas = {A: Quota(hours_a_day=1.0)}
    installation.add(A, "1")
    installation.add(B, "2")
    with pytest.raises(StorageError, match=r"trained\.json"):
        installation.tick(A, B)
    assert started(installation) == ["train", "export"]
    assert installation.trains()[0] == "b:2"


def test_hours_that_can_not_be_read_once_it_trains_are_in_nobodys_way(installation):
    installation.quotas = {}
    installation.add(A, "1")
    installation.tick(A)
    installation.homes[A].trained.mkdir()
    installation.add(B, "2")
    with pytest.raises(StorageError, match=r"trained\.json"):
        installation.tick(A, B)
    assert installation.starts()[-1] == "b:2"


def test_what_nobody_expected_of_the_devices_stops_no_job(installation, monkeypatch):
    capacity = installation.executor.capacity
    answers = iter([KeyError("state")])

    def unexpected():
        for answer in answers:
            raise answer
        return capacity()

    monkeypatch.setattr(installation.executor, "capacity", unexpected)
    installation.add(A, "1")
    with pytest.raises(KeyError, match="state"):
        installation.tick(A, B)
    assert started(installation) == ["export"]
    installation.tick(A, B)
    assert started(installation) == ["export", "train"]


def test_a_job_that_can_not_be_judged_is_in_nobodys_way(installation, monkeypatch):
    home = installation.homes[A]
    ask(home, KIND, job_folder(home, KIND, "a"), ExportRequest("a", 1, "keras"))
    installation.served.look({A, B})
    broken = next(one for one in installation.served.workspaces if one.id == A)
    monkeypatch.setattr(broken.jobs, "may_start", refuse)
    with pytest.raises(StorageError, match="can't be read"):
        installation.tick(A, B)
    assert started(installation) == ["export"]
