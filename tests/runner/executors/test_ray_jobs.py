"""How a job on a cluster starts, lives and ends, with a cluster that is only played.

That the real one does as it is played here, `tests/runner/cluster/test_real.py` says.
"""

import os
import shlex
import subprocess
import sys

import pytest

from cnnlab.domain.errors import OutOfReachError, RunStateError
from cnnlab.files import read_json, take_lock, write_json
from cnnlab.runner.cluster.api import Submission
from cnnlab.runner.executors.ray_jobs import (
    LOCKED_SECONDS,
    PENDING_SECONDS,
    QUIET_SECONDS,
    RELEASED_SECONDS,
    UNREACHABLE_SECONDS,
)
from cnnlab.runner.notes import Loss
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.worker.process.channel import Job
from tests.runner.executors.played import PENDING, RUNNING

LOST = Submission("FAILED", None, "n1", "Job supervisor actor died")
ENDED = Submission("FAILED", 137, "n1")


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
    first = cluster.called
    cluster.known[first] = ENDED
    assert not make().is_alive(job)
    executor = make()
    executor.start(job)
    assert cluster.called.rpartition("-")[2] == "2"
    assert cluster.called.rpartition("-")[0] == first.rpartition("-")[0]


def test_a_job_that_waits_lives_and_one_that_waits_for_too_long_is_ended(make, cluster, job, clock):
    executor = make()
    executor.start(job)
    cluster.known[cluster.called] = PENDING
    assert executor.is_alive(job)
    clock.now += PENDING_SECONDS - 1
    assert executor.is_alive(job)
    clock.now += 2
    assert not executor.is_alive(job)
    assert cluster.stopped == [cluster.called]
    assert executor.why_lost(job, 0) is Loss.UNPLACED


def test_a_worker_whose_end_ray_has_seen_is_gone_at_once(make, cluster, job, clock):
    executor = make()
    executor.start(job)
    cluster.known[cluster.called] = ENDED
    clock.now += 1
    assert not executor.is_alive(job)
    assert executor.why_lost(job, 0) is Loss.KILLED


@pytest.mark.parametrize("said", [LOST, None])
def test_a_worker_that_ray_has_lost_lives_as_long_as_it_gets_on(
    make, cluster, job, attempt, clock, said
):
    executor = make()
    executor.start(job)
    cluster.known[cluster.called] = said
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
    cluster.known[cluster.called] = LOST
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
    cluster.known[cluster.called] = RUNNING  # of a node that has no power any more
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
    cluster.known[cluster.called] = RUNNING
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
    cluster.known[cluster.called] = RUNNING  # it has a place, and its worker begins
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
    assert cluster.stopped == [cluster.called]


def test_a_node_whose_memory_ran_out_is_told_from_one_that_is_gone(make, cluster, job, clock):
    executor = make()
    executor.start(job)
    cluster.known[cluster.called] = Submission("FAILED", None, "n1", "OutOfMemoryError: killed")
    clock.now += 10
    executor.is_alive(job)
    clock.now += 10
    assert not executor.is_alive(job)
    assert executor.why_lost(job, 0) is Loss.MEMORY


def test_a_note_tells_the_next_executor_what_a_job_is_called(make, cluster, job, attempt):
    make().start(job)
    note = read_json(attempt.folder / "cluster.json")
    assert note == {"submission": cluster.called, "device": "cpu"}
    assert make().has_started(job)
