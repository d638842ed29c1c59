"""A worker that waits for jobs without Keras: does what each job's config says."""

import argparse
import os
import signal
import sys
import threading
import time

from cnnlab.files import write_json
from cnnlab.storage.home import open_home
from cnnlab.worker.process.channel import LOADED, Job, JobChannel, serve_jobs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spare", type=int)
    parser.add_argument("--run")
    parser.add_argument("--attempt")
    parser.add_argument("--device")
    parser.add_argument("--kind")
    parser.add_argument("--lock-fd", type=int)
    given = parser.parse_args()
    if os.environ.get("CNNLAB_TEST_SPARE") == "dies":
        return 1
    if given.spare is None:
        return do(Job(given.run, given.attempt, given.device, given.kind))
    channel = JobChannel(given.spare)
    if os.environ.get("CNNLAB_TEST_SPARE") != "never loads":
        threading.Thread(target=lambda: channel.tell(LOADED)).start()
    return serve_jobs(channel, do, lambda: True, lambda workspace: prepare(channel))


def prepare(channel):
    """Count how often a form's run was to be made ready."""
    with (open_home().root / "prepared").open("a") as file:
        file.write("1")
    if os.environ.get("CNNLAB_TEST_SPARE") == "is spent":
        threading.Thread(target=channel.leave).start()


def do(job):
    plan = job.files.read_config()
    sys.stdout.write(f"working on {job.run}\n")
    sys.stdout.flush()
    if plan.get("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    while plan.get("waits") and not job.files.is_stop_asked():
        time.sleep(0.01)
    write_json(job.files.result, {"report": {"pid": os.getpid()}, "device": job.device})
    return 1 if plan.get("fails") else 0


if __name__ == "__main__":
    sys.exit(main())
