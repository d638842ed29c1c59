"""Making sure that a supervisor is there, and looks."""

import os

from cnnlab.files import take_lock
from cnnlab.runner.bell import ring
from cnnlab.runner.process import start_process
from cnnlab.storage.home import Home


def ensure_supervisor(home: Home) -> None:
    """Start a supervisor, or have the one that lives look round at once.

    A new one gets its lock from here, so that it is alone.
    """
    lock = take_lock(home.supervisor_lock)
    if lock is None:
        ring(home.supervisor_bell)
        return
    try:
        start_process(
            "cnnlab.runner",
            ["--lock-fd", str(lock)],
            home=home.root,
            stdout=home.supervisor_log,
            stderr=home.supervisor_log,
            pass_fds=[lock],
        )
    finally:
        os.close(lock)
