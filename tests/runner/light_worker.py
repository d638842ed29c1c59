"""A worker without Keras: trains a hash, or misbehaves, as the plan in its config says.

Jobs of other kinds do what `tests.runner.light_jobs` says.

epochs, accuracies      how many epochs; validation accuracy of each, else drawn from the hash
epoch_seconds           how long an epoch takes
keeps                   whether there are checkpoints to go on from; default True
waits                   'start' or 'save': wait there for the stop, alive
waits_after             0-based epoch after which it does that
dies                    'start', 'save' or 'epoch' (after each): kill itself there, every time
dies_after              0-based epoch after which it does that
hangs_after             0-based epoch after which it stops dead, once
ignores_stop            goes on saying nothing when it is done
fails                   a cause: how it ends instead of training; `disk` is that of a full one
turns                   whether a dial is turned after the first epoch

A config without a plan, such as a search's or that of a user, trains its own epochs to an accuracy
that is best at a dropout of 0.3; `light-plan.json` in the home, if there, plans the rest, and
`fails_above` says from which dropout on it fails.

Dials that a user turns are turned before the next epoch, each of which is a single step.
"""

import argparse
import hashlib
import json
import os
import signal
import sys
import time

import numpy as np

from cnnlab import files
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.errors import DiskFullError, FencedError
from cnnlab.domain.history import best_epoch
from cnnlab.domain.records.training import EpochRecord
from cnnlab.files import write_json
from cnnlab.storage.attempts.attempt import AttemptRecorder
from cnnlab.storage.attempts.checkpoints import load_states
from cnnlab.worker.process.channel import LOADED, Job, JobChannel, serve_jobs
from cnnlab.worker.process.doing import do_job
from cnnlab.worker.process.on_node import ON_NODE, begin_on_node, die_with_parent
from tests.runner import light_jobs

FACTS = {
    "deterministic": "Exact.",
    "versions": {},
    "parameters": 1,
    "init_checksum": "00",
    "layer_checksums": {},
    "batch_order_checksum": "00",
    "steps_per_epoch": 1,
    "train_images": 1,
    "validation_images": 1,
    "clean_images": 1,
}
"""What a page wants to know of a run beside its device and its epochs."""

EXIT_CODES = {"config": 10, "disk": 11, "memory": 20, "not_finite": 30}
EXIT_FENCED = 75


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spare", type=int)
    parser.add_argument("--run")
    parser.add_argument("--attempt")
    parser.add_argument("--lock-fd", type=int)
    parser.add_argument("--device")
    parser.add_argument("--kind")
    parser.add_argument(ON_NODE, action="store_true")
    given = parser.parse_args()
    if given.on_node:
        die_with_parent()
        if not begin_on_node(Job(given.run, given.attempt, kind_name=given.kind).files):
            return EXIT_FENCED
    light_jobs.take_the_place_of_all_kinds()
    if given.spare is None:
        return do(Job(given.run, given.attempt, given.device, given.kind))
    channel = JobChannel(given.spare)
    channel.tell(LOADED)
    return serve_jobs(channel, do, lambda: True)


def do(job):
    """Do one job; the exit code says how it ended."""
    if job.kind_name != "train":
        return do_job(job, lambda: None)
    attempt = job.files
    try:
        result = Training(attempt, job.device).run()
        write_json(attempt.result, result)
    except FencedError:
        return EXIT_FENCED
    except DiskFullError:  # not even the result can be written
        return EXIT_CODES["disk"]
    return EXIT_CODES.get(result.get("cause"), 0)


class Training:
    """One attempt."""

    def __init__(self, attempt, device):
        config = attempt.read_config()
        self.plan = config.get("plan") or plan_of(config, attempt.folder.parents[2])
        self.recorder = AttemptRecorder(attempt)
        self.device = device or "light"
        self.history = attempt.history()
        kept = load_states(attempt.checkpoints)["state"]
        self.state = kept["weights"].tobytes() if kept else b""

    def run(self):
        if self.plan.get("fails"):
            cause = self.plan["fails"]
            told = {"status": "failed", "message": f"It failed: {cause}.", "cause": cause}
            return told | {"disk_full": cause == "disk"}
        self.recorder.phase(f"process {os.getpid()}")
        self._misbehave("start")
        self.recorder.started(FACTS | {"device": self.device, "epochs": self.plan["epochs"]})
        for epoch in range(len(self.history), self.plan["epochs"]):
            if self._train(epoch):
                break
            if self.recorder.should_stop() and not self.plan.get("ignores_stop"):
                return {"status": "stopped", "message": None}
        else:
            while self.plan.get("ignores_stop"):
                time.sleep(0.01)
        status = "stopped" if self.recorder.should_stop() else "finished"
        return {"status": status, "message": None, "weights": self.state.hex()}

    def _train(self, epoch):
        """Train one epoch; whether the stop came within it."""
        end = time.monotonic() + self.plan.get("epoch_seconds", 0)
        while time.monotonic() < end:
            self._beat()
            if self.recorder.should_stop():
                return True
        for turn in self.recorder.asked_dials():
            self.recorder.turned(DialTurn(turn["number"], epoch, turn["values"]))
        self.state = next_state(self.state)
        record = record_of(epoch, self.state, self.plan.get("accuracies"))
        self.history.append(record)
        self.recorder.epoch(record)
        if self.plan.get("turns") and epoch == 0:
            self.recorder.turned(DialTurn(1, 1, {"regularization.dropout": 0.5}))
        if self.plan.get("keeps", True):
            self._save(epoch)
        self._misbehave("epoch")
        self._misbehave_after(epoch)
        return False

    def _save(self, epoch):
        """Write a checkpoint, misbehaving just before the file is renamed into place."""
        put_in_place = files.put_in_place

        def put(beside, path):
            self._misbehave("save")
            put_in_place(beside, path)

        files.put_in_place = put
        weights = {"weights": np.frombuffer(self.state, np.uint8)}
        self.recorder.checkpoint(epoch, weights, best_epoch(self.history) == epoch)
        files.put_in_place = put_in_place

    def _misbehave_after(self, epoch):
        if self.plan.get("dies_after") == epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.plan.get("hangs_after") == epoch:
            os.kill(os.getpid(), signal.SIGSTOP)
        if self.plan.get("waits_after") == epoch:
            self._wait()

    def _misbehave(self, place):
        if self.plan.get("dies") == place:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.plan.get("waits") == place:
            self._wait()

    def _wait(self):
        self.recorder.phase("waiting")
        while not self.recorder.should_stop():
            self._beat()

    def _beat(self):
        self.recorder.beat()
        time.sleep(0.01)


def plan_of(config, home):
    """What a config without a plan does."""
    dropout, epochs = config["regularization"]["dropout"], config["training"]["epochs"]
    seed = config["training"]["seed"]
    top = 0.9 - abs(dropout - 0.3) + 0.001 * (seed % 3)
    plan = {"epochs": epochs, "accuracies": [top * (1 - 0.5**n) for n in range(1, epochs + 1)]}
    file = home / "light-plan.json"
    plan |= json.loads(file.read_text()) if file.exists() else {}
    if dropout > plan.get("fails_above", 1):
        plan["fails"] = "not_finite"
    return plan


def next_state(state):
    """The weights after one more epoch."""
    return hashlib.sha256(state).digest()


def whole_history(epochs):
    """The records of a run that nothing ever happened to."""
    state, records = b"", []
    for epoch in range(epochs):
        state = next_state(state)
        records.append(record_of(epoch, state))
    return records


def record_of(epoch, state, accuracies=None):
    accuracy = accuracies[epoch] if accuracies else state[0] / 255
    return EpochRecord(
        epoch=epoch, loss=state[1] / 255, cross_entropy=1, accuracy=accuracy, penalty=0,
        clean_cross_entropy=1, clean_accuracy=accuracy, val_cross_entropy=1,
        val_accuracy=accuracy, learning_rate=0.1, seconds=1, images_per_second=1,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
