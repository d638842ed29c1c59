"""Tiny data and a recorder that keeps everything in memory."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.training.input.data import TrainingData


class MemoryRecorder:
    """A RunRecorder that keeps what it is told, and asks to stop at a given step."""

    def __init__(self, stop_at_step):
        self.phases, self.steps, self.epochs, self.checkpoints = [], [], [], []
        self.within, self.turns, self.asked = [], [], []
        self.facts, self.beats, self.said = None, 0, {}
        self.polls, self._stop_at_step = 0, stop_at_step

    def phase(self, text):
        self.phases.append(text)

    def started(self, facts):
        self.facts = facts

    def step(self, record):
        self.steps.append(record)

    def predictions(self, epoch, predictions):
        self.said[epoch] = predictions

    def epoch(self, record):
        self.epochs.append(record)

    def checkpoint(self, epoch, arrays, is_best):
        self.checkpoints.append((epoch, arrays, is_best))

    def checkpoint_within(self, epoch, step, arrays):
        self.within.append((epoch, step, arrays))

    def turned(self, turn):
        self.turns.append(turn)

    def asked_dials(self):
        return self.asked

    def beat(self):
        self.beats += 1

    def should_stop(self):
        self.polls += 1
        return self.polls == self._stop_at_step


@pytest.fixture
def recorder():
    return MemoryRecorder(None)


@pytest.fixture(scope="session")
def recorder_stopping_at():
    """Makes a recorder that asks to stop after the given number of steps."""
    return MemoryRecorder


@pytest.fixture(scope="session")
def tiny_data():
    """52 training and 20 validation images of 12 px in 3 classes that colour tells apart."""
    generator = np.random.default_rng(7)
    labels = np.arange(72, dtype=np.int32) % 3
    images = generator.integers(0, 120, (72, 12, 12, 3), np.uint8)
    images[np.arange(72), :, :, labels] += 100
    positions = generator.permutation(72)
    return TrainingData(
        images, labels, np.sort(positions[:52]), np.sort(positions[52:]), ("a", "b", "c")
    )


@pytest.fixture(scope="session")
def tiny_config():
    """Builds the config of a run that takes a second, with the given parts changed."""

    def build(**parts):
        values = {
            "image": {"size": 12},
            "architecture": {"preset": "tiny_cnn", "filters": 4, "dense_units": 8},
            "training": {"epochs": 2, "batch_size": 16},
        }
        for name, fields in parts.items():
            values[name] = values.get(name, {}) | fields
        return load_config(values)

    return build
