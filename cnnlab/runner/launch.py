"""Making sure that a supervisor is there, and awake."""

import os

from cnnlab.files import take_lock
from cnnlab.runner.cluster.address import PASSED_TO_SUPERVISOR
from cnnlab.runner.process import start_process
from cnnlab.runner.wake_up import call_of, wake_up
from cnnlab.storage.home import Home


def ensure_supervisor(home: Home) -> None:
    """Start a supervisor, or have the one that lives make its next round at once.

    A new one gets its lock from here, so that it is alone. One serves all workspaces of an
    installation.

    Args:
        home: of the workspace in which there is something to do.
    """
    lock = take_lock(home.supervisor_lock)
    if lock is None:
        wake_up(home.supervisor_pipe, call_of(home))
        return
    try:
        start_process(
            "cnnlab.runner",
            ["--lock-fd", str(lock)],
            home=home.installation,
            log=home.supervisor_log,
            pass_fds=[lock],
            secrets=PASSED_TO_SUPERVISOR,
        )
    finally:
        os.close(lock)
