"""What dials cost: CPU time of a training step that reads them, against one built with constants.

    python tests/benchmarks/dials.py [ROUNDS] [CASES] [--smoke]

For each network and config two models are trained by turns in one process, a few steps each, with
the input path of a run: one with the config's constants, one with a board of dials that nobody
turns. `off` is the worst case: what a run pays for dials that it never uses. CPU seconds are
compared because the machine may be shared, with one thread because waiting threads spin. `--smoke`
takes two rounds of one case.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys
import time
import timeit
from itertools import product
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network.model import build_model
from cnnlab.training.network.optimizer import build_optimizer
from tests.benchmarks.options import read_options

BATCH, CLASSES, IMAGES, PREFETCHED, CALLS = 32, 10, 512, 2, 2
SIZES = {32: 4, 64: 2}
"""Image size in px: steps in a row."""
ROUNDS = 60
CONFIGS = {
    "off": {},
    "regularized": {"regularization": {"dropout": 0.3, "l2": 1e-3, "label_smoothing": 0.1}},
    "augmented": {
        "augmentation": {
            "flip": "horizontal",
            "rotation_degrees": 15,
            "zoom_fraction": 0.12,
            "shift_fraction": 0.1,
            "contrast_fraction": 0.2,
        }
    },
}


def batches_of(config: RunConfig, board: DialBoard | None):
    """Endless batches, augmented by parallel calls ahead of the training."""
    generator = np.random.default_rng(0)
    size = config.image.size
    images = generator.integers(0, 256, (IMAGES, size, size, 3), np.uint8)
    labels = tf.one_hot(generator.integers(0, CLASSES, IMAGES), CLASSES)
    augmenter = Augmenter(config.augmentation, config.training.seed, board)

    def read(step, chosen):
        return images[chosen], board.strengths_at(step) if board else np.zeros(0)

    def batch(step):
        chosen = tf.math.floormod(tf.range(BATCH) + BATCH * tf.cast(step, tf.int32), IMAGES)
        types = tf.uint8, tf.float64
        own, strengths = tf.numpy_function(read, [step, chosen], types, stateful=False)
        own, targets = tf.ensure_shape(own, (BATCH, size, size, 3)), tf.gather(labels, chosen)
        is_on = config.augmentation.is_on
        return augmenter(own, targets, step, strengths) if is_on else (own, targets)

    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.max_intra_op_parallelism = 1
    steps = tf.data.Dataset.range(10**9).map(batch, num_parallel_calls=CALLS, deterministic=True)
    return iter(steps.prefetch(PREFETCHED).with_options(options))


class Trainer:
    """One model with its batches; trains a few steps and says what they cost."""

    def __init__(self, config: RunConfig, board: DialBoard | None):
        self.board, self.step = board, 0
        size = config.image.size
        model = build_model(config, (size, size, 3), CLASSES, board)
        smoothing = config.regularization.label_smoothing
        constant = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
        model.compile(
            build_optimizer(config),
            board.loss() if board else constant,
            metrics=["accuracy"],
            jit_compile=False,
        )
        model.make_train_function()
        self.model, self.batches = model, batches_of(config, board)
        self.train(4)

    def train(self, steps: int) -> float:
        """CPU seconds per step."""
        began = time.process_time()
        for _ in range(steps):
            if self.board:
                self.board.apply_due(self.step)
            logs = self.model.train_function(self.batches)
            self.step += 1
        float(logs["loss"])
        return (time.process_time() - began) / steps


def compare(config: RunConfig, steps: int, rounds: int):
    """CPU milliseconds per step with constants, and the ratios of those with dials."""
    trainers = [Trainer(config, None), Trainer(config, DialBoard(config))]
    times = []
    for index in range(rounds):
        order = (0, 1) if index % 2 else (1, 0)
        times.append(
            [seconds for _, seconds in sorted((i, trainers[i].train(steps)) for i in order)]
        )
    constants, dials = np.array(times).T
    return 1000 * constants.min(), dials.min() / constants.min(), np.median(dials / constants)


def main(rounds: int, cases: int):
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    board = DialBoard(load_config({}))
    board.apply_due(0)
    nanoseconds = timeit.timeit(lambda: board.apply_due(5), number=100_000) * 1e4
    print(f"apply_due with nothing due: {nanoseconds:.0f} ns")
    print(f"{'small_cnn':>10}{'config':>14}{'CPU ms/step':>14}{'ratio of best':>16}{'median':>10}")
    for (size, steps), (name, parts) in list(product(SIZES.items(), CONFIGS.items()))[:cases]:
        config = load_config(
            {"image": {"size": size}, "architecture": {"preset": "small_cnn"}, **parts}
        )
        keras.utils.clear_session()
        milliseconds, best, median = compare(config, steps, rounds)
        print(f"{size:7} px{name:>14}{milliseconds:14.1f}{best:16.3f}{median:10.3f}", flush=True)
    print("Goal: at most 1.010.")


if __name__ == "__main__":
    cases = len(SIZES) * len(CONFIGS)
    main(*read_options(__doc__, rounds=(ROUNDS, 2), cases=(cases, 1)))
