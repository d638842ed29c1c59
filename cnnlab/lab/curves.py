"""The curves of runs as one tidy table: a row for each run and epoch."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from cnnlab.documents.csv_text import csv_text
from cnnlab.domain.errors import BadInputError, NotFoundError
from cnnlab.domain.history import gap
from cnnlab.domain.records.training import EpochMetric
from cnnlab.domain.run import Run
from cnnlab.files import write_atomically
from cnnlab.lab.runs import load_run
from cnnlab.lab.study.run_records import run_history
from cnnlab.lab.study.studies import load_study, study_runs

_ABOUT = ("study", "arm", "seed", "run", "name", "status", "epoch")
_METRICS: tuple[EpochMetric, ...] = get_args(EpochMetric)
_HEADING = (*_ABOUT, *_METRICS, "gap")

Row = tuple[str | int | float | None, ...]


def curves_csv(ids: Sequence[str]) -> str:
    """The metrics of every finished epoch as CSV, those of a study by arm and seed.

    Columns are the same for one run, several and a study: `study`, `arm`, `seed`, `run`, `name`,
    `status`, `epoch` (counted from 0), the metrics of an epoch record, and `gap` (clean train
    accuracy minus validation accuracy, 0..1). What isn't known is empty.

    Args:
        ids: of runs and studies, in the order in which they should stand.

    Raises:
        BadInputError: none is given.
        NotFoundError: one is no run and no study.
    """
    return csv_text([_HEADING, *_rows(ids)])


def write_curves(ids: Sequence[str], to: Path) -> dict[str, Any]:
    """Write `curves_csv` to a file outside the home.

    Args:
        ids: of runs and studies.
        to: a path that ends in `.csv`; a file there is replaced.

    Returns:
        JSON values: `file`, `bytes`, `rows` (the heading not counted).

    Raises:
        BadInputError: no id is given, or the path isn't that of a CSV.
        NotFoundError: one is no run and no study.
        StorageError: the file can't be written.
    """
    if to.suffix.lower() != ".csv" or to.is_dir():
        raise BadInputError(f"--to must be a file that ends in .csv. Received: {str(to)!r}")
    rows = list(_rows(ids))
    content = csv_text([_HEADING, *rows]).encode()
    write_atomically(to, lambda file: file.write(content))
    return {"file": str(to), "bytes": len(content), "rows": len(rows)}


def _rows(ids: Sequence[str]) -> Iterator[Row]:
    if not ids:
        raise BadInputError("Name at least one run or study whose curves are wanted.")
    runs = {run.id: run for one in ids for run in _runs_of(one)}
    for run in runs.values():
        about = (run.study, run.arm, run.config["training"]["seed"], run.id, run.name, run.status)
        for record in run_history(run):
            metrics = (record.get(metric) for metric in _METRICS)
            yield (*about, record["epoch"], *metrics, gap(record))


def _runs_of(one: str) -> list[Run]:
    with contextlib.suppress(NotFoundError):
        return [load_run(one)]
    with contextlib.suppress(NotFoundError):
        return study_runs(load_study(one).id)
    raise NotFoundError(
        f"There is no run and no study {one!r}: `runs` and `studies` list what there is."
    )
