"""What training steps and evaluations begin with: images, or features that are computed once."""

import functools
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import Span, spans_of, trained_layers
from cnnlab.domain.network.cached import CachedFeatures, cached_features
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.words import duration
from cnnlab.training.input.data import (
    TrainingData,
    ordered_batches,
    steps_per_epoch,
    training_batches,
    weigher,
)
from cnnlab.training.input.features import AugmentedFeatures, FeatureRows
from cnnlab.training.input.order import first_orders
from cnnlab.training.judging.evaluate import images_per_pass
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network.halves import body_of, head_of

_SECONDS_BETWEEN_WORDS = 1.0
_TIMED_BATCHES, _TIMED_SECONDS = 8, 2.0


class Told(Protocol):
    """Who is told how far the features are."""

    def phase(self, text: str) -> None:
        """Take what is being done."""

    def beat(self) -> None:
        """Take a sign of life."""

    def should_stop(self) -> bool:
        """Whether the features aren't wanted any more."""


@dataclass(frozen=True)
class Feed:
    """What is read, and what makes probabilities of it.

    Attributes:
        forward: from what is read to the probabilities: the network or its head.
        data: of the run; with a head, its images are their features.
        batches: from an epoch and a step in it (0-based) to all batches from there on.
    """

    forward: keras.Model
    data: TrainingData
    batches: Callable[[int, int], tf.data.Dataset]


def plan_cache(
    config: RunConfig, data: TrainingData, spans: Sequence[Span] | None = None
) -> CachedFeatures | None:
    """What can be computed once in some phases of a run, else in all; see `cached_features`."""
    spans = spans or spans_of(config)
    plan = plan_network(config, data.image_shape, data.classes)
    return cached_features(
        config,
        plan,
        trained_layers(plan, config, spans),
        sum(span.epochs for span in spans),
        train_images=len(data.train),
        other_images=len(data.validation),
    )


def image_feed(
    model: keras.Model, config: RunConfig, data: TrainingData, board: DialBoard, threads: int
) -> Feed:
    """Every step and every evaluation computes the whole network."""

    def batches(epoch: int, step: int) -> tf.data.Dataset:
        return training_batches(config, data, epoch, threads, first_step=step, board=board)

    return Feed(model, data, batches)


class FeatureFeed:
    """Computes features once, as they are and augmented, for steps and evaluations of the head."""

    def __init__(
        self,
        model: keras.Model,
        config: RunConfig,
        data: TrainingData,
        cached: CachedFeatures,
        first_epoch: int = 0,
    ) -> None:
        """Store what is computed; the weights are read when it is.

        Args:
            model: of the run.
            config: that the run was launched with: its augmentation is the copies'.
            data: of the run.
            cached: what can be computed once of it.
            first_epoch: 0-based, the one whose augmented images are the first copies.
        """
        self._model, self._config, self._data, self._cached = model, config, data, cached
        self._first_epoch = first_epoch
        body, shape = body_of(model, cached.layer), data.image_shape

        @tf.function(input_signature=[tf.TensorSpec((None, *shape), tf.float32)], jit_compile=False)
        def forward(images: tf.Tensor) -> tf.Tensor:
            return tf.cast(body(images, training=False), tf.float32)

        self._forward = forward

    def make(self, positions: np.ndarray, told: Told, threads: int) -> Feed | None:
        """Compute everything.

        The batches are the same whenever this is called, so the features are too, to the bit.

        Args:
            positions: (M,) int, of all images that are read as they are.
            told: is told how far this has come, and asked whether to stop.
            threads: parallel calls of the input path.

        Returns:
            None where the user asked to stop.
        """
        copies = self._cached.copies
        progress = _Progress(told, len(positions) + copies * len(self._data.train))
        try:
            rows = self._plain(positions, progress)
            augmented = self._augmented(threads, progress) if copies else None
        except _StopAskedError:
            return None
        data = replace(self._data, images=rows)
        head = head_of(self._model, self._cached.layer)
        return Feed(head, data, functools.partial(self._batches, data, augmented, threads))

    def seconds_per_image(self, threads: int) -> tuple[float, int]:
        """How long the features of one image take, its augmentation included.

        Args:
            threads: parallel calls of the input path.

        Returns:
            Seconds, and on how many images they were measured, behind a first batch.
        """
        config = _with_epochs(self._config, _TIMED_BATCHES + 1)
        began, images = 0.0, 0
        batches = training_batches(config, self._data, 0, threads).take(_TIMED_BATCHES + 1)
        for number, batch in enumerate(batches):
            self._forward(tf.cast(batch[0], tf.float32)).numpy()
            if number == 0:  # it compiled
                began = time.monotonic()
                continue
            images += len(batch[0])
            if time.monotonic() - began > _TIMED_SECONDS:
                break
        return (time.monotonic() - began) / images, images

    def _plain(self, positions: np.ndarray, progress: "_Progress") -> FeatureRows:
        features = np.empty((len(positions), self._cached.values), np.float32)
        size = images_per_pass(self._data.image_shape)
        for start in range(0, len(positions), size):
            part = positions[start : start + size]
            images = self._data.images[part].astype(np.float32)
            features[start : start + len(part)] = self._forward(images)
            progress.add(len(part))
        return FeatureRows(features, positions, len(self._data.images))

    def _augmented(self, threads: int, progress: "_Progress") -> AugmentedFeatures:
        """Copy k of an image is what a training on images would see k epochs later, blends too.

        With natural sampling: every image has all its copies, however often it is drawn.
        """
        copies, images = self._cached.copies, len(self._data.train)
        features = np.empty((copies, images, self._cached.values), np.float32)
        labels = np.empty((copies, images, self._data.classes), np.float32)
        first = self._first_epoch
        config = _with_epochs(self._config, first + copies)
        orders = first_orders(config, self._data.train_labels, first + copies)[first:]
        size, steps = config.training.images_per_step, steps_per_epoch(config, self._data)
        for number, batch in enumerate(training_batches(config, self._data, first, threads)):
            copy, step = divmod(number, steps)
            places = orders[copy, step * size : (step + 1) * size]
            features[copy, places], labels[copy, places] = self._forward(batch[0]), batch[1]
            progress.add(len(places))
        return AugmentedFeatures(features, labels)

    def _batches(
        self,
        data: TrainingData,
        augmented: AugmentedFeatures | None,
        threads: int,
        first_epoch: int,
        first_step: int,
    ) -> tf.data.Dataset:
        """As `training_batches`, with features (B, values) float32 in place of images."""
        config, steps = self._config, steps_per_epoch(self._config, data)
        one_hot = np.eye(data.classes, dtype=np.float32)
        # An image that comes several times an epoch is another copy at every step.
        repeats = config.training.sampling == "balanced"

        # TensorFlow never lets go of `look_up`, so it holds no features: the feed alone does.
        rows, train, classes = weakref.proxy(data.images), data.train, data.labels
        copies = None if augmented is None else weakref.proxy(augmented)

        def look_up(step: int, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            if copies is not None:
                return copies.at(step if repeats else step // steps - self._first_epoch, places)
            positions = train[places]
            return rows[positions], one_hot[classes[positions]]

        with tf.device("CPU:0"):
            weigh = weigher(config, data)

        @tf.autograph.experimental.do_not_convert
        def make(step: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, ...]:
            types = tf.float32, tf.float32
            features, labels = tf.numpy_function(look_up, [step, places], types, stateful=False)
            features = tf.ensure_shape(features, (None, self._cached.values))
            return weigh(features, tf.ensure_shape(labels, (None, data.classes)))

        return ordered_batches(config, data, first_epoch, threads, make, first_step=first_step)


def _with_epochs(config: RunConfig, epochs: int) -> RunConfig:
    """For so many epochs of every image once, whose batches are images and labels alone."""
    plain = {"epochs": epochs, "class_weights": "none", "sampling": "natural"}
    training = config.training.model_copy(update=plain)
    return config.model_copy(update={"training": training})


class _StopAskedError(Exception):
    """The user wants the run to end before its features are computed."""


class _Progress:
    """Tells how many images are done, once a second."""

    def __init__(self, told: Told, images: int) -> None:
        self._told, self._images, self._done = told, images, 0
        self._told_at = time.monotonic()
        told.phase(f"Computing features of {images:,} images")

    def add(self, images: int) -> None:
        """Count a batch.

        Raises:
            _StopAskedError: the user asked for it.
        """
        now = time.monotonic()
        if not self._done:  # the first batch compiled
            self._first, self._first_at = images, now
        self._done += images
        self._told.beat()
        if self._told.should_stop():
            raise _StopAskedError
        if self._done > self._first and now - self._told_at >= _SECONDS_BETWEEN_WORDS:
            self._told_at = now
            seconds = (now - self._first_at) / (self._done - self._first)
            left = duration(seconds * (self._images - self._done))
            self._told.phase(
                f"Computing features, {self._done:,} of {self._images:,} images, about {left} left"
            )
