"""One attempt of a short run, in a process that may be killed at any moment.

    python -m tests.training.short_run FOLDER EPOCHS

FOLDER is that of the attempt; it may have been begun by an earlier one.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import sys
from pathlib import Path

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.files import write_json
from cnnlab.storage.attempt import Attempt, AttemptRecorder
from cnnlab.storage.checkpoints import load_states
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit

STEPS_PER_EPOCH = 24
SECONDS_BETWEEN_CHECKPOINTS = 0.03  # a few steps


def config_of(epochs):
    return load_config(
        {
            "image": {"size": 12},
            "architecture": {"preset": "tiny_cnn", "filters": 4, "dense_units": 8},
            "augmentation": {"flip": "horizontal", "contrast_fraction": 0.1},
            "regularization": {"dropout": 0.3, "l2": 1e-3, "batch_norm": True},
            "optimizer": {"schedule": {"name": "cosine"}, "ema_momentum": 0.9},
            "training": {"epochs": epochs, "batch_size": 8},
        }
    )


def images():
    generator = np.random.default_rng(7)
    train, everyone = STEPS_PER_EPOCH * 8, STEPS_PER_EPOCH * 8 + 30
    labels = np.arange(everyone, dtype=np.int32) % 3
    pixels = generator.integers(0, 120, (everyone, 12, 12, 3), np.uint8)
    pixels[np.arange(everyone), :, :, labels] += 100
    positions = np.arange(everyone)
    return TrainingData(pixels, labels, positions[:train], positions[train:], ("a", "b", "c"))


def main(folder: Path, epochs: int):
    attempt = Attempt(folder)
    with contextlib.closing(AttemptRecorder(attempt)) as recorder:
        outcome = fit(
            config_of(epochs),
            images(),
            recorder,
            history=attempt.history(),
            **load_states(attempt.checkpoints),
            checkpoint_seconds=SECONDS_BETWEEN_CHECKPOINTS,
        )
    result = {"weights_checksum": outcome.weights_checksum, "kept_epoch": outcome.kept_epoch}
    write_json(attempt.result, result)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
