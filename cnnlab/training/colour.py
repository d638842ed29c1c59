"""Colour: contrast, brightness, saturation, hue and grayscale as one change of each pixel."""

import math

import numpy as np
import tensorflow as tf

from cnnlab.domain.augmentation import Augmentation
from cnnlab.training.draws import Draws

Parameters = dict[str, tf.Tensor]

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""

_TO_YIQ = np.array([LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)])
_FROM_YIQ = np.linalg.inv(_TO_YIQ)


def draw_colour(augmentation: Augmentation, draws: Draws, channels: int) -> Parameters:
    """Draw the colours of a batch; only what is switched on (and has colours) has an entry.

    Returns:
        (B,) float32 each: `contrast` and `saturation` (factors), `brightness` (fraction of white
        that is added), `hue` (radians), `grayscale` (0 or 1).
    """
    drawn = {}
    if fraction := augmentation.contrast_fraction:
        drawn["contrast"] = draws.uniform("contrast", 1 - fraction, 1 + fraction)
    if fraction := augmentation.brightness_fraction:
        drawn["brightness"] = draws.uniform("brightness", -fraction, fraction)
    if channels == 1:
        return drawn
    if fraction := augmentation.saturation_fraction:
        drawn["saturation"] = draws.uniform("saturation", 1 - fraction, 1 + fraction)
    if fraction := augmentation.hue_fraction:
        drawn["hue"] = draws.uniform("hue", -fraction * math.pi, fraction * math.pi)
    if fraction := augmentation.grayscale_fraction:
        drawn["grayscale"] = tf.cast(draws.uniform("grayscale", 0, 1) < fraction, tf.float32)
    return drawn


def change_colour(images: tf.Tensor, parameters: Parameters) -> tf.Tensor:
    """Apply contrast about each channel's mean, brightness, saturation, hue and grayscale.

    Args:
        images: (B, H, W, C) float32 in 0..255; the result isn't clipped.
        parameters: as `draw_colour` returns them.
    """
    if "contrast" in parameters:
        factor = parameters["contrast"][:, None, None, None]
        images = images * factor + (1 - factor) * tf.reduce_mean(images, (1, 2), keepdims=True)
    if "brightness" in parameters:
        images += 255 * parameters["brightness"][:, None, None, None]
    if not parameters.keys() & {"saturation", "hue", "grayscale"}:
        return images
    shape = tf.shape(images)
    pixels = tf.reshape(images, [shape[0], -1, 3])
    return tf.reshape(tf.matmul(pixels, _mixing(parameters), transpose_b=True), shape)


def _mixing(parameters: Parameters) -> tf.Tensor:
    """(B, 3, 3) float32: saturation, then hue, then grayscale on a column of red, green, blue."""
    grey = tf.constant([LUMA] * 3, tf.float32)
    identity = tf.eye(3)
    mixing = identity
    if "saturation" in parameters:
        factor = parameters["saturation"][:, None, None]
        mixing = grey + factor * (identity - grey)
    if "hue" in parameters:
        mixing = _hue_rotation(parameters["hue"]) @ mixing
    if "grayscale" in parameters:
        share = parameters["grayscale"][:, None, None]
        mixing = (identity + share * (grey - identity)) @ mixing
    return mixing


def _hue_rotation(angle: tf.Tensor) -> tf.Tensor:
    """(B, 3, 3) float32: a rotation by `angle` (B,) radians in the I-Q plane of YIQ."""
    cosine, sine = tf.cos(angle), tf.sin(angle)
    zero, one = tf.zeros_like(angle), tf.ones_like(angle)
    rows = [one, zero, zero, zero, cosine, -sine, zero, sine, cosine]
    rotation = tf.reshape(tf.stack(rows, axis=1), [-1, 3, 3])
    return tf.constant(_FROM_YIQ, tf.float32) @ rotation @ tf.constant(_TO_YIQ, tf.float32)
