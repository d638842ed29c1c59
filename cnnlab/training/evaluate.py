"""What a model says about images with everything random off, and how right it is."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.metrics import accuracy, classification_report, cross_entropies
from cnnlab.training.checkpoint import averaged_weights
from cnnlab.training.data import TrainingData
from cnnlab.training.images import StoredImages

_BATCH_PIXELS = 128 * 64 * 64
"""Larger batches are no faster and take memory by the gigabyte."""

_MOST_IN_A_BATCH = 128
_TOP_LOSSES = 24


def _nothing() -> None:
    pass


def images_per_pass(shape: Sequence[int]) -> int:
    """Images per forward pass of an evaluation: as many as are fast in little memory.

    Args:
        shape: height, width, channels.
    """
    return max(1, min(_MOST_IN_A_BATCH, _BATCH_PIXELS // (shape[0] * shape[1])))


class Predictor:
    """One compiled forward pass of a model, for every evaluation of a run."""

    def __init__(
        self,
        model: keras.Model,
        after_batch: Callable[[], None] = _nothing,
        batch: int | None = None,
    ) -> None:
        """Compile lazily, at the first call.

        Args:
            model: takes images (N, H, W, C) in 0..255.
            after_batch: called after each forward pass.
            batch: images per forward pass; default is as many as are fast in little memory.
        """
        shape = model.input_shape[1:]
        signature = [tf.TensorSpec((None, *shape), tf.uint8)]

        @tf.function(input_signature=signature, jit_compile=False)
        def forward(images: tf.Tensor) -> tf.Tensor:
            return model(images, training=False)

        self._forward = forward
        self._after_batch = after_batch
        self._classes = model.output_shape[-1]
        self._batch = batch or images_per_pass(shape)

    def __call__(self, images: np.ndarray | StoredImages, positions: np.ndarray) -> np.ndarray:
        """Class probabilities of the images at `positions`.

        Args:
            images: (N, H, W, C) uint8, from which an array of positions takes images out.
            positions: (M,) int.

        Returns:
            (M, classes) float32.
        """
        probabilities = np.empty((len(positions), self._classes), np.float32)
        for start in range(0, len(positions), self._batch):
            wanted = positions[start : start + self._batch]
            probabilities[start : start + len(wanted)] = self._forward(images[wanted])
            self._after_batch()
        return probabilities


def predict(
    model: keras.Model, images: np.ndarray | StoredImages, positions: np.ndarray
) -> np.ndarray:
    """Class probabilities (M, classes) float32 of the images at `positions`; see `Predictor`."""
    return Predictor(model)(images, positions)


class EpochEvaluator:
    """Measures a model after each epoch: on a part of the training images and in validation.

    Attributes:
        training_images: number of all training images.
    """

    def __init__(
        self,
        model: keras.Model,
        data: TrainingData,
        clean_positions: np.ndarray,
        after_batch: Callable[[], None] = _nothing,
    ) -> None:
        """Store what is measured.

        Args:
            model: compiled; where its optimizer keeps averaged weights, they are measured.
            data: of the run.
            clean_positions: (M,) int, images of the clean train metrics.
            after_batch: called after each forward pass.
        """
        self._model, self._data = model, data
        self._predict = Predictor(model, after_batch)
        self._parts = {"clean": clean_positions, "val": data.validation}
        self.training_images = len(data.train)

    def __call__(self) -> dict[str, float]:
        """Cross-entropy in nats and accuracy 0..1 of both parts; not finite where outputs aren't.

        Returns:
            `clean_cross_entropy`, `clean_accuracy`, `val_cross_entropy`, `val_accuracy`.
        """
        values = {}
        with averaged_weights(self._model):
            for prefix, positions in self._parts.items():
                probabilities = self._predict(self._data.images, positions)
                mean, share = plain_metrics(probabilities, self._data.labels[positions])
                values |= {f"{prefix}_cross_entropy": mean, f"{prefix}_accuracy": share}
        return values


def plain_metrics(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy in nats and accuracy 0..1, without penalty and smoothing."""
    mean = float(np.mean(cross_entropies(probabilities, labels)))
    return mean, accuracy(probabilities, labels)


def final_report(
    model: keras.Model,
    data: TrainingData,
    best_epoch: int | None,
    after_batch: Callable[[], None] = _nothing,
) -> dict[str, Any]:
    """What the finished model does on the validation images.

    Args:
        model: the model that the user gets.
        data: of the run.
        best_epoch: 0-based, noted in the report.
        after_batch: called after each forward pass, such as to show a sign of life.

    Returns:
        JSON values: `best_epoch`, everything of `classification_report`, and `top_losses`, the
        24 worst images [{position (row of the dataset), true, predicted (class names),
        probability (of the predicted class), cross_entropy (nats)}].
    """
    labels = data.labels[data.validation]
    probabilities = Predictor(model, after_batch)(data.images, data.validation)
    report = classification_report(probabilities, labels, data.class_names)
    losses = _top_losses(probabilities, labels, data.validation, data.class_names)
    return {"best_epoch": best_epoch, **report, "top_losses": losses}


def _top_losses(
    probabilities: np.ndarray,
    labels: np.ndarray,
    positions: np.ndarray,
    class_names: Sequence[str],
) -> list[dict[str, Any]]:
    losses = cross_entropies(probabilities, labels)
    worst = np.argsort(-losses, kind="stable")[:_TOP_LOSSES]
    predicted = np.argmax(probabilities, axis=1)
    return [
        {
            "position": int(positions[index]),
            "true": class_names[labels[index]],
            "predicted": class_names[predicted[index]],
            "probability": float(probabilities[index, predicted[index]]),
            "cross_entropy": float(losses[index]),
        }
        for index in worst
    ]
