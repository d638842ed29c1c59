"""MixUp and CutMix: blends of two images of a batch, labels blended alike."""

import tensorflow as tf

from cnnlab.training.input.draws import Draws
from cnnlab.training.input.texture import inside

Parameters = dict[str, tf.Tensor]

_VANISHED = 1e-37
"""TensorFlow draws no gamma variate below 1.2e-38, the least normal float32."""


def draw_shares(alpha: float | tf.Tensor, draws: Draws) -> tf.Tensor:
    """(B,) float32 of Beta(alpha, alpha): how much each image keeps of itself.

    A beta variate is g1 / (g1 + g2) of two gamma variates; where a small alpha, or 0, makes both
    vanish, the image is kept whole.
    """
    first, second = (draws.gamma(f"{turn}_share", (), alpha) for turn in ("first", "second"))
    total = first + second
    return tf.where(total > _VANISHED, first / total, 1.0)


def draw_partners(draws: Draws) -> tf.Tensor:
    """(B,) int32: the position of the other image of each pair."""
    return draws.permutation("partners")


def mix_up(
    images: tf.Tensor, labels: tf.Tensor, shares: tf.Tensor, partners: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Blend each image and label with its partner's (Zhang et al., arXiv:1710.09412).

    Args:
        images: (B, H, W, C) float32.
        labels: (B, classes) float32.
        shares: (B,) float32, what is kept.
        partners: (B,) int32.
    """
    kept = shares[:, None, None, None]
    images = kept * images + (1 - kept) * tf.gather(images, partners)
    return images, _mix_labels(labels, shares, partners)


def draw_patch(shares: tf.Tensor, draws: Draws, height: int, width: int) -> Parameters:
    """Draw each image's patch: of area 1 - share around a random centre, cut at the edges.

    Args:
        shares: (B,) float32, what is kept.
        draws: of the batch.
        height: px.
        width: px.

    Returns:
        (B,) float32 px each: `top`, `left`, `height`, `width`.
    """
    side = tf.sqrt(1 - shares)
    rectangle = {}
    for near, length, centre, size in (
        ("top", "height", "patch_y", height),
        ("left", "width", "patch_x", width),
    ):
        middle = tf.floor(draws.uniform(centre, 0.0, size))
        half = tf.floor(side * size) / 2
        start = tf.clip_by_value(tf.round(middle - half), 0.0, size)
        end = tf.clip_by_value(tf.round(middle + half), 0.0, size)
        rectangle[near], rectangle[length] = start, end - start
    return rectangle


def cut_mix(
    images: tf.Tensor, labels: tf.Tensor, patch: Parameters, partners: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Paste each partner's patch and blend the labels by area (Yun et al., arXiv:1905.04899).

    Args:
        images: (B, H, W, C) float32.
        labels: (B, classes) float32.
        patch: as `draw_patch` returns it.
        partners: (B,) int32.
    """
    height, width = images.shape[1:3]
    images = tf.where(inside(patch, height, width), tf.gather(images, partners), images)
    kept = 1 - patch["height"] * patch["width"] / (height * width)
    return images, _mix_labels(labels, kept, partners)


def _mix_labels(labels: tf.Tensor, shares: tf.Tensor, partners: tf.Tensor) -> tf.Tensor:
    kept = shares[:, None]
    return kept * labels + (1 - kept) * tf.gather(labels, partners)
