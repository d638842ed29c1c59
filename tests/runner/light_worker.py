"""A worker without Keras: does what its config says, through the real recorder."""

import argparse
import os
import signal
import time
from pathlib import Path

from cnnlab.domain.history import EpochRecord
from cnnlab.files import write_json
from cnnlab.storage.attempt import Attempt, AttemptRecorder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run")
    parser.add_argument("--attempt", type=Path)
    parser.add_argument("--lock-fd", type=int)
    attempt = Attempt(parser.parse_args().attempt)
    plan = attempt.read_config()["plan"]
    recorder = AttemptRecorder(attempt)
    recorder.started({"device": "light"})
    for epoch in range(plan["epochs"]):
        recorder.epoch(_record(epoch, plan["accuracies"][epoch]))
        if plan.get("dies_after") == epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        while plan.get("waits_after") == epoch and not recorder.should_stop():
            time.sleep(0.01)
        if recorder.should_stop():
            write_json(attempt.result, {"status": "stopped", "message": None})
            return
    if plan.get("ignores_stop"):
        time.sleep(600)
    write_json(attempt.result, {"status": "finished", "message": None})


def _record(epoch, accuracy):
    return EpochRecord(
        epoch=epoch, loss=1, cross_entropy=1, accuracy=accuracy, penalty=0,
        clean_cross_entropy=1, clean_accuracy=accuracy, val_cross_entropy=1,
        val_accuracy=accuracy, learning_rate=0.1, seconds=1, images_per_second=1,
    )  # fmt: skip


if __name__ == "__main__":
    main()
