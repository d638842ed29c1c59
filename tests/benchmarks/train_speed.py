"""How fast `cnnlab.training.loop.fit` trains, against hand-written Keras; prints a table.

    python tests/benchmarks/train_speed.py [ROUNDS] [--smoke]

Ways to train the same network with the same batch size are run by turns in one process:

- ours: `fit` with flip, rotation, zoom, shift and contrast, as a run does it
- hand: the best stock Keras script: uint8 in memory, the same augmentation by Keras layers in a
  parallel tf.data map with AUTOTUNE
- plain: `model.fit(numpy)` without augmentation
- tutorial: `image_dataset_from_directory` on JPEG files, Random layers in the model, no cache
- bfloat16: ours with the precision mixed_bfloat16, on a CPU that multiplies it by itself

Measured are the steps between the first and the last of each epoch but the first; the best epoch
of each way counts. The machine may be shared, so the ratios of CPU seconds stand beside. The last
column compares what a user waits for: all epochs but the first from end to end, with tf.data's
pauses between the tutorial's and with the measuring and keeping of each epoch in ours. `--smoke`
takes one round of a small network with few images.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import re
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model
from tests.benchmarks.options import is_smoke, read_options

CASES = [("small_cnn", 32, 1280), ("small_cnn", 64, 512), ("resnet_small", 64, 512)]
SMALLEST = [("tiny_cnn", 32, 128)]
ROUNDS, EPOCHS, BATCH = 2, 4, 32
PHOTO_PX = (500, 375)
AUGMENTATION = {
    "flip": "horizontal",
    "rotation_degrees": 15,
    "zoom_fraction": 0.12,
    "shift_fraction": 0.1,
    "contrast_fraction": 0.2,
}


class Stopwatch(keras.callbacks.Callback):
    """Wall and CPU seconds per image of each epoch, its first step left out."""

    def __init__(self, steps):
        super().__init__()
        self.steps, self.marks = steps, []

    def tick(self):
        self.marks.append((time.perf_counter(), time.process_time()))

    def on_train_batch_end(self, batch, logs=None):
        self.tick()

    def seconds_per_image(self):
        epochs = np.array(self.marks).reshape(-1, self.steps, 2)[1:]
        return (epochs[:, -1] - epochs[:, 0]) / ((self.steps - 1) * BATCH)

    def whole_seconds_per_image(self):
        """Wall seconds from the end of the first epoch's steps to the end of the last one's."""
        ends = np.array(self.marks).reshape(-1, self.steps, 2)[:, -1, 0]
        return (ends[-1] - ends[0]) / ((len(ends) - 1) * self.steps * BATCH)


class StopwatchRecorder:
    """A RunRecorder that only looks at the clock after every step."""

    def __init__(self, stopwatch):
        self.stopwatch = stopwatch

    def should_stop(self):
        self.stopwatch.tick()
        return False

    def asked_dials(self):
        return []

    def ignore(self, *_):
        pass

    phase = started = step = predictions = epoch = beat = turned = ignore
    checkpoint = checkpoint_within = ignore


def random_layers():
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(AUGMENTATION["rotation_degrees"] / 360),
        layers.RandomZoom(AUGMENTATION["zoom_fraction"]),
        layers.RandomTranslation(AUGMENTATION["shift_fraction"], AUGMENTATION["shift_fraction"]),
        layers.RandomContrast(AUGMENTATION["contrast_fraction"]),
    ]


def compiled(model):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train_ours(config: RunConfig, data: TrainingData, _: Path, stopwatch):
    fit(config, data, StopwatchRecorder(stopwatch))


def train_in_bfloat16(config: RunConfig, data: TrainingData, photos: Path, stopwatch):
    training = config.training.model_copy(update={"precision": "mixed_bfloat16"})
    train_ours(config.model_copy(update={"training": training}), data, photos, stopwatch)


def train_by_hand(config: RunConfig, data: TrainingData, _: Path, stopwatch):
    augment = keras.Sequential(random_layers())
    count = len(data.train)
    dataset = tf.data.Dataset.from_tensor_slices((data.images[:count], data.labels[:count]))
    dataset = dataset.cache().shuffle(count).batch(BATCH)
    dataset = dataset.map(
        lambda images, labels: (augment(images, training=True), labels),
        num_parallel_calls=tf.data.AUTOTUNE,
    ).prefetch(tf.data.AUTOTUNE)
    model = compiled(build_model(config, data.image_shape, data.classes))
    model.fit(dataset, epochs=EPOCHS, shuffle=False, verbose=0, callbacks=[stopwatch])


def train_plain(config: RunConfig, data: TrainingData, _: Path, stopwatch):
    model = compiled(build_model(config, data.image_shape, data.classes))
    count = len(data.train)
    images, labels = data.images[:count], data.labels[:count]
    model.fit(images, labels, BATCH, EPOCHS, verbose=0, callbacks=[stopwatch])


def train_as_tutorial(config: RunConfig, data: TrainingData, photos: Path, stopwatch):
    size = data.image_shape[:2]
    dataset = keras.utils.image_dataset_from_directory(
        photos, image_size=size, batch_size=BATCH, verbose=False
    ).take(len(data.train) // BATCH)
    network = build_model(config, data.image_shape, data.classes)
    model = compiled(keras.Sequential([*random_layers(), network]))
    model.fit(dataset, epochs=EPOCHS, shuffle=False, verbose=0, callbacks=[stopwatch])


WAYS = {
    "ours": train_ours,
    "hand": train_by_hand,
    "plain": train_plain,
    "tutorial": train_as_tutorial,
}
if re.search(r"\b(amx|avx512)_bf16\b", Path("/proc/cpuinfo").read_text()):
    WAYS["bfloat16"] = train_in_bfloat16


def draw_photos(folder: Path, count: int):
    """Write `count` random JPEG photos with a little grain, of 40 kB, in ten class folders."""
    generator = np.random.default_rng(0)
    for index in range(count):
        coarse = generator.integers(0, 256, (12, 16, 3), np.uint8)
        smooth = Image.fromarray(coarse).resize(PHOTO_PX, Image.Resampling.BICUBIC)
        grain = generator.normal(0, 2.5, (*PHOTO_PX[::-1], 1))
        photo = Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))
        path = folder / str(index % 10) / f"{index}.jpg"
        path.parent.mkdir(exist_ok=True)
        photo.save(path, quality=90)


def measure(preset: str, size: int, count: int, photos: Path, rounds: int):
    """Best (wall, CPU) seconds per image of each way, and all wall seconds of whole epochs."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (count + BATCH, size, size, 3), np.uint8)
    labels = (np.arange(len(images)) % 10).astype(np.int32)
    train, validation = np.arange(count), np.arange(count, count + BATCH)
    data = TrainingData(images, labels, train, validation, tuple("0123456789"))
    config = load_config(
        {
            "image": {"size": size},
            "architecture": {"preset": preset},
            "augmentation": AUGMENTATION,
            "training": {"epochs": EPOCHS, "batch_size": BATCH},
        }
    )
    times, whole = {name: [] for name in WAYS}, {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, train_way in WAYS.items():
            keras.utils.clear_session()
            stopwatch = Stopwatch(count // BATCH)
            train_way(config, data, photos, stopwatch)
            times[name].extend(stopwatch.seconds_per_image())
            whole[name].append(stopwatch.whole_seconds_per_image())
    best = {name: np.min(values, axis=0) for name, values in times.items()}
    return best, {name: np.mean(values) for name, values in whole.items()}


def main(rounds):
    began, cases = time.perf_counter(), SMALLEST if is_smoke() else CASES
    print("Images per second (wall), and time of ours relative to the others, wall (CPU seconds)")
    print(f"{'network':14}{'px':>4}" + "".join(f"{name:>10}" for name in WAYS), end="")
    against_tutorial = [name for name in WAYS if name in ("ours", "bfloat16")]
    print("".join(f"{f'ours/{name}':>16}" for name in list(WAYS)[1:]), end="")
    print("".join(f"{f'tutorial/{name}, whole':>26}" for name in against_tutorial))
    with tempfile.TemporaryDirectory(prefix="cnnlab-benchmark-") as folder:
        draw_photos(Path(folder), max(count for _, _, count in cases))
        for preset, size, count in cases:
            best, whole = measure(preset, size, count, Path(folder), rounds)
            speeds = "".join(f"{1 / wall:10.0f}" for wall, _ in best.values())
            ratios = [best["ours"] / best[name] for name in list(WAYS)[1:]]
            shown = "".join(f"{f'{wall:.2f} ({cpu:.2f})':>16}" for wall, cpu in ratios)
            gains = [whole["tutorial"] / whole[name] for name in against_tutorial]
            shown += "".join(f"{gain:25.2f}x" for gain in gains)
            print(f"{preset:14}{size:4}{speeds}{shown}", flush=True)
    print(
        f"Goals: ours/hand at most 1.05, ours/plain at most 1.10. "
        f"Took {time.perf_counter() - began:.0f} s."
    )


if __name__ == "__main__":
    main(*read_options(__doc__, rounds=(ROUNDS, 1)))
