"""What a worker that waits hears of whoever gives it jobs."""

import os
import socket

import pytest

from cnnlab.worker.process.channel import LOADED, Job, JobChannel, send_job

JOB = Job("a", "/runs/a/attempt-1", "cpu")


@pytest.fixture
def supervisor():
    """Its end of the sockets, and the worker's channel."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel = JobChannel(theirs.detach())
    with ours:
        yield ours, channel
    channel._socket.close()


@pytest.mark.parametrize("is_loaded", [False, True])
def test_a_job_that_was_sent_is_done_though_its_sender_is_gone(supervisor, tmp_path, is_loaded):
    ours, channel = supervisor
    with (tmp_path / "job.lock").open("w") as lock:
        send_job(ours, JOB, lock.fileno())
    if is_loaded:
        channel.tell(LOADED)  # which nobody reads
    ours.close()
    job, lock = channel.receive(lambda workspace: None)
    os.close(lock)
    assert job == JOB
    assert channel.receive(lambda workspace: None) is None


def test_without_a_job_a_worker_hears_that_nobody_is_there(supervisor):
    ours, channel = supervisor
    channel.tell(LOADED)
    ours.close()
    assert channel.receive(lambda workspace: None) is None
