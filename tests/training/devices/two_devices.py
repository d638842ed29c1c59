"""Runs on one device and on two of them, two halves of this CPU: prints what came out as JSON.

A process can have one such pair only, and oneDNN must be off (TF_ENABLE_ONEDNN_OPTS=0): its cache
mixes up two devices that compute the same operation on shares of different sizes.
"""

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from PIL import Image

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports import agreement
from cnnlab.exports.about import About
from cnnlab.exports.model_format import Source
from cnnlab.exports.table import find_model_format
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.replicas import computing_on
from cnnlab.training.input.data import TrainingData
from cnnlab.training.judging.evaluate import final_evaluation
from cnnlab.training.judging.reference import float32_clone, reference_probabilities
from cnnlab.training.loop import fit as fitting
from cnnlab.training.loop.trial import Trial
from cnnlab.training.preflight import preflight as looking
from tests.datasets.uploads import encoded
from tests.training.conftest import MemoryRecorder

ONE = Device("CPU:0", "one", 1)
TWO = Device("CPU:0", "two", 1, replicas=("CPU:0", "CPU:1"))
BASE = {
    "image": {"size": 12},
    "architecture": {"preset": "tiny_cnn", "filters": 4, "dense_units": 8},
    "training": {"epochs": 3, "batch_size": 15},
}


def train(config, data, device, **earlier):
    fitting.choose_device = lambda wanted: device
    recorder = MemoryRecorder(None)
    return recorder, fitting.fit(config, data, recorder, **earlier)


def compare(config, data):
    """A run on one device and the same on two: how far apart are weights and metrics?"""
    (told, one), (told_by_two, two) = (train(config, data, device) for device in (ONE, TWO))
    weights = [
        float(np.abs(ours.value.numpy() - theirs.value.numpy()).max())
        for ours, theirs in zip(one.model.weights, two.model.weights, strict=True)
    ]
    return {
        "weights": max(weights),
        "history": [one.history, two.history],
        "facts": [told.facts, told_by_two.facts],
    }


def resume(config, data):
    """A run on two devices, gone on with after its first epoch, and its model used and exported."""
    whole_told, whole = train(config, data, TWO)
    _, state, _ = whole_told.checkpoints[0]
    _, resumed = train(config, data, TWO, history=whole.history, state=state)
    model = resumed.kept_model()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        given, about = float32_clone(model), About(tuple(data.class_names), config.image)
        keras_format = find_model_format("keras")
        keras_format.save(Source(given, about, lambda: data.images[:8]), path)
        expected = reference_probabilities(given, data.images[:8], lambda: None)
        files = [encoded(Image.fromarray(image), "PNG") for image in data.images[:8]]
        with keras_format.begun_alone() as run:
            ran = run(path, keras_format.texts(about), files)
        compared = agreement.Compared(files, data.labels[:8], expected, 8)
        export = agreement.compare(ran, compared, about.class_names, path.stat().st_size)
        saved = path.stat().st_size
    return {
        "history": [whole.history, resumed.history],
        "checksums": [whole.weights_checksum, resumed.weights_checksum],
        "best_epoch": resumed.best_epoch,
        "accuracy": final_evaluation(model, data, resumed.best_epoch)["accuracy"],
        "export": export,
        "bytes": saved,
    }


def look(config, data):
    """Steps as the automatic batch size makes them, and a pre-flight, all on two devices."""
    with computing_on(TWO):
        for size in (16, 7):
            Trial(config, data, TWO).try_step(size)
        looking.choose_device = lambda wanted: TWO
        looking.computing_on = contextlib.nullcontext  # a process can have one pair only
        return looking.preflight(config, data, MemoryRecorder(None))


WORKS = {"compare": compare, "resume": resume, "look": look}


def main(tasks):
    """Do one task after the other: each is a work, how many images train, and a config's parts."""
    cpus = tf.config.list_physical_devices("CPU")
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpus[0], halves)
    found = [WORKS[what](*made(images, parts)) for what, images, parts in tasks]
    sys.stdout.write(json.dumps(found))


def made(images_to_train, parts):
    """Config and data, in batches of 15: of 61 images, the last one is less than the devices."""
    values = {name: BASE.get(name, {}) | parts.get(name, {}) for name in BASE | parts}
    generator = np.random.default_rng(7)
    count = images_to_train + 20
    images = generator.integers(0, 120, (count, 12, 12, 3), np.uint8)
    labels = np.arange(count, dtype=np.int32) % 3
    images[np.arange(count), :, :, labels] += 100
    positions = np.split(np.arange(count), [images_to_train])
    data = TrainingData(images, labels, *positions, ("a", "b", "c"))
    return load_config(values), data


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
