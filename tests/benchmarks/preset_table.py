"""What each preset reaches for its CPU seconds; writes tables in Markdown.

    python tests/benchmarks/preset_table.py texture shape photos.zip --to rows.jsonl
    python tests/benchmarks/preset_table.py --smoke

Every row is an ordinary training by a worker on one CPU core. Its process time is told, which
counts on a shared machine too: that of loading TensorFlow not, of building the network included.
Sets are names of `tests/made_sets.py`, zips or folders. Rows that stand in the file already are not
trained again: a table can be made larger, and `--set` adds rows of another kind to it, such as
`--set architecture.pretrained=RUN` with the home and `run` of an earlier row.

Accuracy is that of the validation images, mean of the last three epochs, mean and standard
deviation over seeds; in brackets what the preset had reached when small_cnn had done all its
epochs. Milliseconds are those of an image and epoch: training, evaluation and checkpoint. `--smoke`
trains the smallest preset once, and keeps no row.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import functools
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import pairwise, product
from pathlib import Path
from typing import Any, get_args
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.architecture import Preset
from cnnlab.domain.config.run_config import change_config, load_config
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.lab.runs import new_run
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.home import open_home
from cnnlab.worker.process.channel import Job
from cnnlab.worker.process.doing import do_job
from cnnlab.worker.process.loading import ProcessState, start_loading, tidy
from tests.benchmarks.kept_rows import Row, all_rows
from tests.benchmarks.options import option_parser
from tests.made_sets import SETS

PRESETS = get_args(Preset)
REFERENCE = "small_cnn"
JUDGED_EPOCHS = 3

_TOLD = ("set", "preset", "size", "epochs", "per_class", "changes", "seed")
"""By what two rows of the table differ."""

Lines = Iterator[str]


def main() -> None:
    """Train what is missing and print the tables."""
    given = _options()
    rows = all_rows(given, _planned(given), _TOLD, _trained)
    for line in tables(rows):
        print(line)


def _options() -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET")
    parser.add_argument("--presets", nargs="+", default=PRESETS, choices=PRESETS)
    parser.add_argument("--size", type=int, default=48, help="of the images, px")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument(
        "--per-class", type=int, default=60,
        help="most training images of a class, of sets that aren't drawn",
    )  # fmt: skip
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="FIELD=VALUE")
    parser.add_argument("--label", default="changed", help="what rows with --set are called")
    parser.add_argument("--to", type=Path, default=Path("preset_rows.jsonl"), help="file of rows")
    parser.add_argument("--home", type=Path, help="where runs and weights are kept")
    given = parser.parse_args()
    if given.smoke:
        given.sets, given.presets = ["few_images"], ["tiny_cnn"]
        given.size, given.epochs, given.seeds = 16, 1, 1
    return given


def _planned(given: argparse.Namespace) -> Iterator[Row]:
    """Everything once before anything is repeated: what there is can be read at any time."""
    for seed, name, preset in product(range(given.seeds), given.sets, given.presets):
        yield {
            "set": Path(name).stem,
            "preset": preset,
            "size": given.size,
            "epochs": given.epochs,
            "per_class": given.per_class,
            "changes": given.changes,
            "label": given.label if given.changes else "",
            "seed": seed,
        }


def _trained(row: Row, dataset: str, worker: ProcessPoolExecutor) -> Row:
    """The row with what was measured in the worker."""
    config = load_config(
        change_config(
            {
                "dataset": dataset,
                "image": {"size": row["size"]},
                "architecture": {"preset": row["preset"]},
                "split": {"images_per_class": None if row["set"] in SETS else row["per_class"]},
                "training": {"epochs": row["epochs"], "seed": row["seed"], "device": "cpu"},
            },
            row["changes"],
        )
    )
    run = new_run(config, name=f"{row['preset']} on {row['set']}")
    workplace().runs.create(run)
    measured = worker.submit(measure, run.id, run.config).result()
    workplace().runs.update(run.id, status=Status.FINISHED)
    print(*(row[name] for name in ("set", "preset", "seed")), measured["seconds"], file=sys.stderr)
    return row | measured | {"run": run.id}


def measure(run: str, config: dict[str, Any]) -> Row:
    """Train as a worker does that TensorFlow is loaded in, and leave as little behind."""
    loading = loaded_on_one_core()
    attempt, marks = Attempt(open_home().attempt(run, 1)), []
    attempt.create(config)
    record = AttemptRecorder.epoch

    def noted(recorder: AttemptRecorder, values: EpochRecord) -> None:
        record(recorder, values)
        marks.append(time.process_time() - began)

    began = time.process_time()
    with mock.patch.object(AttemptRecorder, "epoch", noted):
        code = do_job(Job(run, str(attempt.folder), "cpu"), lambda: None)
    seconds = time.process_time() - began
    tidy(loading)
    if code:
        raise RuntimeError(attempt.read_result())
    facts = attempt.started()
    return {
        "seconds": seconds,
        "epoch_seconds": marks,
        "accuracies": [epoch["val_accuracy"] for epoch in attempt.history()],
        "train_images": facts["train_images"],
        "parameters": facts["parameters"],
        "megabytes": attempt.model.stat().st_size / 1e6,
    }


@functools.cache
def loaded_on_one_core() -> "Future[ProcessState]":
    """TensorFlow, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    loading = start_loading(lambda: True)
    loading.result()
    return loading


def tables(rows: list[Row]) -> Iterator[str]:
    """Lines of Markdown: for each size what every set came to, and what every preset costs."""
    kinds = sorted({(row["size"], row["epochs"], row["per_class"]) for row in rows})
    for kind in kinds:
        found = [row for row in rows if (row["size"], row["epochs"], row["per_class"]) == kind]
        yield "\n{} px, {} epochs, at most {} training images of a class that isn't drawn\n".format(
            *kind
        )
        yield from _table(found, "validation accuracy, %", _accuracy)
        yield from _table(found, "CPU seconds", lambda cell, _: f"{_mean(cell, 'seconds'):.0f}")
        yield from _costs(found)


def _called(row: Row) -> str:
    return f"{row['preset']}, {row['label']}" if row["label"] else row["preset"]


def _table(rows: list[Row], title: str, told: Callable[[list[Row], list[Row]], str]) -> Lines:
    columns = list(dict.fromkeys(map(_called, rows)))
    yield f"| {title} | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name in dict.fromkeys(row["set"] for row in rows):
        of_set = [row for row in rows if row["set"] == name]
        cells = [[row for row in of_set if _called(row) == column] for column in columns]
        reference = [row for row in of_set if _called(row) == REFERENCE]
        yield f"| {name} | " + " | ".join(told(c, reference) if c else "" for c in cells) + " |"
    yield ""


def _accuracy(cell: list[Row], reference: list[Row]) -> str:
    ends = [statistics.mean(row["accuracies"][-JUDGED_EPOCHS:]) for row in cell]
    spread = f" ± {100 * statistics.stdev(ends):.1f}" if len(ends) > 1 else ""
    told = f"{100 * statistics.mean(ends):.1f}{spread}"
    if not reference or cell == reference:
        return told
    budget = _mean(reference, "seconds")
    return f"{told} ({100 * statistics.mean(_reached(row, budget) for row in cell):.1f})"


def _reached(row: Row, budget: float) -> float:
    """Accuracy at the end of the last epochs that fit into so many CPU seconds; 0 without any."""
    marks = zip(row["epoch_seconds"], row["accuracies"], strict=True)
    within = [accuracy for seconds, accuracy in marks if seconds <= budget]
    return statistics.mean(within[-JUDGED_EPOCHS:]) if within else 0.0


def _costs(rows: list[Row]) -> Lines:
    yield "| | parameters | model, MB | ms an image and epoch | images a CPU second |"
    yield "|---|---|---|---|---|"
    for name in dict.fromkeys(map(_called, rows)):
        own = [row for row in rows if _called(row) == name]
        spent = min(_seconds_per_image(row) for row in own)
        yield (
            f"| {name} | {_mean(own, 'parameters'):,.0f} | {_mean(own, 'megabytes'):.1f} "
            f"| {1000 * spent:.2f} | {1 / spent:.0f} |"
        )
    yield ""


def _seconds_per_image(row: Row) -> float:
    """Of an epoch behind the first, which builds and traces."""
    marks = row["epoch_seconds"]
    epochs = [later - earlier for earlier, later in pairwise(marks)] or marks
    return statistics.median(epochs) / row["train_images"]


def _mean(rows: list[Row], name: str) -> float:
    return statistics.mean(row[name] for row in rows)


if __name__ == "__main__":
    main()
