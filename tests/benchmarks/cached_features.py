"""What computing frozen layers once saves: `fit` against a hand-written Keras loop; prints a table.

    python tests/benchmarks/cached_features.py [--smoke]

Both train the last layer of an EfficientNet-Lite0 whose other layers are frozen, on 480 images:

- ours: `fit`, which computes the features once; its epochs include clean train and validation on
  120 images and the copy of the state
- augmented: the same with flip and rotation, of which 8 copies are made
- hand: `model.fit` on batches in memory, which computes them at every step; without validation

The median epoch behind the first one counts, in wall and CPU seconds: the machine may be shared.
Goal at 96 px: an epoch of ours takes at most 0.25 s, and a seventh of that of the hand-written one.
`--smoke` takes fewer and smaller images.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import statistics
import sys
import time
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.planner import plan_network
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model
from tests.benchmarks.options import option_parser
from tests.benchmarks.train_speed import StopwatchRecorder

BATCH, CLASSES = 32, 10
AUGMENTATION = {"flip": "horizontal", "rotation_degrees": 15}


class Marks(keras.callbacks.Callback, StopwatchRecorder):
    """Wall and CPU seconds at the end of each epoch, of a Keras loop or of `fit`."""

    def __init__(self):
        super().__init__()
        self.marks = [self.now()]
        self.facts = {}

    def now(self):
        return time.perf_counter(), time.process_time()

    def started(self, facts):
        self.facts = facts

    def should_stop(self):
        return False

    def checkpoint(self, *_):
        self.marks.append(self.now())

    def on_epoch_end(self, epoch, logs=None):
        self.marks.append(self.now())

    def medians(self):
        """Wall and CPU seconds of an epoch, and wall seconds up to the end of the first."""
        wall, cpu = np.diff(self.marks, axis=0).T
        return statistics.median(wall[1:]), statistics.median(cpu[1:]), wall[0]


def config_of(side, epochs, augmentation):
    values = {
        "image": {"size": side},
        "architecture": {"preset": "efficientnet_lite0"},
        "augmentation": augmentation,
        "training": {"epochs": epochs, "batch_size": BATCH},
    }
    plan = plan_network(load_config(values), (side, side, 3), CLASSES)
    values["architecture"]["frozen_layers"] = plan.layers_with_weights() - 1
    return load_config(values)


def ours(data, side, epochs, augmentation):
    recorder = Marks()
    fit(config_of(side, epochs, augmentation), data, recorder)
    assert recorder.facts["cached_features"]
    return recorder.medians()


def by_hand(data, side, epochs):
    model = build_model(config_of(side, epochs, {}), data.image_shape, CLASSES)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    images, labels = (values[data.train] for values in (data.images, data.labels))
    marks = Marks()
    model.fit(images, labels, batch_size=BATCH, epochs=epochs, callbacks=[marks], verbose=0)
    return marks.medians()


def main(side, images, epochs):
    others = images // 4
    pixels = np.random.default_rng(0).integers(0, 256, (images + others, side, side, 3), np.uint8)
    labels = np.arange(len(pixels), dtype=np.int32) % CLASSES
    train, validation = np.split(np.arange(len(pixels)), [images])
    data = TrainingData(pixels, labels, train, validation, tuple("abcdefghij"))
    measured = {
        "ours": ours(data, side, epochs, {}),
        "augmented": ours(data, side, epochs, AUGMENTATION),
        "hand": by_hand(data, side, max(3, epochs // 4)),
    }
    print(f"{images} images of {side} px, seconds of an epoch, and up to the end of the first one")
    print(f"{'':10} {'wall':>7} {'CPU':>7} {'first':>7} {'hand / this':>12}")
    for name, (wall, cpu, first) in measured.items():
        ratio = measured["hand"][1] / cpu
        print(f"{name:10} {wall:7.3f} {cpu:7.3f} {first:7.1f} {ratio:11.1f}x")


if __name__ == "__main__":
    is_small = option_parser(__doc__).parse_args().smoke
    main(*((32, 64, 4) if is_small else (96, 480, 16)))
