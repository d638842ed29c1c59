"""What a model says about images with everything random off, and how right it is."""

import math
from collections.abc import Callable, Sequence
from typing import TypedDict

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.data.split import LabelNoise
from cnnlab.domain.metrics import (
    accuracy,
    calibration,
    classification_report,
    cross_entropies,
)
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.result import Evaluation, TopLoss
from cnnlab.training.input.data import TrainingData
from cnnlab.training.input.features import Readable
from cnnlab.training.judging.batch_statistics import BatchStatistics
from cnnlab.training.judging.robustness import measure_robustness
from cnnlab.training.loop.checkpoint import averaged_weights

_BATCH_PIXELS = 128 * 64 * 64
"""Larger batches are no faster and take memory by the gigabyte."""

_MOST_IN_A_BATCH = 128
_TOP_LOSSES = 24


def _nothing() -> None:
    pass


def images_per_pass(shape: Sequence[int]) -> int:
    """Images per forward pass of an evaluation: as many as are fast in little memory.

    Args:
        shape: height, width, channels; or values.
    """
    return max(1, min(_MOST_IN_A_BATCH, _BATCH_PIXELS // math.prod(shape[:-1])))


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
            model: takes images (N, H, W, C) in 0..255, or, as a head, features (N, values).
            after_batch: called after each forward pass.
            batch: images per forward pass; default is as many as are fast in little memory.
        """
        shape = model.input_shape[1:]
        kind = tf.uint8 if len(shape) == 3 else tf.float32
        signature = [tf.TensorSpec((None, *shape), kind)]

        @tf.function(input_signature=signature, jit_compile=False)
        def forward(images: tf.Tensor) -> tf.Tensor:
            return model(images, training=False)

        self._forward = forward
        self._after_batch = after_batch
        self._values = model.output_shape[-1]
        self._batch = batch or images_per_pass(shape)

    def __call__(self, images: Readable, positions: np.ndarray) -> np.ndarray:
        """Class probabilities of the images at `positions`, or whatever the model gives.

        Args:
            images: (N, H, W, C) uint8, from which an array of positions takes images out, or their
                features.
            positions: (M,) int.

        Returns:
            (M, classes) float32.
        """
        probabilities = np.empty((len(positions), self._values), np.float32)
        for start in range(0, len(positions), self._batch):
            wanted = positions[start : start + self._batch]
            probabilities[start : start + len(wanted)] = self._forward(images[wanted])
            self._after_batch()
        return probabilities


def predict(model: keras.Model, images: Readable, positions: np.ndarray) -> np.ndarray:
    """Class probabilities (M, classes) float32 of the images at `positions`; see `Predictor`."""
    return Predictor(model)(images, positions)


class EpochMeasures(TypedDict):
    """What is measured after an epoch; see `EpochRecord`."""

    penalty: float
    clean_cross_entropy: float
    clean_accuracy: float
    val_cross_entropy: float
    val_accuracy: float
    memorized: float | None
    rescued: float | None


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
        statistics: BatchStatistics,
        predict: Predictor,
        flipped: LabelNoise,
    ) -> None:
        """Store what is measured.

        Args:
            model: compiled, with dials; where its optimizer keeps averaged weights, they are
                measured.
            data: of the run.
            clean_positions: (M,) int, images of the clean train metrics.
            statistics: measures those of the model's batch norm.
            predict: makes probabilities of what `data` holds: where that is features, the head's.
            flipped: training images with a wrong label on which memorizing is measured.
        """
        self._model, self._data, self._flipped = model, data, flipped
        self._predict, self._statistics = predict, statistics
        self._clean_positions = clean_positions
        self.training_images = len(data.train)

    def __call__(self) -> tuple[EpochMeasures, Predictions]:
        """Cross-entropy in nats and accuracy 0..1 of both parts; not finite where outputs aren't.

        Batch norm's statistics are measured first, and stay in the model: its state and everything
        made from that have those with which it was judged. The clean metrics judge by the labels
        that the run is trained on, flipped ones included.

        Returns:
            The measures, see `EpochRecord`, and what was said of the validation images.
        """
        with averaged_weights(self._model):
            self._statistics.measure()
            penalty = self._model.penalty()
            clean = self._say(self._clean_positions)
            validation = self._say(self._data.validation)
            memorized, rescued = self._memory()
        clean_cross_entropy, clean_accuracy = plain_metrics(clean.probabilities, clean.labels)
        val_cross_entropy, val_accuracy = plain_metrics(validation.probabilities, validation.labels)
        measures: EpochMeasures = {
            "penalty": penalty,
            "clean_cross_entropy": clean_cross_entropy,
            "clean_accuracy": clean_accuracy,
            "val_cross_entropy": val_cross_entropy,
            "val_accuracy": val_accuracy,
            "memorized": memorized,
            "rescued": rescued,
        }
        return measures, validation

    def _say(self, positions: np.ndarray) -> Predictions:
        probabilities = self._predict(self._data.images, positions)
        return Predictions(positions, self._data.labels[positions], probabilities)

    def _memory(self) -> tuple[float | None, float | None]:
        """Shares of the flipped images for which the model says the wrong and the true label."""
        flipped = self._flipped
        if not len(flipped):
            return None, None
        predicted = self._predict(self._data.images, flipped.positions).argmax(axis=1)
        return (
            float(np.mean(predicted == flipped.given_labels)),
            float(np.mean(predicted == flipped.true_labels)),
        )


def plain_metrics(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy in nats and accuracy 0..1, without penalty and smoothing."""
    mean = float(np.mean(cross_entropies(probabilities, labels)))
    return mean, accuracy(probabilities, labels)


def final_evaluation(
    model: keras.Model,
    data: TrainingData,
    best_epoch: int | None,
    after_batch: Callable[[], None] = _nothing,
) -> Evaluation:
    """What the finished model does on the validation images, as they are and distorted.

    Args:
        model: the model that the user gets.
        data: of the run.
        best_epoch: 0-based, noted beside it.
        after_batch: called after each forward pass, such as to show a sign of life.

    Returns:
        JSON values: `best_epoch`, everything of `classification_report` and `measure_robustness`,
        `top_losses`, the 24 worst images [{position (row of the dataset), true, predicted (class
        names), probability (of the predicted class), cross_entropy (nats)}], `calibration` (see
        there), and `val_correct`, a text with 1 or 0 for each validation image, in the order of
        `data.validation`, by whether the prediction is right: two runs on the same split can be
        compared image by image.
    """
    labels = data.labels[data.validation]
    predict = Predictor(model, after_batch)
    probabilities = predict(data.images, data.validation)
    right = np.argmax(probabilities, axis=1) == labels
    return {
        "best_epoch": best_epoch,
        **classification_report(probabilities, labels, data.class_names),
        "top_losses": _top_losses(probabilities, labels, data.validation, data.class_names),
        "calibration": calibration(probabilities, labels),
        **measure_robustness(predict, data, right, images_per_pass(data.image_shape)),
        "val_correct": "".join("01"[value] for value in right.astype(int)),
    }


def _top_losses(
    probabilities: np.ndarray,
    labels: np.ndarray,
    positions: np.ndarray,
    class_names: Sequence[str],
) -> list[TopLoss]:
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
