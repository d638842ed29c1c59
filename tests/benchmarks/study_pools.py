"""Pools of real runs that studies are drawn from: what verdicts are tried on; writes JSON lines.

    python tests/benchmarks/study_pools.py sample_data/six_signs.zip --to signs.jsonl

Every row is an ordinary training of a small net by a worker on one CPU core: an arm with a seed,
judged as studies are by default (`mean_last`). Kept are the metrics, what the kept model does on
distorted images and how well it is calibrated, and of each validation image in how many of the
judged epochs it was told rightly (`right`) and its mean cross-entropy in thousandths of a nat
(`losses`). Rows that stand in the file already are not trained again: a pool can be made larger.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.domain.study import Study
from cnnlab.lab.runs import new_run
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.predictions import read_predictions
from cnnlab.study.judged_epochs import judged_images, mean_of_last, needed_epochs
from cnnlab.worker.channel import Job
from cnnlab.worker.doing import do_job
from cnnlab.worker.loading import tidy
from tests.benchmarks.kept_rows import Row, all_rows
from tests.benchmarks.preset_table import loaded_on_one_core

ARMS = ("baseline", "augmentation", "dropout", "l2", "label_smoothing")
_METRICS = ("val_accuracy", "val_cross_entropy", "gap")
_TOLD = ("set", "arm", "seed")
"""By what two rows of a pool differ."""


def main() -> None:
    """Train what is missing."""
    given = _options()
    rows = all_rows(given, _planned(given), _TOLD, _trained)
    print(f"{len(rows)} runs, {sum(row['seconds'] for row in rows):.0f} CPU seconds: {given.to}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", metavar="SET", help="a drawn set, a zip or a folder")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--arms", nargs="+", default=ARMS)
    parser.add_argument("--size", type=int, default=24, help="of the images, px")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--per-class", type=int, default=20, help="training images of a class")
    parser.add_argument("--validation", type=float, default=0.5, help="share of the images")
    parser.add_argument("--to", type=Path, required=True, help="file of rows")
    parser.add_argument("--home", type=Path, help="where the dataset is kept")
    return parser.parse_args()


def _planned(given: argparse.Namespace) -> Iterator[Row]:
    """Seed by seed: what there is can be read at any time."""
    for seed, name, arm in product(range(given.seeds), given.sets, given.arms):
        yield {
            "set": Path(name).stem,
            "arm": arm,
            "seed": seed,
            "size": given.size,
            "epochs": given.epochs,
            "per_class": given.per_class,
            "validation": given.validation,
        }


def _trained(row: Row, dataset: str, worker: ProcessPoolExecutor) -> Row:
    """The row with what was measured in the worker."""
    base = load_config(
        {
            "dataset": dataset,
            "image": {"size": row["size"]},
            "architecture": {"preset": "tiny_cnn"},
            "split": {
                "images_per_class": row["per_class"],
                "validation": row["validation"],
                "test": 0.0,
            },
            "optimizer": {"learning_rate": 0.003},
            "training": {"epochs": row["epochs"], "batch_size": 16, "device": "cpu"},
        }
    )
    chosen = ready_arms([row["arm"]])[-1]
    study = Study("", "", dataset, base.model_dump(mode="json"), (chosen,), (row["seed"],))
    run = new_run(study.config(chosen, row["seed"]))
    workplace().runs.create(run)
    measured = worker.submit(measure, run.id, run.config, study.judged_epochs).result()
    workplace().runs.update(run.id, status=Status.FINISHED)
    print(*(row[name] for name in _TOLD), measured["val_accuracy"], measured["seconds"], flush=True)
    return row | measured


def measure(run: str, config: dict[str, Any], last: int) -> Row:
    """Train as a worker does that TensorFlow is loaded in, and leave nothing behind."""
    loading = loaded_on_one_core()
    attempt = Attempt(open_home().attempt(run, 1))
    attempt.create(config)
    began = time.process_time()
    code = do_job(Job(run, str(attempt.folder), "cpu"), lambda: None)
    seconds = time.process_time() - began
    tidy(loading)
    result = attempt.read_result()
    if code or not result:
        raise RuntimeError(result)
    history = attempt.history()
    needed = needed_epochs("mean_last", len(history), last=last, best=0)
    found = read_predictions(attempt.predictions, len(history))
    if found is None:
        raise RuntimeError(f"{run} kept nothing of its validation images.")
    judged = judged_images("mean_last", *found.judged(needed))
    report = result["report"]
    distorted = [one["accuracy"] for one in report.get("robustness") or []]
    shutil.rmtree(attempt.folder)
    return {
        "seconds": round(seconds, 2),
        "right": [round(float(value) * len(needed)) for value in judged.accuracy],
        "losses": [round(1000 * float(value)) for value in judged.cross_entropy],
        "judged_epochs": len(needed),
        "robustness": sum(distorted) / len(distorted) if distorted else None,
        "calibration": (report.get("calibration") or {}).get("ece"),
    } | {name: mean_of_last(history, len(needed), name) for name in _METRICS}


if __name__ == "__main__":
    main()
