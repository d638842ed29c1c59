"""Batch norm's statistics as a run measures them: how true they are, and what they cost.

    python tests/benchmarks/batch_norm.py [CASES] [--smoke]

Small trainings on drawn images. Three rows a case, from the weights of its last epoch: with Keras'
running averages, as measured, and exact (all training images in one pass). Cost is CPU seconds of
the measuring in percent of those of an epoch, evaluation and checkpoint included. `--smoke` takes
the smallest case.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys
import time
from pathlib import Path
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.training.input.data import TrainingData, steps_per_epoch
from cnnlab.training.judging.batch_statistics import BatchStatistics
from cnnlab.training.judging.evaluate import plain_metrics, predict
from cnnlab.training.loop.fit import fit
from tests.benchmarks.options import read_options
from tests.training.conftest import MemoryRecorder

NORMED = {"regularization": {"batch_norm": True}}
AVERAGED = {"optimizer": {"ema_momentum": 0.9}}
SMALL, TINY, RESNET = ({"preset": name} for name in ("small_cnn", "tiny_cnn", "resnet_small"))
CASES = {
    "small_cnn": (120, 32, 3, {"architecture": SMALL} | NORMED),
    "resnet_small": (660, 32, 5, {"architecture": RESNET}),
    "resnet_small, averaged": (830, 32, 3, {"architecture": RESNET} | AVERAGED),
    "small_cnn, longer": (1600, 32, 6, {"architecture": SMALL} | NORMED),
    "small_cnn, 64 px": (800, 64, 3, {"architecture": SMALL} | NORMED),
    "tiny_cnn": (380, 32, 6, {"architecture": TINY} | NORMED),
    "tiny_cnn, averaged": (380, 32, 6, {"architecture": TINY} | NORMED | AVERAGED),
    "small_cnn, 6000": (6000, 32, 2, {"architecture": SMALL} | NORMED),
}
"""Training images, px, epochs, and what differs from the defaults."""

VALIDATION, CLASSES = 400, 4


def drawn(train: int, side: int) -> TrainingData:
    """Discs, squares, crosses and rings of any colour on noise, sorted by class."""
    generator = np.random.default_rng(0)
    count = train + VALIDATION
    labels = np.sort(np.arange(count, dtype=np.int32) % CLASSES)
    y, x = np.mgrid[:side, :side] / side
    images = generator.normal(0, 15, (count, side, side, 3))
    images += generator.uniform(60, 190, (count, 1, 1, 3))
    for image, label in zip(images, labels, strict=True):
        down, right = (
            np.abs(y - generator.uniform(0.4, 0.6)),
            np.abs(x - generator.uniform(0.4, 0.6)),
        )
        radius, distance = generator.uniform(0.15, 0.3), np.hypot(down, right)
        shapes = (
            distance < radius,
            np.maximum(down, right) < 0.9 * radius,
            (np.minimum(down, right) < 0.3 * radius) & (np.maximum(down, right) < radius),
            (distance < radius) & (distance > 0.6 * radius),
        )
        image[shapes[label]] += generator.uniform(60, 100, 3) * generator.choice([-1, 1])
    order = generator.permutation(count)
    pixels = np.clip(images, 0, 255).astype(np.uint8)
    return TrainingData(
        pixels, labels, np.sort(order[:train]), np.sort(order[train:]), ("a", "b", "c", "d")
    )


def main() -> None:
    """Train and print everything."""
    (cases,) = read_options(__doc__, cases=(len(CASES), 1))
    for name, (train, side, epochs, changes) in list(CASES.items())[:cases]:
        parts = {"image": {"size": side}, "training": {"epochs": epochs}}
        show(name, load_config(parts | changes), drawn(train, side))
    print("Goal: at most 5 % of an epoch from 350 images on, and within a point of exact.")


def show(name: str, config: RunConfig, data: TrainingData) -> None:
    """Train twice, once without measuring, and compare."""
    begun, spent = [], []
    measure = BatchStatistics.measure

    def timed(statistics: BatchStatistics) -> None:
        begun.append(time.process_time())
        measure(statistics)
        spent.append(time.process_time() - begun[-1])

    recorder = MemoryRecorder(None)
    with mock.patch.object(BatchStatistics, "measure", timed):
        model = fit(config, data, recorder).model
    share = min(spent) / np.diff(begun).min()
    with mock.patch.object(BatchStatistics, "measure", lambda statistics: None):
        averages = fit(config, data, MemoryRecorder(None)).model
    steps = config.training.epochs * steps_per_epoch(config, data)
    images = recorder.facts["statistics_images"]
    print(f"{name}: {len(data.train)} images of {config.image.size} px, {steps} steps")
    print(f"  measured on {images} images, {1e3 * min(spent):.0f} ms CPU, {share:.1%} of an epoch")
    print(f"  {'':18}validation accuracy, cross-entropy   clean train accuracy, cross-entropy")
    row("running averages", averages, data)
    row("measured", model, data)
    BatchStatistics(model, data.images, data.train, lambda: None, len(data.train)).measure()
    row("exact", model, data)


def row(name: str, model, data: TrainingData) -> None:
    """Both parts' metrics."""
    values = []
    for part in (data.validation, data.train):
        cross_entropy, accuracy = plain_metrics(
            predict(model, data.images, part), data.labels[part]
        )
        values += [accuracy, cross_entropy]
    print("  {:18}{:19.3f}{:15.3f}{:23.3f}{:15.3f}".format(name, *values), flush=True)


if __name__ == "__main__":
    main()
