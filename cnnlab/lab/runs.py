"""What a user can do with runs."""

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.errors import (
    BadInputError,
    DatasetError,
    NotFoundError,
    RunStateError,
    StorageError,
)
from cnnlab.domain.network.planner import check_network
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.result import Origin, RunResult
from cnnlab.domain.records.training import EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run, Status, new_run_id
from cnnlab.domain.run_naming import run_words
from cnnlab.exports.table import KERAS
from cnnlab.jobs.asking import queue_is_empty
from cnnlab.jobs.kinds.export import read_export
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_queue, counted_alone
from cnnlab.lab.before_launch.class_balance import check_sampling
from cnnlab.lab.exporting.kept_bundles import delete_bundles_of
from cnnlab.lab.predicting.kept_tables import delete_tables_of
from cnnlab.lab.pretrained import check_pretrained
from cnnlab.lab.workplace import (
    Workplace,
    delete_listed,
    home_here,
    named_dataset,
    workplace,
)
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.runner.retry import STOPPED_WAITING
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.feed import AttemptFeed
from cnnlab.storage.bundles.mark import read_mark
from cnnlab.storage.index.inventory import as_it_stands
from cnnlab.storage.searches import SearchStore
from cnnlab.tracking.event_folder import remove_events
from cnnlab.tracking.outbox import Outbox, tell_of

_WAIT_POLL_SECONDS = 0.2

_NOTED_SECONDS = 20.0
"""A supervisor that has to be started notes what became of a run in a second or two."""

_NOTED_POLL_SECONDS = 0.05


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunView:
    """Everything that is known of one run.

    Attributes:
        run: its row in the store.
        history: metrics of the finished epochs.
        facts: what its worker said at the start: device, versions, checksums, layers.
        result: how it ended, with evaluation and export; empty before that.
        turns: the dials that were turned while it trained.
        log: the last lines of the worker's log.
    """

    run: Run
    history: list[EpochRecord]
    facts: WorkerFacts | Nothing
    result: RunResult | Nothing
    turns: list[DialTurn]
    log: str


@asks(Action.EDIT)
def launch_run(config: RunConfig, *, name: str | None = None) -> Run:
    """Queue a run and see to it that a supervisor takes it up.

    Args:
        config: with `dataset` set.
        name: what to call it; default is made from its dataset, network and what is on.

    Raises:
        ConfigError: no dataset is named, its network can't be built, its pretrained weights aren't
            there, or its sampling can't draw every class.
        NotFoundError: there is no such dataset.
        DatasetError: the dataset can't be split as asked.
        QuotaError: the workspace may have no further run wait, or store nothing more.
    """
    stores, dataset = workplace(), named_dataset(config.dataset)
    check_network(config, max(2, len(dataset.classes)))
    check_pretrained(config)
    check_sampling(config)
    index = ImageIndex(stores.home.dataset(dataset.id))
    index.split(config.split)
    if len(dataset.classes) < 2:
        raise DatasetError(
            f"The dataset {dataset.name!r} has only one class, and a network learns to tell "
            "classes apart: import one with two or more."
        )
    run = new_run(config, name=(name or "").strip() or run_words(config, dataset.name))
    with counted_alone():
        check_may_queue()
        stores.runs.create(run)
    ensure_supervisor(stores.home)
    return run


def new_run(config: RunConfig, *, name: str, origin: Origin | None = None) -> Run:
    """A run to be queued."""
    now = datetime.now(UTC)
    return Run(
        id=new_run_id(now, secrets.token_hex(2)),
        name=name,
        dataset=config.dataset,
        config=config.model_dump(mode="json"),
        status=Status.QUEUED,
        created_at=now.isoformat(timespec="milliseconds"),
        origin=origin,
    )


@asks(Action.VIEW)
def list_runs(*, alone: bool = False, active: bool = False, limit: int | None = None) -> list[Run]:
    """The runs, newest first.

    Args:
        alone: only those of no study and no search.
        active: only those that haven't ended.
        limit: at most so many.
    """
    statuses = [status for status in Status if not status.is_ended] if active else []
    runs = workplace().runs.list(*statuses, alone=alone, limit=limit)
    return [as_it_is(run) for run in runs]


@asks(Action.VIEW)
def load_run(run: str) -> Run:
    """Return a run.

    Raises:
        NotFoundError: there is no run with this id.
    """
    return as_it_is(workplace().runs.load(run))


def as_it_is(run: Run) -> Run:
    """A run with the status that its worker's lock says, whether that was noted yet or not."""
    return as_it_stands(run, attempt_of(run)) if run.status is Status.RUNNING else run


@asks(Action.VIEW)
def view_run(run: str) -> RunView:
    """Return everything that is known of a run.

    Raises:
        NotFoundError: there is no run with this id.
        StorageError: its files are damaged.
    """
    row = load_run(run)
    attempt = newest_attempt(row)
    return RunView(
        run=row,
        history=attempt.history(),
        facts=attempt.started() or {},
        result=_result_of(attempt),
        turns=attempt.turns(),
        log=attempt.log_tail(),
    )


def _result_of(attempt: Attempt) -> RunResult | Nothing:
    """How an attempt ended; where its model was prepared later, with what that said of it."""
    result = attempt.read_result()
    prepared = read_export(attempt, KERAS).answer
    if result is None or prepared is None or "export" in result:
        return result or {}
    return {**result, "export": prepared}


@asks(Action.VIEW)
def follow_run(run: Run) -> AttemptFeed:
    """The rows that a run's worker writes, for those who watch it."""
    return AttemptFeed(attempt_of(run))


@asks(Action.VIEW)
def log_tail(run: Run) -> str:
    """The last lines of the log of a run's worker."""
    return attempt_of(run).log_tail()


@asks(Action.EDIT)
def stop_run(run: str) -> Run:
    """Stop a run after its current step; the best and the last epoch are kept.

    A run that has ended already stays as it is; asking twice is the same.

    Raises:
        NotFoundError: there is no run with this id.
    """
    stores = workplace()
    asked = 0
    # Looked at again each time: the attempt after a loss knows nothing of a stop before it.
    while not (row := stores.runs.load(run)).status.is_ended and row.attempt != asked:
        if row.status is Status.RUNNING:
            attempt_of(row).ask_to_stop()
            ensure_supervisor(stores.home)
            asked = row.attempt
        else:
            _stop_before_start(stores, row)
    return _wait_until_noted(stores, run)


def stop_waiting(run: str) -> bool:
    """Stop a run only if it waits in the queue; say whether it did.

    Raises:
        NotFoundError: there is no run with this id.
    """
    stores = workplace()
    row = stores.runs.load(run)
    return row.status is Status.QUEUED and _stop_before_start(stores, row)


def _stop_before_start(stores: Workplace, row: Run) -> bool:
    """Note that a run was stopped while it waited, unless its status has changed meanwhile."""
    message = STOPPED_WAITING if row.last else "Stopped before it was started."
    ended_at = datetime.now(UTC).isoformat(timespec="seconds")
    stopped = {"status": Status.STOPPED, "message": message, "ended_at": ended_at}
    was_so = stores.runs.update_from(row.id, row.status, **stopped)
    tell_of(stores.home, row.id)
    return was_so


@asks(Action.EDIT)
def resume_run(run: str) -> Run:
    """Go on with a run that was stopped, failed or interrupted, from its last checkpoint.

    On a CPU the result is that of a run that was never interrupted, bit for bit. A run that is
    queued or running already stays as it is; an interrupted one doesn't wait any longer.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it has finished, or came with an evidence bundle.
        QuotaError: the workspace may have no further run wait, or store nothing more.
    """
    stores = workplace()
    row = _wait_until_noted(stores, run)
    if read_mark(stores.home.runs / run):
        raise RunStateError(
            f"The run {row.name!r} came with an evidence bundle, which has no training state to go "
            "on from: clone it to train it here."
        )
    if row.status is Status.FINISHED:
        raise RunStateError(f"The run {row.name!r} has finished: clone it to train it longer.")
    if row.status not in (Status.QUEUED, Status.RUNNING):
        again = {"status": Status.QUEUED, "attempt": row.attempt + 1, "lost_workers": 0}
        again["queue_rank"] = 0  # where it was moved to was long ago
        with counted_alone():
            check_may_queue()
            stores.runs.update_from(run, row.status, **again, message=None, ended_at=None)
        ensure_supervisor(stores.home)
    return load_run(run)


def _wait_until_noted(stores: Workplace, run: str) -> Run:
    """The row of a run, once it says that its worker is gone where it is.

    Raises:
        NotFoundError: there is no run with this id.
    """
    end = time.monotonic() + _NOTED_SECONDS
    while True:
        row = stores.runs.load(run)
        if as_it_is(row).status is row.status or time.monotonic() > end:
            return row
        ensure_supervisor(stores.home)
        time.sleep(_NOTED_POLL_SECONDS)


@asks(Action.VIEW)
def is_stopping(run: Run) -> bool:
    """Whether a running run was asked to stop and still tidies up."""
    return run.status is Status.RUNNING and attempt_of(run).is_stop_asked()


@asks(Action.EDIT)
def rename_run(run: str, name: str) -> None:
    """Give a run another name.

    Raises:
        NotFoundError: there is no run with this id.
        BadInputError: the name is empty or too long.
    """
    if not 1 <= len(name.strip()) <= 200:
        raise BadInputError(f"A name needs 1 to 200 characters. Received: {len(name.strip())}")
    workplace().runs.update(run, name=name.strip())
    tell_of(workplace().home, run)


@asks(Action.EDIT)
def delete_run(run: str) -> None:
    """Delete a run with everything it made, tables of many pictures and bundles too.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it is queued or running.
    """
    with deleting_runs() as delete:
        delete(run)


@contextlib.contextmanager
def deleting_runs() -> Iterator[Callable[[str], None]]:
    """What deletes a run as `delete_run` does, within this context.

    Tables, bundles and what waits to be sent are looked through once, at its end, for all runs that
    are gone by then.
    """
    gone: set[str] = set()

    def delete(run: str) -> None:
        _wait_until_noted(workplace(), run)
        if load_run(run).status.is_ended:
            remove_events(workplace().home, run)
        delete_listed(workplace().home.runs / run, lambda stores: stores.runs.delete(run))
        gone.add(run)

    try:
        yield delete
    finally:
        if gone:
            delete_tables_of(gone)
            delete_bundles_of(gone)
            tell_of(workplace().home, *gone)


@asks(Action.VIEW)
def wait_for_run(run: str, *, on_epoch: Any = lambda record: None) -> Run:  # noqa: ANN401
    """Wait until a run has ended; `on_epoch` is called with each finished epoch's record."""
    attempt, seen = 0, 0
    while True:
        row = workplace().runs.load(run)
        if row.attempt != attempt:
            feed, attempt = follow_run(row), row.attempt
        feed.read()
        for record in feed.history[seen:]:
            on_epoch(record)
        seen = max(seen, len(feed.history))
        if row.status.is_ended:
            return row
        ensure_supervisor(workplace().home)
        time.sleep(_WAIT_POLL_SECONDS)


@asks(Action.VIEW)
def ensure_supervised() -> None:
    """Start a supervisor if anything waits for one in any workspace, as after a machine's restart.

    Raises:
        StorageError: the workspace in which somebody acts can't be read, and no other one has work.
    """
    mine = home_here()
    problem: StorageError | None = None
    for home in sorted(mine.with_others(), key=lambda home: home != mine):
        try:
            with acting_as(replace(LOCAL, workspace=home.workspace)):
                if _has_work():
                    ensure_supervisor(home)
                    return
        except (NotFoundError, StorageError) as error:  # it is in nobody else's way
            _log.warning("what waits in %s can't be read: %s", home.root, error)
            if home == mine and isinstance(error, StorageError):
                problem = error
    if problem:
        raise problem


def _has_work() -> bool:
    """Whether runs, jobs or searches wait for a supervisor in the workspace in which one acts."""
    home = workplace().home
    active = workplace().runs.list(Status.QUEUED, Status.RUNNING, Status.INTERRUPTED, limit=1)
    waiting = active or not queue_is_empty(home) or not Outbox(home).is_empty()
    return bool(waiting or SearchStore(home).due())


def attempt_of(run: Run) -> Attempt:
    """The attempt that counts; it may not have begun yet."""
    return Attempt(workplace().home.attempt(run.id, run.attempt))


def newest_attempt(run: Run) -> Attempt:
    """The newest attempt that has begun: what is there to see while a resumed run waits."""
    home = workplace().home
    folders = (home.attempt(run.id, number) for number in range(run.attempt, 0, -1))
    return Attempt(next(filter(Path.exists, folders), home.attempt(run.id, run.attempt)))
