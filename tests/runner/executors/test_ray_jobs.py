"""How the executor on a cluster judges, with a cluster that is only played: no process starts.

That the real one does as it is played here, `tests/runner/cluster/test_real.py` says.
"""

import functools
import os
import shlex
import subprocess
import sys

import pytest

from cnnlab.domain.errors import OutOfReachError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.files import read_json, take_lock, write_json
from cnnlab.runner.cluster.api import Submission
from cnnlab.runner.devices import ALL_GPUS, Capacity
from cnnlab.runner.executors.by_kind import RunsOnCluster
from cnnlab.runner.executors.chosen import chosen_executor
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.executors.ray_jobs import (
    LOCKED_SECONDS,
    PENDING_SECONDS,
    QUIET_SECONDS,
    RELEASED_SECONDS,
    TOLD_SECONDS,
    UNREACHABLE_SECONDS,
    RayJobsExecutor,
)
from cnnlab.runner.notes import Loss
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.worker.process.channel import Job
from tests.runner.executors.played import GIB, RUNNING, PlayedCluster
from tests.runner.place import Place

PENDING = Submission("PENDING")
LOST = Submission("FAILED", None, "n1", "Job supervisor actor died")
ENDED = Submission("FAILED", 137, "n1")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def cluster():
    return PlayedCluster()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(home, cluster, clock):
    """Makes executors; the later ones know nothing of the earlier ones."""
    open_home()
    return lambda **options: RayJobsExecutor(home, api=cluster, clock=clock, **options)


@pytest.fixture
def attempt(home):
    open_home()
    attempt = Attempt(home / "runs" / "Run_1" / "attempt-1")
    attempt.create({})
    return attempt


@pytest.fixture
def job(attempt):
    return Job("Run_1", str(attempt.folder))


def called(cluster):
    return cluster.runs[-1]["submission_id"]


def test_a_node_gets_the_workers_command_line_and_no_secret(make, cluster, job, monkeypatch):
    monkeypatch.setenv("CNNLAB_DATABASE", "postgresql://user:secret@host/db")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    make().start(job)
    asked = cluster.runs[0]
    assert "secret" not in str(asked)
    words = shlex.split(asked["entrypoint"])
    assert words[0] == "cd"
    assert words[2:5] == ["&&", "exec", "env"]
    assert {"TF_ENABLE_ONEDNN_OPTS=0", f"CNNLAB_HOME={open_home().root}"} <= set(words)
    assert words[words.index(sys.executable) :] == [
        sys.executable, "-m", "cnnlab.worker", *job.options(), "--on-node",
    ]  # fmt: skip


def test_no_word_is_read_by_the_nodes_shell(make, cluster, home):
    folder = home / "runs" / "a b; touch hacked $(id) '" / "attempt-1"
    Attempt(folder).create({})
    make(module="json.tool").start(Job("x; y", str(folder)))
    asked = cluster.runs[0]
    assert set(asked["submission_id"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    line = asked["entrypoint"].replace("exec env", "exec echo env")
    said = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True)
    assert f"--run x; y --attempt {folder} --kind train" in said.stdout


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


def test_a_second_start_starts_nothing(make, cluster, job):
    make().start(job)
    with pytest.raises(RunStateError, match="worker already"):
        make().start(job)
    assert len(cluster.runs) == 1


def test_after_a_crash_before_the_start_was_noted_the_same_id_is_not_taken_twice(
    make, cluster, job, attempt
):
    make().start(job)
    (attempt.folder / "cluster.json").unlink()  # as if the disk had lost it
    with pytest.raises(RunStateError, match="in the cluster already"):
        make().start(job)
    assert len(cluster.runs) == 1


def test_a_lost_answer_is_no_lost_job(make, cluster, job):
    cluster.loses_answers = True
    executor = make()
    executor.start(job)
    assert executor.is_alive(job)


def test_where_nobody_answers_nothing_is_started(make, cluster, job):
    cluster.is_away = True
    with pytest.raises(OutOfReachError):
        make().start(job)
    assert cluster.runs == []


def test_the_next_try_in_the_same_folder_has_another_id(make, cluster, job):
    executor = make()
    executor.start(job)
    first = called(cluster)
    cluster.known[first] = ENDED
    assert not make().is_alive(job)
    executor = make()
    executor.start(job)
    assert called(cluster).rpartition("-")[2] == "2"
    assert called(cluster).rpartition("-")[0] == first.rpartition("-")[0]


def test_a_job_that_waits_lives_and_one_that_waits_for_too_long_is_ended(make, cluster, job, clock):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = PENDING
    assert executor.is_alive(job)
    clock.now += PENDING_SECONDS - 1
    assert executor.is_alive(job)
    clock.now += 2
    assert not executor.is_alive(job)
    assert cluster.stopped == [called(cluster)]
    assert executor.why_lost(job, 0) is Loss.UNPLACED


def test_a_worker_whose_end_ray_has_seen_is_gone_at_once(make, cluster, job, clock):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = ENDED
    clock.now += 1
    assert not executor.is_alive(job)
    assert executor.why_lost(job, 0) is Loss.KILLED


@pytest.mark.parametrize("said", [LOST, None])
def test_a_worker_that_ray_has_lost_lives_as_long_as_it_gets_on(
    make, cluster, job, attempt, clock, said
):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = said
    for beat in range(5):
        clock.now += QUIET_SECONDS - 0.1
        attempt.beat(beat)
        assert executor.is_alive(job)
    clock.now += QUIET_SECONDS + 0.1
    assert not executor.is_alive(job)


def test_a_lock_says_that_a_worker_lives_until_it_is_silent_for_long(
    make, cluster, job, attempt, clock
):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = LOST
    lock = take_lock(attempt.lock)
    try:
        clock.now += 1
        assert executor.is_alive(job)
        clock.now += LOCKED_SECONDS - 1
        assert executor.is_alive(job)
        clock.now += 2  # the machine that holds it froze
        assert not executor.is_alive(job)
    finally:
        os.close(lock)


def test_a_lock_that_is_free_again_says_that_a_worker_is_gone_before_ray_knows(
    make, cluster, job, attempt, clock
):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = RUNNING  # of a node that has no power any more
    lock = take_lock(attempt.lock)
    assert executor.is_alive(job)
    os.close(lock)
    assert executor.is_alive(job)
    clock.now += RELEASED_SECONDS - 0.1
    assert executor.is_alive(job)
    attempt.lock.rename(attempt.folder / "away")  # storage that is gone for a moment
    clock.now += 0.2
    assert executor.is_alive(job)
    (attempt.folder / "away").rename(attempt.lock)
    assert executor.is_alive(job)
    clock.now += RELEASED_SECONDS
    assert not executor.is_alive(job)


def test_a_lock_that_storage_lost_ends_no_worker_that_beats(make, cluster, job, attempt, clock):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = RUNNING
    lock = take_lock(attempt.lock)
    assert executor.is_alive(job)
    os.close(lock)
    for beat in range(5):
        attempt.beat(beat)
        assert executor.is_alive(job)
        clock.now += RELEASED_SECONDS - 0.1
    clock.now += RELEASED_SECONDS
    assert not executor.is_alive(job)


def test_a_lock_that_nobody_saw_held_says_nothing(make, cluster, job, attempt, clock):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = RUNNING  # it has a place, and its worker begins
    attempt.lock.touch()
    for _ in range(3):
        assert executor.is_alive(job)
        clock.now += RELEASED_SECONDS


def test_where_the_cluster_is_away_signs_of_life_decide(make, cluster, job, attempt, clock):
    executor = make()
    executor.start(job)
    cluster.is_away = True
    for beat in range(5):
        clock.now += UNREACHABLE_SECONDS - 1
        attempt.beat(beat)
        assert executor.is_alive(job)
    clock.now += UNREACHABLE_SECONDS + 1
    assert not executor.is_alive(job)
    executor.kill(job)  # which nobody can hear


def test_a_result_is_the_last_word(make, cluster, job, attempt):
    executor = make()
    executor.start(job)
    write_json(attempt.result, {"status": "finished"})
    assert not executor.is_alive(job)


def test_what_has_ended_is_not_kept_in_mind_and_stays_ended(make, cluster, clock, job, attempt):
    executor = make()
    executor.start(job)
    clock.now += 10
    executor.capacity()
    assert list(executor._watched) == [job.folder]
    write_json(attempt.result, {"status": "finished"})
    assert not executor.is_alive(job)
    clock.now += 10
    executor.capacity()
    assert executor._watched == {}
    assert not executor.is_alive(job)


def test_a_killed_job_is_ended_by_ray(make, cluster, job):
    executor = make()
    executor.kill(job)
    assert cluster.stopped == []
    executor.start(job)
    make().kill(job)
    assert cluster.stopped == [called(cluster)]


def test_a_node_whose_memory_ran_out_is_told_from_one_that_is_gone(make, cluster, job, clock):
    executor = make()
    executor.start(job)
    cluster.known[called(cluster)] = Submission("FAILED", None, "n1", "OutOfMemoryError: killed")
    clock.now += 10
    executor.is_alive(job)
    clock.now += 10
    assert not executor.is_alive(job)
    assert executor.why_lost(job, 0) is Loss.MEMORY


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
    cluster.known[called(cluster)] = PENDING
    assert left() == 0
    cluster.known[called(cluster)] = Submission("RUNNING")
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


def test_a_note_tells_the_next_executor_what_a_job_is_called(make, cluster, job, attempt):
    make().start(job)
    note = read_json(attempt.folder / "cluster.json")
    assert note == {"submission": called(cluster), "device": "cpu"}
    assert make().has_started(job)


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
    assert "attempt-2" in called(cluster)
    place.close()


def test_a_run_for_which_a_busy_cluster_has_no_place_waits_on_and_never_fails(home, cluster, clock):
    place = Place(home, functools.partial(RayJobsExecutor, api=cluster, clock=clock))
    place.add("a")
    for number in range(1, 6):
        place.supervisor.tick()
        name = called(cluster)
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
