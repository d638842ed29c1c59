"""Trying things out on copies of a run's model, which are thrown away: the run isn't touched."""

import gc
import logging

import keras
import numpy as np

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.training import AUTO_BATCH_SIZE
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.training.devices.acceleration import (
    Acceleration,
    Situation,
    decide,
    is_worth_compiling,
    is_worth_timing,
    measure_steps,
)
from cnnlab.training.devices.device import Device
from cnnlab.training.input.data import TrainingData
from cnnlab.training.loop.batch_size import BatchSize, settle_batch_size, with_batch_size
from cnnlab.training.loop.checkpoint import BATCH_SIZE, State
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.halves import head_of
from cnnlab.training.network.model import build_model
from cnnlab.training.network.pretrained import StartWeights, load_pretrained

Batch = tuple[np.ndarray, np.ndarray]

_log = logging.getLogger(__name__)


class Trial:
    """Makes compiled copies of a run's model and batches for them.

    Copies have the initial weights of the run and no dials.
    """

    def __init__(
        self,
        config: RunConfig,
        data: TrainingData,
        device: Device,
        start: StartWeights | None = None,
    ) -> None:
        """Store what the copies are made of.

        Args:
            config: of the run.
            data: of the run.
            device: where it computes.
            start: the weights that the run starts with, where it is pretrained.
        """
        self._config, self._data, self._device, self._start = config, data, device, start

    def build(self) -> keras.Model:
        """A copy that isn't compiled, with the weights that the run draws."""
        return build_model(self._config, self._data.image_shape, self._data.classes)

    def copy(self, *, xla: bool = False) -> keras.Model:
        """A compiled copy."""
        model = self.build()
        if self._start:
            load_pretrained(model, self._start)
        compile_model(model, self._config, Acceleration(xla=xla))
        return model

    def batch(self, size: int) -> Batch:
        """Images spread over the training set, without augmentation, and their one-hot labels.

        Args:
            size: number of images; they repeat where there are fewer.

        Returns:
            (size, H, W, C) uint8 and (size, classes) float32.
        """
        chosen = np.linspace(0, len(self._data.train) - 1, size).round().astype(int)
        positions = self._data.train[chosen]
        labels = np.eye(self._data.classes, dtype=np.float32)[self._data.labels[positions]]
        return self._data.images[positions], labels

    def try_step(self, size: int) -> None:
        """Make a step of so many images; of several devices each gets its share of them.

        Raises:
            ResourceExhaustedError: it doesn't fit the memory of the device.
        """
        share = -(-size // max(1, len(self._device.replicas)))
        try:
            self.copy().train_on_batch(*self.batch(share))
        finally:
            gc.collect()

    def accelerate(
        self, situation: Situation, steps_left: int, cached: CachedFeatures | None = None
    ) -> Acceleration:
        """Measure what the decision needs, where that can pay, decide, and log it in one line.

        Args:
            situation: without measurements.
            steps_left: to the end of the run.
            cached: what of the network is computed once; a step is one of the head then.
        """
        if is_worth_timing(situation, steps_left):
            plain = self._seconds_per_step(cached, xla=False)
            situation = situation.with_seconds(plain)
            if is_worth_compiling(situation, steps_left):
                situation = situation.with_seconds(plain, self._seconds_per_step(cached, xla=True))
        decision = decide(situation)
        _log.info("%s", decision.words)
        return decision

    def _seconds_per_step(self, cached: CachedFeatures | None, *, xla: bool) -> float | None:
        images, labels = self.batch(self._config.training.images_per_step)
        if cached is None:
            return measure_steps(lambda: self.copy(xla=xla), (images, labels))
        features = np.ones((len(images), cached.values), np.float32)
        return measure_steps(lambda: self._head(cached, xla=xla), (features, labels))

    def _head(self, cached: CachedFeatures, *, xla: bool) -> keras.Model:
        """A compiled copy of what trains."""
        head = head_of(self.build(), cached.layer)
        compile_model(head, self._config, Acceleration(xla=xla))
        return head


def settle(
    config: RunConfig, data: TrainingData, device: Device, state: State | None
) -> tuple[RunConfig, BatchSize]:
    """Give a run its batch size for good: the config with a number, and where that comes from.

    Args:
        config: of the run.
        data: of the run.
        device: where it computes.
        state: the one that the run goes on from, which knows what was chosen; else None.

    Raises:
        TrainingError: not even one image fits the GPU (cause `memory`).
    """
    earlier = None if state is None else int(state.get(BATCH_SIZE, AUTO_BATCH_SIZE))
    trial = Trial(with_batch_size(config, AUTO_BATCH_SIZE), data, device)
    chosen = settle_batch_size(
        config, len(data.train), trial.build, device, try_step=trial.try_step, earlier=earlier
    )
    _log.info("%s", chosen.words)
    return with_batch_size(config, chosen.images), chosen
