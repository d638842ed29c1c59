"""The input path: from prepared uint8 images to the batches of every step, exactly repeatable."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.split import NO_NOISE, LabelNoise
from cnnlab.domain.value_range import ValueRange
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.input.features import Readable
from cnnlab.training.input.images import StoredImages
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.seeds import derive_seed

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
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        _, height, width, channels = self.images.shape
        return height, width, channels


def steps_per_epoch(config: RunConfig, data: TrainingData) -> int:
    """Weight updates per epoch; the last one may have a smaller batch."""
    return -(-len(data.train) // config.training.images_per_step)


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
    labels = tf.constant(data.labels[data.train])

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
        order = order_of_epoch(config, len(data.train), epoch)

        @tf.autograph.experimental.do_not_convert
        def batch_of(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return epoch * steps + step, order[step * size : (step + 1) * size]

        return tf.data.Dataset.range(steps).map(batch_of)

    return batches_of


def order_of_epoch(config: RunConfig, images: int, epoch: tf.Tensor) -> tf.Tensor:
    """(images,) int32: positions within the training images in the order of an epoch () int64."""
    seed = derive_seed(config.training.seed, "order")
    key = tf.stack([tf.constant(seed, tf.int64), epoch])
    return tf.random.experimental.stateless_shuffle(tf.range(images), key, alg="philox")


def first_orders(config: RunConfig, images: int, epochs: int) -> np.ndarray:
    """The order of the training images in the first epochs of a run.

    Args:
        config: of the run.
        images: how many train.
        epochs: at least 1.

    Returns:
        (epochs, images) int32, positions within the training images.
    """
    with tf.device("CPU:0"):
        numbers = (tf.constant(epoch, tf.int64) for epoch in range(epochs))
        return np.stack([order_of_epoch(config, images, number).numpy() for number in numbers])


def batch_order_checksum(config: RunConfig, data: TrainingData) -> str:
    """Hex sha256 of which training images the batches of the first two epochs hold, in order.

    Equal checksums mean equal batches in all epochs: the order is a pure function of seed, epoch
    and number of images. An epoch that the run won't reach counts too.

    Args:
        config: of the run, with a batch size that is a number.
        data: of the run.

    Returns:
        Of the int32 positions within `data.train` of each batch, little-endian, behind a line
        that names epoch, step and number of images.
    """
    size, digest = config.training.images_per_step, hashlib.sha256()
    for epoch in range(2):
        with tf.device("CPU:0"):
            order = order_of_epoch(config, len(data.train), tf.constant(epoch, tf.int64)).numpy()
        for step in range(steps_per_epoch(config, data)):
            batch = order[step * size : (step + 1) * size]
            digest.update(f"{epoch} {step} {len(batch)}\n".encode())
            digest.update(batch.astype("<i4").tobytes())
    return digest.hexdigest()


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
    """(classes,) float: images / (classes * images of the class), scikit-learn's 'balanced'."""
    counts = np.bincount(data.labels[data.train], minlength=data.classes)
    return len(data.train) / (np.count_nonzero(counts) * np.maximum(counts, 1))
