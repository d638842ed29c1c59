"""The input path: from prepared uint8 images to the batches of every step, exactly repeatable."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.class_balance import balanced_weights, refuse_undrawable
from cnnlab.domain.data.split import NO_NOISE, LabelNoise
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.input.features import Readable
from cnnlab.training.input.images import StoredImages
from cnnlab.training.input.order import order_checksum, order_of_epoch, steps_in
from cnnlab.training.loop.dials import DialBoard

_PREFETCHED_BATCHES = 2


@dataclass(frozen=True)
class TrainingData:
    """Prepared images and who trains and who validates.

    Attributes:
        images: (N, H, W, C) uint8: an array, a memory map or the file they are stored in; or
            their features (N, values) float32.
        labels: (N,) int32, what the run is told: those of `noise` are wrong.
        train: (T,) int, positions of the training images.
        validation: (V,) int, positions of the validation images.
        class_names: in the order of the labels.
        noise: the training images whose label was flipped on purpose, and their true labels.
        value_range: which values of images with more than 8 bits were black and white in the
            preparation; whoever gives the model away says it.
        test: (T,) int, positions of the images that are locked away: nothing here looks at them.
    """

    images: Readable
    labels: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    class_names: tuple[str, ...]
    noise: LabelNoise = NO_NOISE
    value_range: ValueRange | None = None
    test: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def train_labels(self) -> np.ndarray:
        """(T,) int32: classes of the training images, as the run is told."""
        return self.labels[self.train]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        _, height, width, channels = self.images.shape
        return height, width, channels


def check_sampling(config: RunConfig, data: TrainingData) -> None:
    """See to it that every class can be drawn as the config asks; see `refuse_undrawable`."""
    counts = np.bincount(data.train_labels, minlength=data.classes)
    refuse_undrawable(counts.tolist(), data.class_names, config.training)


def steps_per_epoch(config: RunConfig, data: TrainingData) -> int:
    """Weight updates per epoch; the last one may have a smaller batch."""
    return steps_in(config, len(data.train))


def pipeline_depth(threads: int) -> int:
    """How many steps ahead a batch may be in the making: what changes now is seen after them.

    Args:
        threads: parallel calls of `training_batches`.
    """
    return _PREFETCHED_BATCHES + threads + 1


def training_batches(
    config: RunConfig,
    data: TrainingData,
    first_epoch: int,
    threads: int,
    *,
    first_step: int = 0,
    board: DialBoard | None = None,
) -> tf.data.Dataset:
    """All batches from a step of `first_epoch` to the end of the run.

    The order of an epoch is a pure function of (run seed, epoch), the augmentation of a batch of
    (run seed, global step): a run that starts in the middle sees the same batches. Autotuning is
    off because it stalls `fit` at the end of an epoch; the parallel calls are given instead.

    Args:
        config: of the run.
        data: prepared images.
        first_epoch: 0-based.
        threads: parallel calls.
        first_step: 0-based, within that epoch.
        board: says the strengths of the augmentation; without it they are the config's.

    Returns:
        Batches of images (B, H, W, C), uint8 or (augmented) float32, in 0..255, one-hot labels
        (B, classes) float32 and, with class weights, sample weights (B,) float32.
    """
    with tf.device("CPU:0"):
        make = _batch_maker(config, data, board)
    return ordered_batches(config, data, first_epoch, threads, make, first_step=first_step)


def ordered_batches(
    config: RunConfig,
    data: TrainingData,
    first_epoch: int,
    threads: int,
    make: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, ...]],
    *,
    first_step: int = 0,
) -> tf.data.Dataset:
    """As `training_batches`, each batch made from its global step and its images' positions.

    Args:
        config: of the run.
        data: prepared images.
        first_epoch: 0-based.
        threads: parallel calls.
        make: from a step () int64 and positions within the training images (B,) int32 to a batch.
        first_step: 0-based, within that epoch.
    """
    with tf.device("CPU:0"):
        epochs = tf.data.Dataset.range(first_epoch, config.training.epochs)
        dataset = epochs.flat_map(_epoch_order(config, data)).skip(first_step)
        dataset = dataset.map(make, num_parallel_calls=threads, deterministic=True)
        options = tf.data.Options()
        options.autotune.enabled = False
        # The parallel calls keep the threads busy; splitting each operation too only costs.
        options.threading.max_intra_op_parallelism = 1
        # There is nothing to gain here, and TensorFlow copies every captured array for it.
        options.experimental_optimization.apply_default_optimizations = False
        return dataset.prefetch(_PREFETCHED_BATCHES).with_options(options)


def _batch_maker(
    config: RunConfig, data: TrainingData, board: DialBoard | None
) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, ...]]:
    """From a global step and positions within the training images to a batch."""
    augmenter = Augmenter(config.augmentation, config.training.seed, board)
    weigh, read = weigher(config, data), _reader(data, board)
    labels = tf.constant(data.train_labels)

    @tf.autograph.experimental.do_not_convert
    def batch(step: tf.Tensor, positions: tf.Tensor) -> tuple[tf.Tensor, ...]:
        images, strengths = read(step, positions)
        one_hot = tf.one_hot(tf.gather(labels, positions), data.classes)
        if config.augmentation.is_on:
            images, one_hot = augmenter(images, one_hot, step, strengths)
        return weigh(images, one_hot)

    return batch


def _epoch_order(config: RunConfig, data: TrainingData) -> Callable[[tf.Tensor], tf.data.Dataset]:
    """Global step and positions (within the training images) of each batch of an epoch."""
    size, steps = config.training.images_per_step, steps_per_epoch(config, data)

    @tf.autograph.experimental.do_not_convert
    def batches_of(epoch: tf.Tensor) -> tf.data.Dataset:
        order = order_of_epoch(config, data.train_labels, epoch)

        @tf.autograph.experimental.do_not_convert
        def batch_of(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return epoch * steps + step, order[step * size : (step + 1) * size]

        return tf.data.Dataset.range(steps).map(batch_of)

    return batches_of


def batch_order_checksum(config: RunConfig, data: TrainingData) -> str:
    """Of the order in which a run sees its training images; see `order_checksum`."""
    return order_checksum(config, data.train_labels)


def _reader(
    data: TrainingData, board: DialBoard | None
) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """Takes out images by position within the training images, and the dials of their step.

    Both in one call of Python, because each call costs.
    """
    rows, images = np.asarray(data.train), data.images
    if isinstance(images, np.memmap) and images.filename:
        images = StoredImages(Path(images.filename))
    none = np.zeros(0)

    def look_up(step: int, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return images[rows[positions]], none if board is None else board.strengths_at(step)

    def read(step: tf.Tensor, positions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        types = tf.uint8, tf.float64
        batch, strengths = tf.numpy_function(look_up, [step, positions], types, stateful=False)
        return tf.ensure_shape(batch, (None, *data.image_shape)), strengths

    return read


def weigher(
    config: RunConfig, data: TrainingData
) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, ...]]:
    """Adds the weights of its images to a batch where the config wants class weights."""
    balanced = config.training.class_weights == "balanced"
    weights = tf.constant(class_weights(data) if balanced else [], tf.float32)

    def weigh(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return (images, labels, tf.linalg.matvec(labels, weights)) if balanced else (images, labels)

    return weigh


def class_weights(data: TrainingData) -> np.ndarray:
    """(classes,) float: what the images of each class count in the loss; see `balanced_weights`."""
    return balanced_weights(np.bincount(data.train_labels, minlength=data.classes))
