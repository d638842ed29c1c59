"""What a model says about images with everything random off, and how right it is."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.metrics import accuracy, classification_report, cross_entropies
from cnnlab.training.data import TrainingData

EVALUATION_BATCH = 128
_TOP_LOSSES = 24


class Predictor:
    """One compiled forward pass of a model, for every evaluation of a run."""

    def __init__(self, model: keras.Model) -> None:
        """Compile lazily, at the first call.

        Args:
            model: takes images (N, H, W, C) in 0..255.
        """
        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)]

        @tf.function(input_signature=signature, jit_compile=False)
        def forward(images: tf.Tensor) -> tf.Tensor:
            return model(images, training=False)

        self._forward = forward
        self._classes = model.output_shape[-1]

    def __call__(
        self, images: np.ndarray, positions: np.ndarray, batch: int = EVALUATION_BATCH
    ) -> np.ndarray:
        """Class probabilities of the images at `positions`.

        Args:
            images: (N, H, W, C) uint8, an array or a memory map.
            positions: (M,) int.
            batch: images per forward pass.

        Returns:
            (M, classes) float32.
        """
        probabilities = np.empty((len(positions), self._classes), np.float32)
        for start in range(0, len(positions), batch):
            wanted = positions[start : start + batch]
            probabilities[start : start + len(wanted)] = self._forward(images[wanted])
        return probabilities


def predict(
    model: keras.Model, images: np.ndarray, positions: np.ndarray, batch: int = EVALUATION_BATCH
) -> np.ndarray:
    """Class probabilities of the images at `positions`.

    Args:
        model: takes images (N, H, W, C) in 0..255.
        images: (N, H, W, C) uint8, an array or a memory map.
        positions: (M,) int.
        batch: images per forward pass.

    Returns:
        (M, classes) float32.
    """
    return Predictor(model)(images, positions, batch)


def plain_metrics(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy in nats and accuracy 0..1, without penalty and smoothing."""
    mean = float(np.mean(cross_entropies(probabilities, labels)))
    return mean, accuracy(probabilities, labels)


def final_report(model: keras.Model, data: TrainingData, best_epoch: int | None) -> dict[str, Any]:
    """What the finished model does on the validation images.

    Args:
        model: the model that the user gets.
        data: of the run.
        best_epoch: 0-based, noted in the report.

    Returns:
        JSON values: `best_epoch`, everything of `classification_report`, and `top_losses`, the
        24 worst images [{position (row of the dataset), true, predicted (class names),
        probability (of the predicted class), cross_entropy (nats)}].
    """
    labels = data.labels[data.validation]
    probabilities = predict(model, data.images, data.validation)
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
