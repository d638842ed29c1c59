"""A real study on a real cluster: whatever happens there, its weights are those of one machine."""

import tempfile
import time

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import read_json
from cnnlab.lab.upkeep.machines import view_machines
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from tests.conftest import end_processes_of
from tests.e2e.nginx import free_port
from tests.runner.cluster.ray_cluster import RAY_PYTHON, RayCluster, name_cluster
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not RAY_PYTHON, reason="python3 tests/check.py --ray -m '' runs it"),
]

EPOCHS = 300


@pytest.fixture
def cluster():
    """Two nodes without a GPU, each with room for two runs."""
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        cluster = RayCluster(free_port(), folder, gpus=0, cpus=4)
        yield cluster
        cluster.close()


def launch(upload):
    """Two arms with two seeds in the home that the environment names."""
    dataset = lab.import_dataset(upload, name="Shades")
    config = {"dataset": dataset.id, "training": {"epochs": EPOCHS}, "image": {"size": 16}}
    arms = ready_arms(["baseline", "l2"])
    return lab.launch_study(lab.compare_arms(load_config(config), arms, seeds=2))


def checksums(study):
    """Of the weights after the last epoch, by arm and seed."""
    wait_until(lambda: lab.view_study(study.id).is_ended, seconds=900)
    found = {}
    for run in lab.study_runs(study.id):
        assert run.status is Status.FINISHED, run.message
        attempt = Attempt(workplace().home.attempt(run.id, run.attempt))
        assert [record["epoch"] for record in attempt.history()] == list(range(EPOCHS))
        found[run.arm, run.config["training"]["seed"]] = attempt.read_result()["weights_checksum"]
    return found


def epochs_of(run):
    return len(Attempt(workplace().home.attempt(run.id, run.attempt)).history())


def test_a_study_that_loses_a_node_ends_with_the_bits_of_one_machine(
    tmp_path, home, upload, cluster, monkeypatch
):
    on_one_machine = checksums(launch(upload))
    end_processes_of(home)

    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("CNNLAB_STORAGE", str(tmp_path / "storage"))
    name_cluster(monkeypatch, cluster)
    monkeypatch.setenv("CNNLAB_CLUSTER_CPUS", "2")
    study = launch(upload)
    runs = lab.study_runs(study.id)
    wait_until(lambda: all(epochs_of(run) for run in runs), seconds=600)
    where = {machine.id: machine.runs for machine in view_machines().machines if machine.runs}
    assert len(where) == 2
    node, on_it = min(where.items(), key=lambda one: max(map(epochs_of, one[1])))
    assert all(epochs_of(run) < EPOCHS for run in on_it)
    cluster.order("kill_node", node=node)
    killed_at = time.monotonic()
    wait_until(lambda: any(lab.load_run(run.id).attempt == 2 for run in on_it), seconds=300)
    print(f"goes on {time.monotonic() - killed_at:.1f} s after the kill")  # noqa: T201
    assert checksums(study) == on_one_machine
    for run in lab.study_runs(study.id):
        assert run.attempt == (2 if run.id in {one.id for one in on_it} else 1)
        note = read_json(workplace().home.attempt(run.id, run.attempt) / "cluster.json")
        assert note["device"] == "cpu"
    end_processes_of(tmp_path / "other")
