"""Blur, noise and erasing of a batch of images."""

import math

import tensorflow as tf

from cnnlab.training.input.draws import Draws, Strengths

Parameters = dict[str, tf.Tensor]

ERASED = 127.5
"""The grey that an erased rectangle gets, on the 0..255 scale."""

_LEAST_ERASED_FRACTION = 0.02
_LEAST_SIGMA_PX = 1e-2


def draw_blur(on: Strengths, draws: Draws) -> tf.Tensor:
    """(B,) float32: the width of each image's Gaussian in px."""
    return draws.uniform("blur", 0.0, on["blur_sigma_px"])


def blur(images: tf.Tensor, sigma_px: tf.Tensor) -> tf.Tensor:
    """Blur each image with a Gaussian of its own width, cut off at the edges and normalized.

    Written as two matrix products, which is the same as a separable convolution.

    Args:
        images: (B, H, W, C) float32.
        sigma_px: (B,) float32, 0 leaves the image alone.
    """
    batch, (height, width, channels) = tf.shape(images)[0], images.shape[1:]
    rows = tf.reshape(images, [batch, height, width * channels])
    images = tf.reshape(_gaussian(sigma_px, height) @ rows, [batch, height, width, channels])
    return tf.einsum("bvw,bhwc->bhvc", _gaussian(sigma_px, width), images)


def _gaussian(sigma_px: tf.Tensor, size: int) -> tf.Tensor:
    """(B, size, size) float32: how much each pixel of a line takes from each other one."""
    position = tf.range(size, dtype=tf.float32)
    sigma = tf.maximum(sigma_px, _LEAST_SIGMA_PX)[:, None, None]
    weights = tf.exp(-0.5 * tf.square((position[:, None] - position) / sigma))
    return weights / tf.reduce_sum(weights, axis=2, keepdims=True)


def draw_noise(on: Strengths, draws: Draws, shape: tuple[int, ...]) -> tf.Tensor:
    """(B, *shape) float32: what is added to each value, on the 0..255 scale."""
    return tf.cast(on["noise_stddev"], tf.float32) * draws.normal("noise", shape)


def draw_erasing(on: Strengths, draws: Draws, height: int, width: int) -> Parameters:
    """Draw one rectangle an image (RandomErasing, arXiv:1708.04896).

    Returns:
        (B,) float32 px each: `top`, `left`, `height`, `width`; the sides are whole numbers, at
        least 1, or 0 where a dial has switched erasing off.
    """
    most = tf.convert_to_tensor(on["erasing_fraction"], tf.float64)
    least = _LEAST_ERASED_FRACTION * tf.cast(most >= _LEAST_ERASED_FRACTION, tf.float64)
    shortest = tf.cast(most > 0, tf.float32)
    area = draws.uniform("erasing_area", least, most) * height * width
    aspect = tf.exp(draws.uniform("erasing_aspect", -math.log(2.0), math.log(2.0)))
    tall = tf.clip_by_value(tf.round(tf.sqrt(area * aspect)), shortest, height)
    wide = tf.clip_by_value(tf.round(tf.sqrt(area / aspect)), shortest, width)
    return {
        "top": tf.floor(draws.uniform("erasing_y", 0.0, 1.0) * (height - tall + 1)),
        "left": tf.floor(draws.uniform("erasing_x", 0.0, 1.0) * (width - wide + 1)),
        "height": tall,
        "width": wide,
    }


def inside(rectangle: Parameters, height: int, width: int) -> tf.Tensor:
    """(B, H, W, 1) bool: whether a pixel lies in its image's rectangle."""
    row = tf.range(height, dtype=tf.float32) - rectangle["top"][:, None]
    column = tf.range(width, dtype=tf.float32) - rectangle["left"][:, None]
    rows = (row >= 0) & (row < rectangle["height"][:, None])
    columns = (column >= 0) & (column < rectangle["width"][:, None])
    return (rows[:, :, None] & columns[:, None, :])[..., None]


def erase(images: tf.Tensor, rectangle: Parameters) -> tf.Tensor:
    """Cover each image's rectangle with grey.

    Args:
        images: (B, H, W, C) float32 in 0..255.
        rectangle: as `draw_erasing` returns it.
    """
    return tf.where(inside(rectangle, *images.shape[1:3]), ERASED, images)
