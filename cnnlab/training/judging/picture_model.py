"""A run's model that answers pictures: the exported one's probabilities, and its features."""

import threading

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.judging.familiarity import Features
from cnnlab.training.judging.evaluate import images_per_pass
from cnnlab.training.judging.reference import float32_clone
from cnnlab.training.loop.checkpoint import State
from cnnlab.training.loop.kept import build_kept_model

_CPU = "cpu:0"


class PictureModel:
    """The model that is taken along, compiled once for whatever number of pictures.

    Several threads may use one; they take turns, so that each gets its answer soon.

    Args:
        clone: made by `float32_clone`; its last layer makes probabilities of flat features.

    Attributes:
        clone: that model, whose weights stay as they are.
    """

    def __init__(self, clone: keras.Model) -> None:
        self.clone = clone
        shape = clone.input_shape[1:]
        last, filters = clone.layers[-1].input, _filter_means(clone)
        whole = keras.Model(clone.inputs, [clone.outputs[0], last, *filters])
        self._batch = images_per_pass(shape)
        self._turn = threading.Lock()

        @tf.function(input_signature=[tf.TensorSpec((None, *shape), tf.uint8)], jit_compile=False)
        def forward(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            probabilities, last, *means = whole([images], training=False)
            return probabilities, last, tf.concat([*means, tf.zeros((tf.shape(images)[0], 0))], 1)

        self._forward = forward
        self(np.zeros((1, *shape), np.uint8))  # compiled now, not while somebody waits

    def __call__(self, squares: np.ndarray) -> tuple[np.ndarray, Features]:
        """What the model says of pictures.

        Args:
            squares: (N, H, W, C) uint8, prepared as for training.

        Returns:
            Probabilities (N, classes) float32, and the network's features.
        """
        parts = []
        for start in range(0, max(1, len(squares)), self._batch):
            with self._turn, keras.device(_CPU):
                said = self._forward(squares[start : start + self._batch])
            parts.append([part.numpy() for part in said])
        whole = (np.concatenate(part) for part in zip(*parts, strict=True))
        return next(whole), Features(*whole)


def _filter_means(model: keras.Model) -> list[keras.KerasTensor]:
    """The mean of every filter over the picture, of each layer that has weights and makes filters.

    What an activation makes of them is taken where one follows.
    """
    means = []
    for layer in model.layers:
        is_image = len(layer.output.shape) == 4
        if is_image and (isinstance(layer, keras.layers.Activation | keras.layers.Add)):
            means.append(keras.ops.mean(layer.output, axis=(1, 2)))
    return means


def build_picture_model(
    config: RunConfig,
    image_shape: tuple[int, int, int],
    classes: int,
    *,
    last_state: State | None,
    best_state: State | None,
) -> PictureModel:
    """Build the model of a run that has ended, as an export does; see `build_kept_model`.

    Raises:
        TrainingError: no finished epoch's state is at hand.
    """
    with keras.device(_CPU):
        kept = build_kept_model(
            config, image_shape, classes, last_state=last_state, best_state=best_state
        )
        return PictureModel(float32_clone(kept))
