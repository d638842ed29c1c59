"""How often a model is right on distorted images: what augmentation buys beside clean accuracy.

The distortions are those of the training's augmentation at fixed strengths, in the spirit of
Hendrycks & Dietterich 2019 (arXiv:1903.12261): reflected at the edges, rounded to uint8 like any
image that a user brings. What is random about an image's distortion (a sign, a direction, noise)
depends on its position in the dataset alone, so that every run on the same split meets the same
images, and a larger strength does more of the same to each.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from cnnlab.augmentations.colour import change_colour
from cnnlab.augmentations.members.blur import blur
from cnnlab.augmentations.warp import apply_warp
from cnnlab.domain.data.split import stratified_subset
from cnnlab.domain.records.result import Robustness, RobustnessRow
from cnnlab.training.input.data import TrainingData
from cnnlab.training.input.tensor_ops import TENSOR_OPS

_MOST_IMAGES, _LEAST_IMAGES = 200, 100
_MOST_PIXELS = _MOST_IMAGES * 128 * 128
"""Each image is predicted fifteen times, so those above 128 px are judged on fewer."""

_PURPOSE = 0xD157
_BLUR_SIDE_PX = 64
_DIRECTIONS = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)], np.float32)

Predict = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From images and positions among them to class probabilities, as `Predictor`."""


@dataclass(frozen=True)
class _Draws:
    """What is random about the distortions of B images.

    Attributes:
        rotation: (B,) float32, -1 or 1.
        brightness: (B,) float32, -1 or 1.
        direction: (B, 2) float32, one of right, left, down, up as x and y.
        noise: (B, H, W, C) float32, standard normal.
    """

    rotation: np.ndarray
    brightness: np.ndarray
    direction: np.ndarray
    noise: np.ndarray


def measure_robustness(
    predict: Predict, data: TrainingData, right: np.ndarray, batch: int
) -> Robustness:
    """Judge a model on distorted validation images.

    Args:
        predict: the model's forward pass.
        data: of the run.
        right: (V,) bool, whether the model is right on each validation image as it is.
        batch: images per forward pass.

    Returns:
        JSON values: `robustness` [{`distortion`, `strength`, `unit`, `accuracy` (0..1)}],
        `robustness_images` (how many were distorted: a fixed stratified part of at most 200), and
        `robustness_undistorted`, the accuracy 0..1 on the same images as they are.
    """
    pixels = data.image_shape[0] * data.image_shape[1]
    most = max(_LEAST_IMAGES, min(_MOST_IMAGES, _MOST_PIXELS // pixels))
    chosen = stratified_subset(data.labels[data.validation], most)
    positions = data.validation[chosen]
    kinds = [(name, strength) for name, kind in _KINDS.items() for strength in kind.strengths]
    hits = np.zeros(len(kinds), np.int64)
    for start in range(0, len(positions), batch):
        part = positions[start : start + batch]
        images, draws = data.images[part], _draw(part, data.image_shape)
        for index, kind in enumerate(kinds):
            predicted = predict(_distort(images, *kind, draws), np.arange(len(part)))
            hits[index] += np.count_nonzero(predicted.argmax(axis=1) == data.labels[part])
    rows: list[RobustnessRow] = [
        {
            "distortion": name,
            "strength": strength,
            "unit": _KINDS[name].unit,
            "accuracy": float(count / len(positions)),
        }
        for (name, strength), count in zip(kinds, hits, strict=True)
    ]
    return {
        "robustness": rows,
        "robustness_images": len(positions),
        "robustness_undistorted": float(np.mean(right[chosen])),
    }


def distorted(
    images: np.ndarray, positions: np.ndarray, distortion: str, strength: float
) -> np.ndarray:
    """Images as `measure_robustness` shows them to a model.

    Args:
        images: (B, H, W, C) uint8.
        positions: (B,) int, where they stand in the dataset; decides what is random.
        distortion: `rotation`, `shift`, `brightness`, `blur` or `noise`.
        strength: degrees; percent of the side; percent of white that is added or taken away;
            sigma in px of an image of 64 px; standard deviation on the 0..255 scale.

    Returns:
        (B, H, W, C) uint8.
    """
    return _distort(images, distortion, strength, _draw(positions, images.shape[1:]))


def _distort(images: np.ndarray, distortion: str, strength: float, draws: _Draws) -> np.ndarray:
    with tf.device("CPU:0"):  # the same images on every device
        changed = _KINDS[distortion].apply(tf.cast(images, tf.float32), strength, draws)
        return tf.cast(tf.clip_by_value(tf.round(changed), 0, 255), tf.uint8).numpy()


def _draw(positions: np.ndarray, shape: tuple[int, ...]) -> _Draws:
    count = len(positions)
    signs, directions = np.empty((count, 2), np.float32), np.empty((count, 2), np.float32)
    noise = np.empty((count, *shape), np.float32)
    for index, position in enumerate(positions):
        generator = np.random.default_rng([int(position), _PURPOSE])
        signs[index] = generator.choice((-1, 1), 2)
        directions[index] = _DIRECTIONS[generator.integers(4)]
        generator.standard_normal(dtype=np.float32, out=noise[index])
    return _Draws(signs[:, 0], signs[:, 1], directions, noise)


def _rotated(images: tf.Tensor, degrees: float, draws: _Draws) -> tf.Tensor:
    return _warped(images, {"rotation": draws.rotation * math.radians(degrees)})


def _shifted(images: tf.Tensor, percent: float, draws: _Draws) -> tf.Tensor:
    x, y = (draws.direction * (percent / 100)).T
    return _warped(images, {"shift_x": x, "shift_y": y})


def _warped(images: tf.Tensor, parameters: dict[str, np.ndarray]) -> tf.Tensor:
    tensors = {name: tf.constant(values, tf.float32) for name, values in parameters.items()}
    return apply_warp(images, tensors, TENSOR_OPS)


def _brightened(images: tf.Tensor, percent: float, draws: _Draws) -> tf.Tensor:
    added = tf.constant(draws.brightness * (percent / 100), tf.float32)
    return change_colour(images, {"brightness": added}, TENSOR_OPS)


def _blurred(images: tf.Tensor, sigma_px: float, draws: _Draws) -> tf.Tensor:
    sigma = sigma_px * min(images.shape[1:3]) / _BLUR_SIDE_PX
    widths = tf.fill([images.shape[0]], tf.constant(sigma, tf.float32))
    return blur(images, widths, TENSOR_OPS)


def _noisy(images: tf.Tensor, stddev: float, draws: _Draws) -> tf.Tensor:
    return images + stddev * draws.noise


@dataclass(frozen=True)
class _Kind:
    """One way to distort: its strengths from mild to severe, their unit, and how it is done."""

    strengths: tuple[int, ...]
    unit: str
    apply: Callable[[tf.Tensor, float, _Draws], tf.Tensor]


_KINDS = {
    "rotation": _Kind((10, 20, 40), "°", _rotated),
    "shift": _Kind((5, 10, 20), "%", _shifted),
    "brightness": _Kind((15, 30, 60), "%", _brightened),
    "blur": _Kind((1, 2, 3), "px at 64 px", _blurred),
    "noise": _Kind((10, 25, 50), "of 255", _noisy),
}
