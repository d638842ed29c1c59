"""What earlier versions left in a home that nobody would understand any more."""

import contextlib
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from cnnlab.domain.config.architecture import IMAGENET
from cnnlab.domain.config.run_config import describe_changes, load_stored
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Run, Status
from cnnlab.domain.run_naming import run_words
from cnnlab.files import disk_errors
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.runs.store import RunStore

_MOST_CHANGES = 3
_ONE = re.compile(r"\b1 (phase|own layer)s\b")
"""Earlier versions had no other word for one."""


def bring_up_to_date(home: Home, store: RunStore, datasets: DatasetStore) -> None:
    """Remove the folders of earlier checks; runs that were queued for their models have finished.

    The names that earlier versions made up are put into words, once: from then on whoever gives a
    run such a name means it.

    Args:
        home: the home folder.
        store: its runs.
        datasets: its datasets.

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
    if not home.names_mark.exists():
        _name_in_words(store, {dataset.id: dataset.name for dataset in datasets.list()})
        with disk_errors(home.names_mark):
            home.names_mark.touch()


def _name_in_words(store: RunStore, datasets: Mapping[str, str]) -> None:
    named = {run.id: _in_words(run, datasets) for run in store.list(alone=True)}
    store.update_each({run: {"name": words} for run, words in named.items() if words})


def _in_words(run: Run, datasets: Mapping[str, str]) -> str | None:
    """What a run is called now whose name was made up; None where somebody gave it."""
    config = load_stored(run.config)
    known = _ONE.sub(r"1 \1", run.name).replace(f" {IMAGENET}", " ImageNet")
    if config is None or known != _earlier_name(describe_changes(config)):
        return None
    return run_words(config, datasets.get(run.dataset, run.dataset))


def _earlier_name(changes: Sequence[str]) -> str:
    """What earlier versions called a run: `Defaults`, `Dropout 0.3 + L2 0.001`."""
    more = f" + {len(changes) - _MOST_CHANGES} more" if len(changes) > _MOST_CHANGES else ""
    return " + ".join(changes[:_MOST_CHANGES]) + more if changes else "Defaults"


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
