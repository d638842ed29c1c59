"""Kills the writer of a checkpoint at every moment, each time in a copy of the same folder.

    python -m tests.storage.killed_writer FOLDER EVERY

FOLDER/before holds the checkpoints of some epochs. A child of its own writes the next one for every
moment, and is killed there: before its first call of a function written in C, its second, and so
on; whatever reaches the disk does so by such a call. FOLDER/NUMBER is what it leaves. With EVERY
above 1 only each so manieth moment has its turn. The moments, counted from 0, are told on stdout.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np

from cnnlab import files
from cnnlab.storage.attempts.checkpoints import list_checkpoints, save_checkpoint, save_within_epoch

ARRAYS = 3


def state_after(epoch):
    """What is kept after an epoch: larger than a buffer, so that files grow piece by piece."""
    return {f"array-{number}": np.full(3000, epoch + number / 10) for number in range(ARRAYS)}


def save_next(folder):
    """Write a state within the next epoch, and then the one after it."""
    epoch = len(list_checkpoints(folder))
    save_within_epoch(folder, epoch, 1, state_after(epoch - 0.5))
    save_checkpoint(folder, epoch, state_after(epoch), is_best=False, fork_budget_bytes=0)


def killed_at(moment, folder):
    """Save in a process that is killed at this moment; whether it lived to see it."""
    child = os.fork()
    if child == 0:
        left = moment

        def count(_, kind, __):
            nonlocal left
            if kind == "c_call":
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        save_next(folder)
        sys.setprofile(None)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def main(root, every):
    files.sync = lambda path: None  # only a power cut would tell, and it takes most of the time
    moment = 0
    while killed_at(moment, shutil.copytree(root / "before", root / str(moment))):
        sys.stdout.write(f"{moment}\n")
        moment += every
    shutil.rmtree(root / str(moment))  # the one that was whole


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
