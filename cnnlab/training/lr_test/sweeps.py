"""Short trainings in which the learning rate rises at every step, each from a start of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import Span, trained_layers
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.domain.network.planner import plan_network
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.memory_estimate import build_fitting
from cnnlab.training.devices.replicas import acting_together, share_out
from cnnlab.training.input.data import TrainingData, steps_per_epoch, training_batches
from cnnlab.training.loop.checkpoint import capture, restore
from cnnlab.training.loop.feed import FeatureFeed, Feed, plan_cache
from cnnlab.training.lr_test.smoothing import SmoothedLoss
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.halves import head_of
from cnnlab.training.network.model import build_model, freeze
from cnnlab.training.network.pretrained import StartWeights, load_pretrained
from cnnlab.training.seeds import derive_seed

MOST_ACCUMULATED = 4
"""Batches whose gradients are added up to an update, at most: more would take their time, and such
a gradient is steady enough."""

MOST_FEATURES = 512
"""Training images of which features are computed, at most, where frozen layers are computed once.

One takes 6 to 12 ms with EfficientNet-Lite0 at 96 to 160 px, and is read in several steps.
"""

_TOLD_EVERY = 4
_NO_END = 10**6
"""Epochs of features that are read: more than all tests need."""


class Listener(Protocol):
    """What a learning-rate test needs of a recorder."""

    def phase(self, text: str) -> None:
        """Tell what is being done now."""

    def progress(self, done: int, total: int) -> None:
        """Tell how much of it is done."""

    def beat(self) -> None:
        """Take a sign of life."""


class Sweeps:
    """Trainings of one model, compiled once, that is put to a start of its own before each.

    The first has the initial weights of the run, the others those of other seeds; a body that is
    frozen and computed once is the run's in all of them. Each has an order and draws of the
    augmentation that no other has. Equal arguments give equal losses, on a CPU to the bit.

    Attributes:
        trained: the network, or its head where features are computed once.
        features: what is read in place of images, where frozen layers are computed once.
    """

    def __init__(
        self,
        config: RunConfig,
        data: TrainingData,
        device: Device,
        span: Span,
        recorder: Listener,
        start: StartWeights | None = None,
    ) -> None:
        """Build what is trained; features that can be computed once are.

        Args:
            config: of the run, with a number as its batch size.
            data: of the run.
            device: where it computes.
            span: the phase whose layers train.
            recorder: is told what is being done.
            start: the weights that `architecture.pretrained` names.

        Raises:
            ConfigError: the network is impossible, or none of the weights in `start` fit.
            TrainingError: the memory doesn't suffice.
        """
        together = min(config.optimizer.gradient_accumulation_steps, MOST_ACCUMULATED)
        self._config = _with(config, "optimizer", gradient_accumulation_steps=together)
        self._data, self._device, self._recorder, self._start = data, device, recorder, start
        self._together = together
        plan = plan_network(config, data.image_shape, data.classes)
        self._layers = trained_layers(plan, config, [span])
        self._cached = plan_cache(config, data, [span])
        whole = build_fitting(lambda: self._build(config), config, device, [self._cached])
        self._finish(whole)
        self.features = self._cached and self._features(whole, self._cached)
        self.trained = self._compiled(whole)

    def run(self, number: int, rates: Sequence[float], count: int) -> list[float]:
        """Train with one rate after the other, until the loss has diverged.

        Args:
            number: 0-based, of this training; each is made once, 0 before the others.
            rates: of the updates.
            count: how many trainings there will be, for who is told how far this is.

        Returns:
            The loss of each update before it was made, as `fit` reports it: with penalties, on
            augmented images, with dropout. Where one isn't finite, it is the last.
        """
        if number:
            seed = derive_seed(self._config.training.seed, "lr_test", str(number))
            other = self._build(_with(self._config, "training", seed=seed))
            self._finish(other)
            restore(self.trained, capture(self._compiled(other), 0))
        steps = len(rates)

        def made(step: int) -> None:
            if step % _TOLD_EVERY == 0:
                self._recorder.progress(number * steps + step, count * steps)

        rising = _RisingRate(rates, self._together, made)
        with acting_together(self.trained):
            self.trained.fit(
                share_out(self._batches(number, steps * self._together)),
                steps_per_epoch=steps * self._together,
                callbacks=[rising],
                shuffle=False,
                verbose=0,
            )
        return rising.losses

    def _build(self, config: RunConfig) -> keras.Model:
        return build_model(config, self._data.image_shape, self._data.classes)

    def _finish(self, model: keras.Model) -> None:
        """Give a network what the run would give it beside its own draws."""
        if self._start:
            load_pretrained(model, self._start)
        freeze(model, self._layers)

    def _compiled(self, model: keras.Model) -> keras.Model:
        """What of a network is trained, compiled."""
        trained = head_of(model, self._cached.layer) if self._cached else model
        compile_model(trained, self._config)
        return trained

    def _batches(self, number: int, batches: int) -> tf.data.Dataset:
        """Those of a training: of epochs that are its own."""
        data = self.features.data if self.features else self._data
        epochs = -(-batches // steps_per_epoch(self._config, data))
        if self.features:
            return self.features.batches(number * epochs, 0)
        config = _with(self._config, "training", epochs=(number + 1) * epochs)
        return training_batches(config, data, number * epochs, self._device.threads)

    def _features(self, model: keras.Model, cached: CachedFeatures) -> Feed | None:
        """Features of some training images, spread over all: as they are, or augmented once."""
        train = self._data.train
        some = np.linspace(0, len(train) - 1, min(len(train), MOST_FEATURES)).round().astype(int)
        data = replace(self._data, train=train[some])
        cached = replace(cached, copies=min(cached.copies, 1))
        config = _with(self._config, "training", epochs=_NO_END)
        features = FeatureFeed(model, config, data, cached)
        plain = data.train[:0] if cached.copies else data.train
        return features.make(plain, _Told(self._recorder), self._device.threads)


def _with(config: RunConfig, part: str, **values: int) -> RunConfig:
    """The config with some values of a part of it."""
    return config.model_copy(update={part: getattr(config, part).model_copy(update=values)})


class _Told:
    """A recorder of a job as the computing of features needs it."""

    def __init__(self, recorder: Listener) -> None:
        self.phase, self.beat = recorder.phase, recorder.beat

    def should_stop(self) -> bool:
        return False  # a cancelled job ends at its next beat


class _RisingRate(keras.callbacks.Callback):
    """Sets the rate of each update, notes its loss and ends the training once that diverges.

    Attributes:
        losses: of the updates.
    """

    def __init__(self, rates: Sequence[float], together: int, made: Callable[[int], None]) -> None:
        super().__init__()
        self._rates, self._together, self._made = rates, together, made
        self._smoothed = SmoothedLoss(len(rates))
        self.losses: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Begin an update; Keras' numbers are means since metrics were reset."""
        if batch % self._together == 0:
            self.model.reset_metrics()
            self.model.optimizer.learning_rate = self._rates[batch // self._together]

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Note the loss of an update whose batches are all there."""
        if (batch + 1) % self._together:
            return
        loss = float((logs or {})["loss"])
        self.losses.append(loss)
        self._smoothed.add(loss)
        self._made(len(self.losses))
        if self._smoothed.has_diverged:
            self.model.stop_training = True
