"""Thousands of runs in the store, without folders: what their table needs of them."""

import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Run, Status
from cnnlab.lab.workplace import workplace
from cnnlab.storage.index.database import writing
from cnnlab.storage.index.schema import runs
from tests.made_runs import epoch_record

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def add_many_runs(dataset: str, count: int) -> None:
    """Add finished runs that differ in settings and in what they reached, the same each time."""
    with writing(workplace().runs.engine) as connection:
        connection.execute(insert(runs), list(_rows(dataset, count)))


def _rows(dataset: str, count: int) -> Iterator[dict[str, Any]]:
    draws = random.Random(7)
    base = RunConfig(dataset=dataset).model_dump(mode="json")
    for number in range(count):
        epochs = draws.choice([10, 20, 40])
        changes: dict[str, Any] = {
            "training.seed": draws.randrange(5),
            "training.epochs": epochs,
            "optimizer.learning_rate": round(10 ** draws.uniform(-4, -1), 6),
        }
        if draws.random() < 0.5:
            changes["regularization.dropout"] = round(0.6 * draws.random(), 2)
        if draws.random() < 0.5:
            changes["regularization.l2"] = round(10 ** draws.uniform(-5, -2), 6)
        accuracy = draws.random()
        record = epoch_record(epochs - 1, val_accuracy=accuracy, clean_accuracy=draws.random())
        at = _BEGAN + timedelta(minutes=number)
        run = Run(
            id=f"{at:%Y%m%d-%H%M%S}-{number:04x}",
            name=f"Run {number}",
            dataset=dataset,
            config=with_changes(base, changes),
            status=Status.FINISHED,
            created_at=at.isoformat(timespec="milliseconds"),
            best_epoch=epochs - 1,
            last=record,
            best=record,
            sparkline=[accuracy * epoch / 40 for epoch in range(40)],
            tags=["approved"] if number % 50 == 0 else [],
        )
        yield asdict(run)
