"""Batch norm's statistics of a set of images, measured for the weights as they are now.

While a network trains, batch norm takes mean and variance from each batch. Those for everything
else Keras averages over the steps with a momentum of .99: after a few hundred steps they still
hold what a network was at its start, and with averaged weights they are of another one. So they
are measured anew before anybody judges a network, as in 'precise BN' (Wu and Johnson 2021,
arXiv:2105.07576, section 3): a pass over training images in which batch norm takes its statistics
from the batch and everything random is off. No training step depends on them.
"""

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.data.split import stratified_subset
from cnnlab.training.input.data import TrainingData
from cnnlab.training.input.features import Readable
from cnnlab.training.network.fused import normalized_by_batch

_SHARE, _LEAST, _MOST = 0.2, 100, 1000
"""Of the training images: about 4 % of an epoch, 5 to 10 % where there are fewer than 350."""


def statistics_subset(model: keras.Model, data: TrainingData) -> np.ndarray:
    """Which training images the statistics of a model's batch norm are measured on.

    A fixed part with the classes in their proportions, the same whatever labels are flipped on
    purpose: 20 %, at least 100 and at most 1,000 images.

    Returns:
        (M,) int, sorted positions in the dataset; none where no batch norm is trained.
    """
    if not measured_norms(model):
        return data.train[:0]
    labels = data.labels.copy()
    labels[data.noise.positions] = data.noise.true_labels
    most = min(max(_LEAST, round(_SHARE * len(data.train))), _MOST)
    return data.train[stratified_subset(labels[data.train], most)]


def measured_norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """The layers whose statistics belong to the training: those of frozen ones stay as they are."""
    return [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]


class BatchStatistics:
    """Measures the moving mean and variance of every batch norm of a model that is trained.

    Attributes:
        images: how many are measured.
    """

    def __init__(
        self,
        model: keras.Model,
        images: Readable,
        positions: np.ndarray,
        after_batch: Callable[[], None],
        batch: int,
    ) -> None:
        """Compile lazily, when it is measured first.

        Args:
            model: functional, from images (N, H, W, C) in 0..255, or the head of one, from
                features.
            images: (N, H, W, C) uint8, from which an array of positions takes images out, or their
                features.
            positions: (M,) int, of the images that are measured, sorted; none where no batch norm
                is trained.
            after_batch: called after each forward pass.
            batch: images per forward pass at most; each pass normalizes by its own.
        """
        self._norms = measured_norms(model)
        self._ends = np.cumsum([norm.moving_mean.shape[0] for norm in self._norms])
        self._read, self._after_batch = images, after_batch
        self.images = len(positions)
        passes = -(-len(positions) // batch)
        # Datasets are sorted by class: each pass has to get its share of all classes.
        self._parts = [positions[first::passes] for first in range(passes)]
        signature = [tf.TensorSpec((None, *model.input_shape[1:]), images.dtype)]

        @tf.function(input_signature=signature, jit_compile=False)
        def moments(part: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            means, variances = zip(*_moments(model, self._norms, part), strict=True)
            return tf.concat(means, 0), tf.concat(variances, 0)

        self._moments = moments

    def measure(self) -> None:
        """Measure, and give the layers what was measured; nothing where none is trained.

        Passes are added up in float64, each by its number of images.
        """
        if not self.images:
            return
        total, squares = np.zeros((2, self._ends[-1]))
        for part in self._parts:
            means, variances = (values.numpy() for values in self._moments(self._read[part]))
            means = means.astype(np.float64)
            total += len(part) * means
            squares += len(part) * (variances + means**2)
            self._after_batch()
        mean = total / self.images
        self._assign(mean, np.maximum(squares / self.images - mean**2, 0))

    def _assign(self, mean: np.ndarray, variance: np.ndarray) -> None:
        ends = self._ends[:-1]
        parts = zip(self._norms, np.split(mean, ends), np.split(variance, ends), strict=True)
        for norm, own_mean, own_variance in parts:
            norm.moving_mean.assign(own_mean.astype(np.float32))
            norm.moving_variance.assign(own_variance.astype(np.float32))


def _moments(
    model: keras.Model, norms: Sequence[keras.Layer], images: tf.Tensor
) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    """Mean and variance (C,) float32 of what each of `norms` gets, normalized layer by layer."""
    # A layer knows what it was applied to first: of a head, its network's own tensors.
    values = {id(model.layers[1].input): images}
    wanted = {id(norm) for norm in norms}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        given = tf.nest.map_structure(lambda tensor: values[id(tensor)], layer.input)
        if id(layer) in wanted:
            own = tf.cast(given, layer.compute_dtype)
            values[id(layer.output)], mean, variance = normalized_by_batch(layer, own)
            yield mean, variance
        else:
            values[id(layer.output)] = layer(given)
