"""One attempt of a short run, in a process that may be killed at any moment.

    python -m tests.training.short_run FOLDER EPOCHS [phases [features | second_phase]]

FOLDER is that of the attempt; it may have been begun by an earlier one. With `phases` it trains in
two of them, and is killed where the last word says.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import signal
import sys
from pathlib import Path

import numpy as np

from cnnlab.domain.config.run_config import load_config
from cnnlab.files import write_json
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.checkpoints import load_states
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.fit import fit

STEPS_PER_EPOCH = 24
SECONDS_BETWEEN_CHECKPOINTS = 0.03  # a few steps
FIRST_PHASE_EPOCHS = 2  # its features are computed once, those of the second one aren't


def config_of(epochs, *, in_phases=False):
    rest = {"epochs": epochs - FIRST_PHASE_EPOCHS, "trainable_blocks": 2, "learning_rate": 2e-3}
    phases = [{"epochs": FIRST_PHASE_EPOCHS, "trainable_blocks": 0}, rest]
    network = {"preset": "tiny_cnn", "filters": 4, "dense_units": 8}
    return load_config(
        {
            "image": {"size": 12},
            "architecture": network | {"phases": phases if in_phases else None},
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


class DyingRecorder(AttemptRecorder):
    """Kills its process, as `kill -9` does, at a place of the run.

    Args:
        attempt: of the run.
        when: `features` while they are computed, `second_phase` behind some of its steps; else it
            lives on.
    """

    def __init__(self, attempt, when):
        super().__init__(attempt)
        self._when, self._computes_features = when, False

    def phase(self, text):
        super().phase(text)
        self._computes_features = text.startswith("Computing features")

    def should_stop(self):  # asked after each batch of features
        if self._when == "features" and self._computes_features:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().should_stop()

    def checkpoint_within(self, epoch, step, arrays):
        super().checkpoint_within(epoch, step, arrays)
        if self._when == "second_phase" and epoch > FIRST_PHASE_EPOCHS and step > 4:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, epochs: int, phases: str = "", when: str = ""):
    attempt = Attempt(folder)
    with contextlib.closing(DyingRecorder(attempt, when)) as recorder:
        outcome = fit(
            config_of(epochs, in_phases=bool(phases)),
            images(),
            recorder,
            history=attempt.history(),
            **load_states(attempt.checkpoints),
            checkpoint_seconds=0 if phases else SECONDS_BETWEEN_CHECKPOINTS,
        )
    result = {"weights_checksum": outcome.weights_checksum, "kept_epoch": outcome.kept_epoch}
    write_json(attempt.result, result)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
