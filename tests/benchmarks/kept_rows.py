"""Rows of a table that takes long: kept in a file as they come, and gone on with."""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cnnlab import lab
from cnnlab.worker.process.channel import JOBS_PER_PROCESS
from tests.made_sets import SETS, draw_set

Row = dict[str, Any]
Train = Callable[[Row, str, ProcessPoolExecutor], Row]
"""Trains a planned row: given its dataset's id and a process, the row with what was measured."""


def all_rows(
    given: argparse.Namespace, planned: Iterable[Row], told: Iterable[str], train: Train
) -> list[Row]:
    """The rows of the file, and those that are missing, each trained and written at once.

    Args:
        given: `sets` by names or files, `to` the file, `home` where runs are kept, or None;
            `smoke`, whether the file is a new one that goes.
        planned: the rows without what is measured; `set` says the dataset.
        told: by what two planned rows differ.
        train: does one.
    """
    names = list(told)
    with tempfile.TemporaryDirectory(prefix="cnnlab-benchmark-") as folder:
        file = Path(folder) / "rows.jsonl" if given.smoke else given.to
        rows = list(map(json.loads, file.read_text().splitlines())) if file.exists() else []
        done = [[row[name] for name in names] for row in rows]
        os.environ["CNNLAB_HOME"] = str(given.home or Path(folder) / "home")
        datasets = {Path(name).stem: _imported(name, Path(folder)) for name in given.sets}
        with ProcessPoolExecutor(
            1, get_context("spawn"), max_tasks_per_child=JOBS_PER_PROCESS
        ) as worker:
            for row in planned:
                if [row[name] for name in names] not in done:
                    rows.append(train(row, datasets[row["set"]], worker))
                    with file.open("a") as lines:
                        lines.write(json.dumps(rows[-1]) + "\n")
    return rows


def _imported(name: str, folder: Path) -> str:
    """Id of a made set, or of the dataset of a zip or folder."""
    if name in SETS:
        return lab.import_dataset(draw_set(name, folder), name=name).id
    return lab.import_dataset(Path(name), name=Path(name).stem).id
