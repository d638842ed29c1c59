"""Colour: contrast, brightness, saturation, hue and grayscale as one change of each pixel."""

import math

import numpy as np
import tensorflow as tf

from cnnlab.training.input.draws import Draws, Strengths

Parameters = dict[str, tf.Tensor]

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""

_SPREADS_OF_GREY = (("contrast", 1.0, 1.0), ("brightness", 0.0, 1.0))
_SPREADS = (*_SPREADS_OF_GREY, ("saturation", 1.0, 1.0), ("hue", 0.0, math.pi))
"""What is drawn, the middle that changes nothing, and the unit of the fraction around it."""

_TO_YIQ = np.array([LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)])
_FROM_YIQ = np.linalg.inv(_TO_YIQ)


def draw_colour(on: Strengths, draws: Draws, channels: int) -> Parameters:
    """Draw the colours of a batch; only what is switched on (and has colours) has an entry.

    Returns:
        (B,) float32 each: `contrast` and `saturation` (factors), `brightness` (fraction of white
        that is added), `hue` (radians), `grayscale` (0 or 1).
    """
    drawn = {}
    for name, middle, unit in _SPREADS if channels == 3 else _SPREADS_OF_GREY:
        if f"{name}_fraction" in on:
            spread = on[f"{name}_fraction"] * unit
            drawn[name] = draws.uniform(name, middle - spread, middle + spread)
    if channels == 3 and "grayscale_fraction" in on:
        share = tf.cast(on["grayscale_fraction"], tf.float32)
        drawn["grayscale"] = tf.cast(draws.uniform("grayscale", 0, 1) < share, tf.float32)
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
