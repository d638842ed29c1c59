"""Runs of a study that are still missing, put into the queue by whoever launches or ends it."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cnnlab.domain.run import Run, Status, new_run_id
from cnnlab.domain.study import Study
from cnnlab.storage.runs.store import RunStore

_HEX_DIGITS = 4

Planned = TypeVar("Planned")


def queue_missing(runs: RunStore, study: Study) -> bool:
    """Queue a run for every arm and seed that has none; may be repeated at any time.

    Returns:
        Whether any was missing.

    Raises:
        StorageError: the disk is full, or the database can't be used.
    """
    there = {(run.arm, run.config["training"]["seed"]) for run in runs.list(study=study.id)}
    missing = [(arm, seed) for arm, seed in study.pairs if (arm.name, seed) not in there]
    for (arm, seed), run, created_at in numbered(missing):
        runs.create(
            Run(
                id=run,
                name=f"{arm.name}, seed {seed} · {study.name}",
                dataset=study.dataset,
                config=study.config(arm, seed).model_dump(mode="json"),
                status=Status.QUEUED,
                created_at=created_at,
                study=study.id,
                arm=arm.name,
            )
        )
    return bool(missing)


def numbered(planned: Iterable[Planned]) -> Iterator[tuple[Planned, str, str]]:
    """Ids and moments of creation of runs that are queued together, which keep their order.

    Yields:
        What is planned, the run's id, and when it is created: ISO 8601, UTC.
    """
    now, first = datetime.now(UTC), secrets.randbelow(16**_HEX_DIGITS)
    for number, one in enumerate(planned):
        created = now + timedelta(milliseconds=number)  # which puts the queue in order
        digits = f"{(first + number) % 16**_HEX_DIGITS:0{_HEX_DIGITS}x}"
        yield one, new_run_id(created, digits), created.isoformat(timespec="milliseconds")
