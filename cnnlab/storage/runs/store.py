"""The runs in the database: the queue, and an index of what their folders hold."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.engine import Row

from cnnlab.domain.batches import in_batches
from cnnlab.domain.errors import NotFoundError, RunStateError
from cnnlab.domain.history import best_epoch, thin, without_weights
from cnnlab.domain.records.training import EpochRecord, Nothing
from cnnlab.domain.run import Run, Status
from cnnlab.files import sync
from cnnlab.storage.attempts.run_file import (
    FIELDS_THAT_CHANGE,
    name_run_file,
    run_file_beside,
    save_run_file,
    told_by_file,
)
from cnnlab.storage.bucket.notes import note_deleted
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import delete_row, reading, writing
from cnnlab.storage.index.schema import runs
from cnnlab.storage.runs.queue_order import QUEUE_ORDER, ranks_after_move

SPARKLINE_POINTS = 40

_NAMED_AT_ONCE = 500
"""SQLite takes at most 32,766 values in a query."""


@dataclass(frozen=True)
class ListedModel:
    """A run that has ended with an epoch, as a list of models needs it.

    Attributes:
        id: of the run.
        name: of the run.
        dataset: id of its dataset.
        created_at: ISO 8601, UTC.
        study: id of its study, or None.
        tags: of its model.
        accuracy: validation accuracy 0..1 of its epoch; None where none was measured.
        is_last: whether that is the last epoch, as its config asks for, and not the best one.
        is_trial: whether it is a trial of a search, which nobody chose by hand.
    """

    id: str
    name: str
    dataset: str
    created_at: str
    study: str | None
    tags: list[str]
    accuracy: float | None
    is_last: bool
    is_trial: bool


class RunStore:
    """Frozen snapshots of runs, in and out.

    Laws: an id is never used twice; a run leaves `queued` exactly once for each attempt, whoever
    asks at the same time; an update never touches a field that it doesn't name; what was returned
    doesn't change afterwards; each run's folder says what the database would have to be made again
    from.

    Args:
        engine: the database.
        home: where the runs' folders are; None leaves their files as they are, which is enough for
            whoever only adds to a run what its attempts say as well.
    """

    def __init__(self, engine: Engine, home: Home | None = None) -> None:
        self._engine = engine
        self._home = home

    @property
    def engine(self) -> Engine:
        """The database, for the stores of what runs belong to."""
        return self._engine

    def create(self, run: Run) -> None:
        """Add a run.

        Raises:
            StorageError: the id is taken, the disk is full, or the database can't be used.
        """
        with writing(self._engine) as connection:
            connection.execute(insert(runs).values(asdict(run)))
            self._save_file(connection, run.id)

    def load(self, run: str) -> Run:
        """Return a run.

        Raises:
            NotFoundError: there is no run with this id.
        """
        with reading(self._engine) as connection:
            return _one(connection, run)

    def models(self) -> list[ListedModel]:
        """Return what a list of models needs of the runs that ended with an epoch, newest first.

        Configs and curves are most of a row: reading those of 3,000 runs takes longer than a click
        may.
        """
        of_best, of_last = (each["val_accuracy"].as_float() for each in (runs.c.best, runs.c.last))
        restores_best = runs.c.config["regularization"]["early_stopping"][
            "restore_best"
        ].as_boolean()
        listed = (runs.c.id, runs.c.name, runs.c.dataset, runs.c.created_at, runs.c.study)
        query = (
            select(
                *listed, runs.c.tags, restores_best, of_best, of_last, runs.c.search.is_not(None)
            )
            .where(
                runs.c.status.in_([status for status in Status if status.is_ended]),
                runs.c.last["epoch"].as_integer().is_not(None),
            )
            .order_by(runs.c.created_at.desc(), runs.c.id.desc())
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            ListedModel(
                run,
                name,
                dataset,
                created_at,
                study,
                tags,
                last if restores is False else best,
                restores is False,
                trial,
            )
            for run, name, dataset, created_at, study, tags, restores, best, last, trial in rows
        ]

    def ids(self) -> list[str]:
        """Return the ids of all runs, oldest first."""
        query = select(runs.c.id).order_by(runs.c.created_at, runs.c.id)
        with reading(self._engine) as connection:
            return [*connection.execute(query).scalars()]

    def counts(self) -> dict[Status, int]:
        """Return how many runs there are of each status that any has."""
        query = select(runs.c.status, func.count()).group_by(runs.c.status)
        with reading(self._engine) as connection:
            return {Status(status): count for status, count in connection.execute(query)}

    def attempts(self, *statuses: Status) -> dict[str, int]:
        """Return the last attempt of each run with one of these, newest run first.

        Nothing else is read: whoever asks does so after every run that ends.
        """
        query = select(runs.c.id, runs.c.attempt).where(runs.c.status.in_(statuses))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(runs.c.created_at.desc(), runs.c.id.desc()))
            return {row.id: row.attempt for row in rows}

    def queue(self) -> list[str]:
        """Return the ids of the runs that wait, in the order in which they are served.

        Only ids are read: whoever watches a run that waits asks every few seconds.
        """
        query = select(runs.c.id).where(runs.c.status == Status.QUEUED).order_by(*QUEUE_ORDER)
        with reading(self._engine) as connection:
            return [*connection.execute(query).scalars()]

    def queued(self) -> list[Run]:
        """Return the runs that wait, in the order in which they are served."""
        query = select(runs).where(runs.c.status == Status.QUEUED).order_by(*QUEUE_ORDER)
        with reading(self._engine) as connection:
            return [_to_run(row) for row in connection.execute(query)]

    def move_in_queue(self, run: str, place: int) -> bool:
        """Have a run that waits stand at a place of the queue, from 0; say whether it waits.

        Raises:
            StorageError: the disk is full or the database can't be used; nothing is moved.
        """
        query = select(runs.c.id, runs.c.queue_rank).where(runs.c.status == Status.QUEUED)
        with reading(self._engine) as connection:
            queue = [(row.id, row.queue_rank) for row in connection.execute(
                query.order_by(*QUEUE_ORDER)
            )]  # fmt: skip
        ranks = ranks_after_move(queue, run, place)
        if ranks:
            self.update_each({one: {"queue_rank": rank} for one, rank in ranks.items()})
        return ranks is not None

    def load_all(self, ids: Sequence[str]) -> list[Run]:
        """Return runs in the order of their ids; what was deleted meanwhile is left out."""
        found: dict[str, Run] = {}
        with reading(self._engine) as connection:
            for some in in_batches(ids, _NAMED_AT_ONCE):
                rows = connection.execute(select(runs).where(runs.c.id.in_(some)))
                found |= {row.id: _to_run(row) for row in rows}
        return [found[run] for run in ids if run in found]

    def list(
        self,
        *statuses: Status,
        dataset: str | None = None,
        study: str | None = None,
        search: str | None = None,
        alone: bool = False,
        limit: int | None = None,
    ) -> list[Run]:
        """Return runs, newest first.

        Args:
            statuses: only runs with one of these; all if none is given.
            dataset: only runs on this dataset.
            study: only runs of this study.
            search: only runs of this search.
            alone: only runs of no study and no search.
            limit: at most so many.
        """
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        if statuses:
            query = query.where(runs.c.status.in_(statuses))
        if dataset is not None:
            query = query.where(runs.c.dataset == dataset)
        if study is not None:
            query = query.where(runs.c.study == study)
        if search is not None:
            query = query.where(runs.c.search == search)
        if alone:
            query = query.where(runs.c.study.is_(None), runs.c.search.is_(None))
        with reading(self._engine) as connection:
            return [_to_run(row) for row in connection.execute(query)]

    def update(self, run: str, **changes: Any) -> None:  # noqa: ANN401 - fields of Run
        """Change some fields of a run.

        Raises:
            NotFoundError: there is no run with this id.
        """
        with writing(self._engine) as connection:
            result = connection.execute(update(runs).where(runs.c.id == run).values(changes))
            if result.rowcount == 0:
                raise NotFoundError(f"There is no run {run!r}.")
            if changes.keys() & FIELDS_THAT_CHANGE:
                self._save_file(connection, run)

    def update_each(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Change fields of several runs as one; those that were deleted meanwhile are left out.

        Args:
            changes: new values by field, of each run by its id.

        Raises:
            StorageError: the disk is full or the database can't be used; no row is changed.
        """
        told = [run for run, values in changes.items() if values.keys() & FIELDS_THAT_CHANGE]
        meant = {run.id: replace(run, **changes[run.id]) for run in self.load_all(told)}
        with contextlib.ExitStack() as stack:
            ready = self._write_beside(meant, stack)
            with writing(self._engine) as connection:
                for run, values in changes.items():
                    result = connection.execute(update(runs).where(runs.c.id == run).values(values))
                    if result.rowcount and run in meant:
                        self._name_file(connection, meant[run], ready.get(run))
                for beside in ready.values():
                    if beside.parent.exists():  # else deleted meanwhile
                        sync(beside.parent)

    def _write_beside(
        self, meant: Mapping[str, Run], stack: contextlib.ExitStack
    ) -> dict[str, Path]:
        """Bring files to the disk before the transaction, in which all other writers wait."""
        if self._home is None:
            return {}
        return {
            run: stack.enter_context(run_file_beside(folder, values))
            for run, values in meant.items()
            if (folder := self._home.runs / run).is_dir()
        }

    def _name_file(self, connection: Connection, meant: Run, beside: Path | None) -> None:
        """Have a file count that was written before, unless somebody changed the run since."""
        if beside and told_by_file(_one(connection, meant.id)) == told_by_file(meant):
            name_run_file(beside)
        else:
            self._save_file(connection, meant.id)

    def update_from(self, run: str, before: Status, **changes: Any) -> bool:  # noqa: ANN401
        """Change a run only if its status is still `before`; say whether it was."""
        with writing(self._engine) as connection:
            result = connection.execute(
                update(runs).where(runs.c.id == run, runs.c.status == before).values(changes)
            )
            if result.rowcount == 1:
                self._save_file(connection, run)
        return result.rowcount == 1

    def delete(self, run: str) -> None:
        """Remove a run that isn't being worked on, and its folder.

        Raises:
            NotFoundError: there is no run with this id.
            RunStateError: it is queued or running.
        """
        status, active = self.load(run).status, (Status.QUEUED, Status.RUNNING)
        query = delete(runs).where(runs.c.id == run, ~runs.c.status.in_(active))
        folder = self._home.runs / run if self._home else None
        refusal = RunStateError(f"The run {run} is {status}: stop it before you delete it.")
        if status in active:
            raise refusal
        if self._home:  # first: a run that stays after all is put into the bucket again
            note_deleted(self._home, "runs", run)
        if not delete_row(self._engine, query, folder):
            raise refusal

    def _save_file(self, connection: Connection, run: str) -> None:
        """Before the commit: the row is ours, so that the file never says less than the row."""
        if self._home is not None:
            save_run_file(self._home.runs, _one(connection, run))


class Summary(TypedDict):
    """Fields of a `Run` that its finished epochs decide."""

    last: EpochRecord
    best_epoch: int
    best: EpochRecord
    sparkline: list[float]


def summarize(history: Sequence[EpochRecord]) -> Summary | Nothing:
    """What a run's row says of its finished epochs, by field.

    Args:
        history: epoch records, oldest first.
    """
    best = best_epoch(history)
    if best is None:
        return {}
    accuracies = [record["val_accuracy"] or 0.0 for record in history]
    return {
        "last": without_weights(history[-1]),
        "best_epoch": best,
        "best": without_weights(next(one for one in history if one["epoch"] == best)),
        "sparkline": thin(accuracies, SPARKLINE_POINTS),
    }


def _one(connection: Connection, run: str) -> Run:
    row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {run!r}: see the runs page for those there are.")
    return _to_run(row)


_FIELDS = [column.key for column in runs.columns]


def _to_run(row: Row[Any]) -> Run:
    """The run of a row of all columns, in their order: to look each up takes ten times as long."""
    values: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    return Run(**values | {"status": Status(values["status"])})
