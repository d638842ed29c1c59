"""Making sure that a supervisor is there."""

from cnnlab.files import is_locked
from cnnlab.runner.process import start_process
from cnnlab.storage.home import Home


def ensure_supervisor(home: Home) -> None:
    """Start a supervisor unless one lives; two at once are harmless, one leaves."""
    if not is_locked(home.supervisor_lock):
        start_process(
            "cnnlab.runner",
            [],
            home=home.root,
            stdout=home.supervisor_log,
            stderr=home.supervisor_log,
        )
