"""The machines on which runs train: this one, or those of a cluster that is only played."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import OutOfReachError
from cnnlab.domain.run import Run, Status
from cnnlab.files import write_json
from cnnlab.lab.upkeep.machines import check_machines, expected_versions, last_check, view_machines
from cnnlab.lab.workplace import workplace
from cnnlab.runner.cluster.api import Submission
from tests.runner.executors.played import GIB, PlayedCluster


@pytest.fixture
def cluster(home, monkeypatch):
    """A cluster of two nodes, which the environment names."""
    played = PlayedCluster()
    played.add("n0", GPU=1.0, **{"accelerator_type:A100": 1.0})
    played.add("n1")
    played.taken["n0"] = {"GPU": [1.0, 1.0], "CPU": [1.0, 4.0]}
    monkeypatch.setenv("CNNLAB_CLUSTER", "http://10.0.0.5:8265")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "t" * 32)
    monkeypatch.setattr("cnnlab.lab.upkeep.machines.RayApi", lambda address: played)
    return played


def running(name, submission):
    """A run that trains, known to the cluster by this name."""
    stores = workplace()
    run = Run(name, name, "d", {}, Status.RUNNING, created_at=name)
    stores.runs.create(run)
    folder = stores.home.attempt(name, 1)
    folder.mkdir(parents=True)
    if submission:
        write_json(folder / "cluster.json", {"submission": submission, "device": "cpu"})
    return name


def test_without_a_cluster_there_is_this_machine_with_all_that_trains(home, monkeypatch):
    monkeypatch.delenv("CNNLAB_CLUSTER", raising=False)
    name = running("a", None)
    seen = view_machines()
    assert (seen.address, seen.problem) == ("", "")
    (machine,) = seen.machines
    assert [run.id for run in machine.runs] == [name]
    assert machine.cpus >= 1 and machine.memory_bytes > GIB
    (check,) = check_machines()
    assert check.is_fit and check.problems == ()
    assert check.versions == expected_versions()


def test_what_runs_where(cluster):
    running("a", "cnnlab-a")
    running("b", "cnnlab-b")
    running("c", None)
    cluster.known |= {
        "cnnlab-a": Submission("RUNNING", None, "n1"),
        "cnnlab-b": Submission("PENDING"),
    }
    seen = view_machines()
    assert (seen.address, seen.problem) == ("http://10.0.0.5:8265", "")
    first, second = seen.machines
    assert [first.name, second.name] == ["10.0.0.1 (n0)", "10.0.0.1 (n1)"]  # both say the same
    assert (first.kind, first.gpus, first.free_gpus, first.free_cpus) == ("A100", 1.0, 0.0, 3.0)
    assert (second.kind, second.gpus, second.memory_bytes) == ("cpu", 0.0, 16 * GIB)
    assert [[run.id for run in machine.runs] for machine in seen.machines] == [[], ["a"]]
    assert {run.id for run in seen.elsewhere} == {"b", "c"}


def test_a_cluster_that_is_away_is_told_in_words(cluster):
    running("a", "cnnlab-a")
    cluster.is_away = True
    seen = view_machines()
    assert "doesn't answer" in seen.problem
    assert seen.machines == ()
    assert [run.id for run in seen.elsewhere] == ["a"]
    with pytest.raises(OutOfReachError):
        check_machines()
    assert last_check() is None


def test_a_token_that_cannot_be_read_is_told(cluster, monkeypatch, tmp_path):
    running("a", "cnnlab-a")
    monkeypatch.delenv("RAY_AUTH_TOKEN")
    folder = tmp_path / "token"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(folder))
    seen = view_machines()
    assert str(folder) in seen.problem
    assert [run.id for run in seen.elsewhere] == ["a"]


def test_each_node_says_what_it_is_like_and_what_differs_is_named(cluster):
    cluster.versions["n1"] = {"keras": "2.0"}
    told = []
    found = check_machines(lambda done, total: told.append((done, total)))
    assert sorted(told) == [(1, 2), (2, 2)]
    by_id = {check.id: check for check in found}
    assert by_id["n0"].is_fit
    assert any("Ray gives 1 GPUs of it" in problem for problem in by_id["n0"].problems)
    assert not by_id["n1"].is_fit
    assert "keras 2.0 instead of" in by_id["n1"].problems[0]
    assert abs(by_id["n0"].skew_seconds) < 5
    at, kept = last_check()
    assert at > 0
    assert kept == found
    assert list((workplace().home.root / "cluster").iterdir()) == []


def test_a_clock_that_is_wrong_is_told(cluster):
    cluster.ahead_seconds = 3600
    check = check_machines()[0]
    assert any("clock is 3600 s ahead" in problem for problem in check.problems)
    assert check.is_fit
    cluster.ahead_seconds = -3600
    assert "behind" in " ".join(check_machines()[0].problems)


def test_a_node_that_writes_elsewhere_is_unfit(cluster):
    cluster.mute = {"n1"}
    found = {check.id: check for check in check_machines()}
    assert found["n0"].is_fit
    assert not found["n1"].is_fit
    assert "wrote nothing that can be seen here" in found["n1"].problems[0]
    assert "No module named cnnlab" in found["n1"].problems[0]


def test_a_node_that_says_nothing_is_waited_for_no_longer_than_asked(cluster):
    cluster.silent = {"n1"}
    found = {check.id: check for check in check_machines(seconds=0.5)}
    assert not found["n1"].is_fit
    assert "no answer within" in found["n1"].problems[0]


def test_the_doctor_says_how_the_cluster_is(cluster, monkeypatch):
    monkeypatch.setattr("cnnlab.lab.upkeep.doctor._DEVICE_PROGRAM", "print('CPU')")
    assert lab.examine()["cluster"].ok
    cluster.versions["n1"] = {"keras": "2.0"}
    check_machines()
    assert "keras 2.0 instead of" in lab.examine()["cluster"].advice
    cluster.is_away = True
    assert "doesn't answer" in lab.examine()["cluster"].advice
    monkeypatch.delenv("CNNLAB_CLUSTER")
    assert "cluster" not in lab.examine()
