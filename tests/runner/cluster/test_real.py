"""The faults of a real cluster, row 17 of the matrix: a head and two nodes, a fake GPU each.

Light workers. Whatever happens, a run ends with the history of one that nothing ever happened to,
no attempt is lost for nothing, and no process is left behind. `tests/check.py --ray` runs this.
"""

import os
import time
from pathlib import Path

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.files import read_json
from cnnlab.lab.upkeep.machines import check_machines, view_machines
from cnnlab.runner.cluster.address import cluster_address
from cnnlab.runner.cluster.api import RayApi
from cnnlab.runner.executors.ray_jobs import NOTE, RayJobsExecutor
from tests.processes import processes_with
from tests.runner.cluster.ray_cluster import RAY_PYTHON, name_cluster
from tests.runner.light_worker import whole_history
from tests.runner.place import Place
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(not RAY_PYTHON, reason="python3 tests/check.py --ray installs Ray")

ORPHAN_SECONDS = 20.0
"""So long after a kill nothing of a run may be left that counts as dead; half a second is enough
on a quiet machine."""


@pytest.fixture
def storage(tmp_path, monkeypatch, home):
    """What the nodes see; the database stays in the home."""
    folder = tmp_path / "storage"
    monkeypatch.setenv("CNNLAB_STORAGE", str(folder))
    return folder


@pytest.fixture(scope="module")
def known_nodes():
    """What is known of those that are fit: each is asked once, not for every test."""
    return {}


@pytest.fixture
def place(storage, home, ray_cluster, known_nodes):
    """A supervisor that a test drives by hand, with what the cluster has.

    Its time is Ray's, which nobody turns: a second loss, which Ray's own doing may bring, is waited
    over as long as it takes.
    """

    def on_cluster(root, module, *, capacity):
        executor = RayJobsExecutor(root, module, api=RayApi(cluster_address()))
        executor._fitness._known |= known_nodes
        return executor

    place = Place(home, on_cluster, time.monotonic)
    wait_until(lambda: place.executor.capacity().gpus == ("gpu:0", "gpu:1"))
    known_nodes |= {name: it for name, it in place.executor._fitness._known.items() if it.is_fit}
    yield place
    place.close()


def node_of(place, run):
    """Id of the node that a run is on."""
    note = read_json(place.attempt(run).folder / NOTE)
    return wait_until(lambda: place.executor._api.find(note["submission"]).node)


def workers(place):
    return processes_with(place.home.root, "light_worker")


def see_end(place, runs, *, epochs, attempts=2):
    """Each run ends well, each epoch once, after so many attempts at most; nothing is left."""
    for run in runs:
        ended = place.wait(run, Status.FINISHED)
        assert ended.attempt <= attempts
        assert place.history(run) == whole_history(epochs)
    wait_until(lambda: not workers(place))


def test_a_dead_node_costs_its_runs_an_attempt_and_no_epoch(place, ray_cluster):
    runs = [place.add("a", epochs=4, waits_after=1)]
    runs += [place.add(name, epochs=4, waits_after=1, device="cpu") for name in "bc"]
    for run in runs:
        place.wait_to_wait(run)
    assert {row.id for machine in view_machines().machines for row in machine.runs} == set(runs)
    node = node_of(place, "a")
    on_it = [run for run in runs if node_of(place, run) == node]
    ray_cluster.order("kill_node", node=node)
    killed_at = time.monotonic()
    place.wait_until(lambda: (place.attempt("a", 2).folder / NOTE).exists())
    tried_at = time.monotonic()
    place.wait_until(lambda: place.load("a").attempt > 1 and place.attempt("a").steps.exists())
    goes_on_at = time.monotonic()
    print(  # noqa: T201
        f"after the kill: tried again in {tried_at - killed_at:.1f} s, "
        f"goes on in {goes_on_at - killed_at:.1f} s"
    )
    for run in set(runs) - set(on_it):
        place.attempt(run).ask_to_stop()
        assert place.wait(run, Status.STOPPED).attempt == 1
    # Until Ray misses the node, it may begin the second one there, too.
    see_end(place, on_it, epochs=4, attempts=3)


def test_what_a_killed_raylet_leaves_behind_ends_by_itself(place, ray_cluster):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    (worker,) = workers(place)
    ray_cluster.order("kill_raylet", node=node_of(place, "a"))
    killed_at = time.monotonic()
    wait_until(lambda: worker not in workers(place), seconds=ORPHAN_SECONDS)
    print(f"gone {time.monotonic() - killed_at:.1f} s after the kill")  # noqa: T201
    see_end(place, ["a"], epochs=4)


def test_beside_a_raylet_that_stands_still_a_run_goes_on_until_its_node_is_given_up(
    place, ray_cluster
):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    (worker,) = workers(place)
    node = node_of(place, "a")
    ray_cluster.order("freeze", node=node)
    wait_until(lambda: len(place.executor.capacity().gpus) == 1)  # Ray counts on it no more
    place.supervisor.tick()
    assert place.load("a").attempt == 1
    assert [run.id for run in view_machines().elsewhere] == ["a"]
    assert workers(place) == [worker]
    ray_cluster.order("thaw", node=node)  # it sees that, and ends
    wait_until(lambda: worker not in workers(place), seconds=ORPHAN_SECONDS)
    see_end(place, ["a"], epochs=4)


def test_without_its_head_a_cluster_starts_nothing_and_with_a_new_one_all_goes_on(
    place, ray_cluster
):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    ray_cluster.order("kill_head")
    wait_until(lambda: place.executor.capacity().most_runs == 0)
    place.add("b", epochs=4)
    place.supervisor.tick()
    assert place.load("a").status is Status.RUNNING  # its node lives, and so does it
    assert place.load("b").status is Status.QUEUED
    assert "doesn't answer" in view_machines().problem
    ray_cluster.restart()
    see_end(place, ["a", "b"], epochs=4)


def test_while_the_storage_is_away_nothing_counts_as_lost(place, storage):
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    away = storage.rename(storage.with_name("away"))
    wait_until(lambda: not workers(place))
    storage.mkdir()  # where it is mounted
    for _ in range(3):
        with pytest.raises(StorageError, match="isn't there: connect"):
            place.supervisor.tick()
    assert place.load("a").status is Status.RUNNING
    storage.rmdir()
    away.rename(storage)
    see_end(place, ["a"], epochs=4)


def test_with_a_wrong_token_all_waits(place, ray_cluster, monkeypatch, caplog):
    name_cluster(monkeypatch, ray_cluster, "wrong" * 8)
    place.supervisor = place.new_supervisor()
    place.add("a", epochs=4)
    for _ in range(3):
        place.supervisor.tick()
    assert place.load("a").status is Status.QUEUED
    assert "refuses the token" in caplog.text
    assert "refuses the token" in view_machines().problem
    name_cluster(monkeypatch, ray_cluster)
    place.supervisor = place.new_supervisor()
    see_end(place, ["a"], epochs=4, attempts=1)


def test_a_node_with_another_keras_gets_no_run_and_is_named(place, ray_cluster, tmp_path, caplog):
    other = tmp_path / "other" / "keras-9.9.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: keras\nVersion: 9.9\n")
    (added,) = ray_cluster.order("add", variables={"PYTHONPATH": str(other.parent)})
    wait_until(lambda: "keras 9.9 instead of" in caplog.text, tick=place.executor.capacity)
    runs = [place.add(name, epochs=2, waits_after=0) for name in "ab"]
    for run in runs:
        place.wait_to_wait(run)
    assert added not in {node_of(place, run) for run in runs}
    assert place.executor.capacity().gpus == ("gpu:0", "gpu:1")
    checks = {check.id: check for check in check_machines()}
    assert [check.is_fit for name, check in checks.items() if name != added] == [True, True]
    assert "keras 9.9 instead of" in checks[added].problems[0]
    ray_cluster.order("kill_node", node=added)
    for run in runs:
        place.attempt(run).ask_to_stop()
        assert place.wait(run, Status.STOPPED).attempt == 1


def test_a_node_gets_no_secret_of_ours_nor_of_rays(place, monkeypatch):
    monkeypatch.setenv("CNNLAB_DATABASE", "postgresql://user:secret-of-ours@host/db")
    place.add("a", epochs=4, waits_after=1)
    place.wait_to_wait("a")
    (worker,) = workers(place)
    environment = Path(f"/proc/{worker}/environ").read_bytes()
    assert b"secret-of-ours" not in environment
    assert os.environ["RAY_AUTH_TOKEN"].encode() not in environment
    place.attempt("a").ask_to_stop()
    place.wait("a", Status.STOPPED)
