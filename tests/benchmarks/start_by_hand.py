"""A process that a user would write who wants to wait as little as possible: Keras, by hand.

TensorFlow is loaded and the process waits. Then it reads the images, builds the network of
`small_cnn` and all its variables, so that the step is traced once, and trains its first step.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "from tests.benchmarks.start_by_hand import wait_and_train; wait_and_train()"
BATCH = 32


class HandWritten:
    """The process, started and waiting."""

    def __init__(self, images: Path, labels: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(images), str(labels)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        self._read()

    def first_step_seconds(self) -> float:
        """Seconds from the word to train to the end of the first step; it ends then."""
        began = time.perf_counter()
        self._process.stdin.write(b"train\n")
        self._process.stdin.flush()
        self._read()
        seconds = time.perf_counter() - began
        self._process.communicate()
        return seconds

    def _read(self) -> None:
        assert self._process.stdout.readline(), "the hand-written process has ended"


def wait_and_train() -> None:
    """Load TensorFlow, say so, wait for the word, train one step, say so."""
    import keras  # noqa: PLC0415 - the parent must not load Keras
    import tensorflow as tf  # noqa: PLC0415

    print("loaded", flush=True)
    sys.stdin.readline()
    images, labels = np.load(sys.argv[1], mmap_mode="r"), np.load(sys.argv[2])
    classes = int(labels.max()) + 1
    augment = keras.Sequential(
        [keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(10 / 360)]
    )
    dataset = tf.data.Dataset.from_tensor_slices((images, tf.one_hot(labels, classes)))
    dataset = dataset.shuffle(len(labels)).batch(BATCH)
    dataset = dataset.map(
        lambda batch, targets: (augment(batch, training=True), targets), num_parallel_calls=2
    ).prefetch(2)
    model = small_cnn(keras, images.shape[1:], classes)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    example = tf.zeros((1, classes))
    model._compile_metrics.build(example, example)
    model._compile_loss.build(example, example)
    model.fit(dataset, epochs=1, steps_per_epoch=1, shuffle=False, verbose=0)
    print("trained", flush=True)


def small_cnn(keras, shape, classes: int):
    """Three times convolution, batch norm, ReLU and pooling, and one dense layer."""
    layers = keras.layers
    parts = [keras.Input(shape), layers.Rescaling(1 / 255)]
    for filters in (32, 64, 128):
        parts += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]
    parts += [layers.GlobalAveragePooling2D(), layers.Dropout(0.3)]
    return keras.Sequential([*parts, layers.Dense(classes, "softmax")])
