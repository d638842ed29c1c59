"""Which place on a cluster a run gets, and what becomes of it where there is none.

The cluster is only played: that the real one does so, `tests/runner/cluster/test_real.py` says.
"""

import functools

import pytest

from cnnlab.domain.errors import OutOfReachError
from cnnlab.domain.run import Status
from cnnlab.runner.cluster.api import Submission
from cnnlab.runner.devices import ALL_GPUS, Capacity
from cnnlab.runner.executors.by_kind import RunsOnCluster
from cnnlab.runner.executors.chosen import chosen_executor
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.executors.ray_jobs import PENDING_SECONDS, TOLD_SECONDS, RayJobsExecutor
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.worker.process.channel import Job
from tests.runner.executors.played import GIB, PENDING, PlayedCluster
from tests.runner.place import Place


def test_a_job_is_asked_for_with_what_it_needs(make, cluster, home, clock):
    for number in range(2):
        cluster.add(f"n{number}", GPU=2.0, **{"accelerator_type:A100": 1.0})
    executor = make()
    executor.capacity()
    clock.now += 10
    assert executor.capacity().gpus == ("gpu:0", "gpu:1", "gpu:2", "gpu:3")
    wanted = {
        None: (None, 2, 3 * GIB),
        "cpu": (None, 2, 3 * GIB),
        "gpu:2": (1, 1, 3 * GIB),
        ALL_GPUS: (2, 2, 6 * GIB),  # those of one node
    }
    for number, (device, (gpus, cpus, memory)) in enumerate(wanted.items(), 1):
        attempt = Attempt(home / "runs" / "a" / f"attempt-{number}")
        attempt.create({})
        executor.start(Job("a", str(attempt.folder), device))
        asked = cluster.runs[-1]
        assert asked.get("entrypoint_num_gpus") == gpus
        assert (asked["entrypoint_num_cpus"], asked["entrypoint_memory"]) == (cpus, memory)
        on_kind = {"accelerator_type:A100": 0.001} if device == "gpu:2" else None
        assert asked.get("entrypoint_resources") == on_kind


def test_what_others_have_taken_is_not_given(make, cluster, clock):
    for number in range(3):
        cluster.add(f"n{number}", GPU=1.0)
    executor = make()
    assert executor.capacity().most_runs == 0  # nobody has said what the nodes are like yet
    clock.now += 10
    assert executor.capacity().gpus == ("gpu:0", "gpu:1", "gpu:2")
    assert executor.capacity().taken == frozenset()
    cluster.taken["n1"] = {"GPU": [1.0, 1.0]}
    clock.now += 10
    assert executor.capacity().taken == {"gpu:2"}


def test_a_node_of_which_nothing_is_told_any_more_has_nothing_to_give(make, cluster, clock):
    for number in range(2):
        cluster.add(f"n{number}")
    executor = make()
    executor.capacity()
    clock.now += 10
    assert executor.capacity().cpu_slots == 4
    cluster.untold = {"n1"}  # it has just died, and is still listed
    clock.now += 10
    assert executor.capacity().cpu_slots == 2
    cluster.untold = {"n0", "n1"}  # nobody tells anything: what is there counts
    clock.now += 10
    assert executor.capacity().cpu_slots == 4


def test_of_a_cluster_that_ray_up_has_made_usage_is_told_by_address(make, cluster, clock):
    cluster.add("n0")
    cluster.untold = {"n0"}
    cluster.taken["10.0.0.1"] = {"CPU": [2.0, 4.0]}
    executor = make()
    executor.capacity()
    clock.now += 10
    assert executor.capacity().cpu_slots == 1


def test_our_own_runs_are_not_taken_for_those_of_others(make, cluster, clock, job):
    cluster.add("n0", GPU=1.0)
    executor = make()
    executor.capacity()
    clock.now += 10
    executor.capacity()
    executor.start(Job(job.run, job.folder, "gpu:0"))
    cluster.taken["n0"] = {"GPU": [1.0, 1.0]}
    clock.now += 10
    assert executor.capacity().taken == frozenset()


@pytest.mark.parametrize(
    ("node", "device", "other"),
    [({"CPU": 4.0}, "cpu", {"CPU": [2.0, 4.0]}), ({"GPU": 2.0}, "gpu:0", {"GPU": [1.0, 2.0]})],
)
def test_a_place_is_not_given_twice_while_ray_has_not_told_of_the_first_one(
    make, cluster, clock, job, node, device, other
):
    cluster.add("n0", **node)
    cluster.taken["n0"] = other  # one of two places is somebody else's
    executor = make()
    executor.capacity()

    def left():
        clock.now += 10
        assert executor.is_alive(job)
        capacity = executor.capacity()
        ours = len(capacity.gpus) - len(capacity.taken) if capacity.gpus else capacity.cpu_slots
        return ours - 1

    clock.now += 10
    executor.capacity()
    executor.start(Job(job.run, job.folder, device))
    cluster.known[cluster.called] = PENDING
    assert left() == 0
    cluster.known[cluster.called] = Submission("RUNNING")
    assert left() == 0
    ((resource, (taken, there)),) = other.items()
    cluster.taken["n0"] = {resource: [2 * taken, there]}
    clock.now += TOLD_SECONDS
    assert left() == 0
    cluster.taken["n0"] = {resource: [taken, there]}  # the other one has ended
    assert left() == 1


def test_a_cluster_without_gpus_has_places_by_cores_and_memory(make, cluster, clock):
    cluster.add("large", CPU=8.0)
    cluster.add("narrow", CPU=8.0, memory=3.5 * GIB)
    cluster.add("head", CPU=0.0)
    executor = make()
    executor.capacity()
    clock.now += 10
    capacity = executor.capacity()
    assert (capacity.cpu_slots, capacity.study_slots, capacity.gpus) == (5, 5, ())
    assert capacity.is_elsewhere


def test_kinds_of_gpus_are_told_apart(make, cluster, clock):
    cluster.add("a", GPU=1.0, **{"accelerator_type:H200": 1.0})
    cluster.add("b", GPU=2.0, **{"accelerator_type:A100": 1.0})
    executor = make()
    executor.capacity()
    clock.now += 10
    assert executor.capacity().kinds == {"gpu:0": "A100", "gpu:1": "A100", "gpu:2": "H200"}


def test_a_node_with_other_versions_gets_no_run(make, cluster, clock, job, caplog):
    cluster.add("n0")
    cluster.add("n1")
    cluster.versions["n1"] = {"keras": "2.0"}
    executor = make()
    executor.capacity()
    clock.now += 10
    assert executor.capacity().cpu_slots == 2
    assert "keras 2.0 instead of" in caplog.text
    executor.start(job)
    assert cluster.runs[0]["entrypoint_label_selector"] == {"ray.io/node-id": "in(n0)"}
    cluster.rows.pop(0)
    clock.now += 10
    assert executor.capacity().most_runs == 0


def test_a_cluster_that_is_away_has_nothing_to_give_and_is_asked_again(
    make, cluster, clock, caplog
):
    cluster.add("n0")
    cluster.is_away = True
    executor = make()
    assert executor.capacity() == Capacity((), 0, 0, is_elsewhere=True)
    clock.now += 1
    executor.capacity()
    assert caplog.text.count("doesn't answer") == 1
    cluster.is_away = False
    for _ in range(2):
        clock.now += 10
        executor.capacity()
    assert executor.capacity().cpu_slots == 2


@pytest.mark.parametrize("row", [{"node_id": "n0"}, {"node_id": "n0", "state": "ALIVE"}, "n0"])
def test_an_answer_that_nobody_understands_is_none(make, cluster, clock, caplog, row):
    cluster.rows.append(row)
    executor = make()
    for _ in range(3):
        assert executor.capacity().most_runs == 0
        clock.now += 10
    assert caplog.text.count("can't be understood") == 1


def test_a_run_whose_cluster_goes_away_while_it_starts_waits_as_its_next_attempt(
    home, cluster, monkeypatch
):
    place = Place(home, functools.partial(RayJobsExecutor, api=cluster))
    place.add("a")
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "submit", unanswered)
        place.supervisor.tick()
    run = place.load("a")
    assert (run.status, run.attempt, run.lost_workers) == (Status.QUEUED, 2, 0)
    assert place.attempt("a", 1).is_fenced()  # where it was taken all the same
    place.supervisor.tick()
    assert place.load("a").status is Status.RUNNING
    assert "attempt-2" in cluster.called
    place.close()


def test_a_run_for_which_a_busy_cluster_has_no_place_waits_on_and_never_fails(home, cluster, clock):
    place = Place(home, functools.partial(RayJobsExecutor, api=cluster, clock=clock))
    place.add("a")
    for number in range(1, 6):
        place.supervisor.tick()
        name = cluster.called
        assert f"attempt-{number}" in name
        cluster.known[name] = PENDING
        clock.now += 10
        place.supervisor.tick()
        clock.now += PENDING_SECONDS
        place.supervisor.tick()
        assert cluster.stopped[-1] == name
        assert place.attempt("a", number).is_fenced()  # where it begins all the same
        run = place.load("a")
        assert run.status in (Status.QUEUED, Status.RUNNING)
        assert run.lost_workers == 0
    place.close()


def unanswered(asked):
    raise OutOfReachError("The cluster doesn't answer.")


def test_runs_train_on_the_cluster_and_all_else_here(home, cluster, job):
    here = PlayedCluster()
    both = RunsOnCluster(RayJobsExecutor(home, api=cluster), RayJobsExecutor(home, api=here))
    both.start(job)
    preview = Job("p", str(home / "jobs" / "preflight" / "p"), kind_name="preflight")
    (home / "jobs" / "preflight" / "p").mkdir(parents=True)
    both.start(preview)
    assert [len(cluster.runs), len(here.runs)] == [1, 1]
    assert both.is_alive(job)
    both.kill(job)
    assert [len(cluster.stopped), len(here.stopped)] == [1, 0]


@pytest.mark.parametrize(("named", "kind"), [("", LocalExecutor), ("http://h:1", RunsOnCluster)])
def test_the_environment_chooses_where_runs_train(home, monkeypatch, named, kind):
    monkeypatch.setenv("CNNLAB_CLUSTER", named)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "t")
    executor = chosen_executor(home, capacity=Capacity())
    assert type(executor) is kind
    executor.close()
