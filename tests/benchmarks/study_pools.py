"""Pools of real runs that studies are drawn from: what verdicts are tried on; writes JSON lines.

    python tests/benchmarks/study_pools.py sample_data/six_signs.zip --to signs.jsonl
    python tests/benchmarks/study_pools.py --smoke

Every row is an ordinary training of a small net on one CPU core, without files: an arm with a seed,
judged as studies are by default (`mean_last`). Kept are the metrics and of each validation image in
how many of the judged epochs it was told rightly (`right`) and its mean cross-entropy in
thousandths of a nat (`losses`). Rows that stand in the file already are not trained again: a pool
can be made larger. `--smoke` trains two arms for an epoch, and keeps none.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.training import ComparedMetric, EpochRecord
from cnnlab.domain.study import Study
from cnnlab.study.measures.judged_epochs import judged_images, mean_of_last
from cnnlab.worker.data import load_data
from cnnlab.worker.process.loading import tidy
from tests.benchmarks.kept_rows import Row, all_rows
from tests.benchmarks.options import option_parser
from tests.benchmarks.preset_table import loaded_on_one_core

ARMS = ("baseline", "augmentation", "dropout", "l2", "label_smoothing")
_METRICS: tuple[ComparedMetric, ...] = ("val_accuracy", "val_cross_entropy", "gap")
SAMPLE = Path(__file__).resolve().parents[2] / "sample_data/six_signs.zip"
KERAS_CLIP = (1e-7, 1 - 1e-7)
_TOLD = ("set", "arm", "seed")
"""By what two rows of a pool differ."""


def main() -> None:
    """Train what is missing."""
    given = _options()
    rows = all_rows(given, _planned(given), _TOLD, _trained)
    print(f"{len(rows)} runs, {sum(row['seconds'] for row in rows):.0f} CPU seconds")


def _options() -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument(
        "sets", nargs="*", default=[str(SAMPLE)], metavar="SET", help="drawn sets, zips, folders"
    )
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--arms", nargs="+", default=ARMS)
    parser.add_argument("--size", type=int, default=24, help="of the images, px")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--per-class", type=int, default=20, help="training images of a class")
    parser.add_argument("--validation", type=float, default=0.5, help="share of the images")
    parser.add_argument("--to", type=Path, default=Path("pool.jsonl"), help="file of rows")
    parser.add_argument("--home", type=Path, help="where the dataset is kept")
    given = parser.parse_args()
    if given.smoke:
        given.arms, given.seeds, given.size = ARMS[:2], 1, 16
        given.epochs, given.per_class = 1, 5
    return given


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
    config = study.config(chosen, row["seed"]).model_dump(mode="json")
    measured = worker.submit(measure, config, study.judged_epochs).result()
    print(*(row[name] for name in _TOLD), measured["val_accuracy"], measured["seconds"], flush=True)
    return row | measured


def measure(config: dict[str, Any], last: int) -> Row:
    """Train as a worker does that TensorFlow is loaded in, without files.

    Args:
        config: of the run.
        last: how many of its last epochs judge it.
    """
    loading = loaded_on_one_core()
    kept = _Kept()
    began = time.process_time()
    data = load_data(load_config(config), kept, loading.result)
    from cnnlab.training.loop.fit import fit  # noqa: PLC0415 - the parent must not load Keras

    fit(load_config(config), data, kept)
    seconds = time.process_time() - began
    tidy(loading)
    labels = kept.said[-1].labels
    asked = [one.probabilities[np.arange(len(labels)), labels] for one in kept.said[-last:]]
    losses = -np.log(np.clip(asked, *KERAS_CLIP))
    right = np.stack([one.probabilities.argmax(axis=1) == labels for one in kept.said[-last:]])
    judged = judged_images("mean_last", right, losses)
    return {
        "seconds": round(seconds, 2),
        "right": right.sum(axis=0).tolist(),
        "losses": [round(1000 * float(value)) for value in judged.cross_entropy],
        "judged_epochs": last,
    } | {name: mean_of_last(kept.records, last, name) for name in _METRICS}


class _Kept:
    """A recorder that keeps the metrics and what was said of the validation images."""

    def __init__(self) -> None:
        self.records: list[EpochRecord] = []
        self.said: list[Predictions] = []

    def predictions(self, epoch: int, predictions: Predictions) -> None:
        self.said.append(predictions)

    def epoch(self, record: EpochRecord) -> None:
        self.records.append(record)

    def __getattr__(self, name: str) -> Any:
        return lambda *_: ()


if __name__ == "__main__":
    main()
