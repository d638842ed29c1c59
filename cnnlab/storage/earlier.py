"""What earlier versions left in a home that nobody would understand any more."""

import contextlib
import shutil
from datetime import UTC, datetime

from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Status
from cnnlab.files import disk_errors
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import Home
from cnnlab.storage.runs.store import RunStore


def bring_up_to_date(home: Home, store: RunStore) -> None:
    """Remove the folders of earlier checks; runs that were queued for their models have finished.

    Args:
        home: the home folder.
        store: its runs.

    Raises:
        StorageError: the database or a folder can't be used.
    """
    shutil.rmtree(home.root / "preflights", ignore_errors=True)
    for mark in home.runs.glob("*/model-wanted"):
        with contextlib.suppress(NotFoundError):
            if not _finish_again(home, store, mark.parent.name):
                continue
        with disk_errors(mark):
            mark.unlink(missing_ok=True)


def _finish_again(home: Home, store: RunStore, run_id: str) -> bool:
    """Give a run that has finished its status back; False where that can't be told yet.

    Who wanted the model of a finished run had it queued as a further attempt, which may have
    failed. By now a model is prepared beside the run.
    """
    run = store.load(run_id)
    if run.status in (Status.FINISHED, Status.RUNNING):
        return run.status is Status.FINISHED
    for number in range(run.attempt, 0, -1):
        attempt = Attempt(home.attempt(run_id, number))
        result = attempt.read_result()
        if result is not None and result["status"] == Status.FINISHED:
            ended = datetime.fromtimestamp(attempt.result.stat().st_mtime, UTC)
            return store.update_from(
                run_id,
                run.status,
                status=Status.FINISHED,
                attempt=number,
                message=result.get("message"),
                ended_at=ended.isoformat(timespec="seconds"),
            )
    return True
