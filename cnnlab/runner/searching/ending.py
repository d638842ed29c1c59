"""Runs that a search shall not have any more: ended, whether they wait or train."""

from collections.abc import Iterable
from datetime import UTC, datetime

from cnnlab.domain.run import Run, Status
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.runs.store import RunStore


def end_runs(home: Home, store: RunStore, runs: Iterable[Run], why: str) -> None:
    """Ask those that train to stop, and take the others off the queue; may be repeated.

    Args:
        home: the home folder.
        store: the runs.
        runs: any; what has ended stays as it is.
        why: what is said of those that didn't train.
    """
    for run in runs:
        if run.status is Status.RUNNING:
            attempt = Attempt(home.attempt(run.id, run.attempt))
            if not attempt.is_stop_asked():
                attempt.ask_to_stop()
        elif not run.status.is_ended:
            ended = datetime.now(UTC).isoformat(timespec="seconds")
            stopped = {"status": Status.STOPPED, "message": why, "ended_at": ended}
            store.update_from(run.id, run.status, **stopped)
