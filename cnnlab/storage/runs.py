"""The runs in the database: the queue, and an index of what their folders hold."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.engine import Row

from cnnlab.domain.errors import NotFoundError, RunStateError
from cnnlab.domain.run import Run, Status
from cnnlab.storage.database import reading, runs, writing


class RunStore:
    """Frozen snapshots of runs, in and out.

    Laws: an id is never used twice; a run leaves `queued` exactly once for each attempt, whoever
    asks at the same time; an update never touches a field that it doesn't name; what was returned
    doesn't change afterwards.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, run: Run) -> None:
        """Add a run."""
        with writing(self._engine) as connection:
            connection.execute(insert(runs).values(asdict(run)))

    def load(self, run: str) -> Run:
        """Return a run.

        Raises:
            NotFoundError: there is no run with this id.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no run {run!r}: see the runs page for those there are.")
        return _to_run(row)

    def list(
        self, *statuses: Status, dataset: str | None = None, limit: int | None = None
    ) -> list[Run]:
        """Return runs, newest first.

        Args:
            statuses: only runs with one of these; all if none is given.
            dataset: only runs on this dataset.
            limit: at most so many.
        """
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        if statuses:
            query = query.where(runs.c.status.in_(statuses))
        if dataset is not None:
            query = query.where(runs.c.dataset == dataset)
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

    def update_from(self, run: str, before: Status, **changes: Any) -> bool:  # noqa: ANN401
        """Change a run only if its status is still `before`; say whether it was."""
        with writing(self._engine) as connection:
            result = connection.execute(
                update(runs).where(runs.c.id == run, runs.c.status == before).values(changes)
            )
        return result.rowcount == 1

    def delete(self, run: str) -> None:
        """Remove a run that isn't being worked on.

        Raises:
            NotFoundError: there is no run with this id.
            RunStateError: it is queued or running.
        """
        status = self.load(run).status
        active = runs.c.status.in_([Status.QUEUED, Status.RUNNING])
        with writing(self._engine) as connection:
            result = connection.execute(delete(runs).where(runs.c.id == run, ~active))
        if result.rowcount == 0:
            raise RunStateError(f"The run {run} is {status}: stop it before you delete it.")


def _to_run(row: Row) -> Run:
    values = row._asdict()
    return Run(**values | {"status": Status(values["status"])})
