"""RandAugment and AugMix: operations drawn at random for each image.

Keras' layers of these names draw once for the batch (RandAugment) or once for the whole run
(AugMix, through Python's generator at trace time), and can't be repeated from a seed inside a
parallel map. Here each image has its own operations, from stateless seeds. For speed all that
one image got are done in one pass, geometry first, then colour, then tones; `equalize` of the
papers is left out.
"""

import math

import tensorflow as tf

from cnnlab.training.input.colour import change_colour
from cnnlab.training.input.draws import Draws
from cnnlab.training.input.warp import warp, warp_matrices

(
    IDENTITY, ROTATE, SHEAR, SHIFT_X, SHIFT_Y, SOLARIZE, POSTERIZE, AUTOCONTRAST,
    CONTRAST, BRIGHTNESS, SATURATION, SHARPNESS,
) = range(12)  # fmt: skip
_RANDAUGMENT_OPERATIONS = 12
_AUGMIX_OPERATIONS = 8
"""AugMix leaves out the colour operations that its test corruptions hold."""

_CHAINS = 3
_CHAIN_DEPTH = 3
_AUGMIX_MAGNITUDE = 0.3

_MOST_ROTATION = math.radians(30)
_MOST_SHEAR = math.atan(0.3)
_MOST_SHIFT = 0.3
_MOST_COLOUR = 0.9
_MOST_LOST_BITS = 4.0


def rand_augment(images: tf.Tensor, operations: int, magnitude: float, draws: Draws) -> tf.Tensor:
    """Apply `operations` random operations to each image (arXiv:1909.13719).

    Args:
        images: (B, H, W, C) float32 in 0..255.
        operations: how many for each image.
        magnitude: strength, 0..1; the direction of each is drawn.
        draws: of the batch.
    """
    choices = draws.integers("randaugment_choices", (operations,), _RANDAUGMENT_OPERATIONS)
    signs = tf.sign(draws.symmetric("randaugment_signs", (operations,)))
    return apply_operations(images, choices, magnitude * signs)


def aug_mix(images: tf.Tensor, draws: Draws) -> tf.Tensor:
    """Blend three chains of one to three mild operations with the image (arXiv:1912.02781).

    The chains' weights follow Dirichlet(1), the image's own share Beta(1, 1), as in the paper.

    Args:
        images: (B, H, W, C) float32 in 0..255.
        draws: of the batch.
    """
    shape = (_CHAINS, _CHAIN_DEPTH)
    choices = draws.integers("augmix_choices", shape, _AUGMIX_OPERATIONS)
    strengths = _AUGMIX_MAGNITUDE * draws.symmetric("augmix_strengths", shape)
    depths = 1 + draws.integers("augmix_depths", (_CHAINS, 1), _CHAIN_DEPTH)
    choices = tf.where(tf.range(_CHAIN_DEPTH) < depths, choices, IDENTITY)
    weights = draws.gamma("augmix_weights", (_CHAINS,), 1.0)
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    mixed = tf.zeros_like(images)
    for chain in range(_CHAINS):
        changed = apply_operations(images, choices[:, chain], strengths[:, chain])
        mixed += weights[:, chain, None, None, None] * changed
    share = 0.5 * (draws.symmetric("augmix_share", ()) + 1)[:, None, None, None]
    return share * images + (1 - share) * mixed


def apply_operations(images: tf.Tensor, choices: tf.Tensor, strengths: tf.Tensor) -> tf.Tensor:
    """Apply each image's operations; of one that was chosen twice, the strengths add up.

    Args:
        images: (B, H, W, C) float32 in 0..255.
        choices: (B, n) int32, IDENTITY .. SHARPNESS.
        strengths: (B, n) float32 in -1..1, the sign is the direction.

    Returns:
        (B, H, W, C) float32 in 0..255.
    """

    def total(operation: int) -> tf.Tensor:
        return tf.reduce_sum(tf.where(choices == operation, strengths, 0.0), axis=1)

    geometry = {
        "rotation": _MOST_ROTATION * total(ROTATE),
        "shear": _MOST_SHEAR * total(SHEAR),
        "shift_x": _MOST_SHIFT * total(SHIFT_X),
        "shift_y": _MOST_SHIFT * total(SHIFT_Y),
    }
    colour = {
        "contrast": 1 + _MOST_COLOUR * total(CONTRAST),
        "brightness": _MOST_COLOUR / 2 * total(BRIGHTNESS),
    }
    if images.shape[-1] == 3:
        colour["saturation"] = 1 + _MOST_COLOUR * total(SATURATION)
    images = warp(images, warp_matrices(geometry, *images.shape[1:3]))
    images = tf.clip_by_value(change_colour(images, colour), 0.0, 255.0)
    images = _sharpen(images, total(SHARPNESS)[:, None, None, None])
    return _change_tones(images, choices, strengths)


def _sharpen(images: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """Away from the mean of the 3 x 3 pixels around, or towards it."""
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
    smooth = tf.nn.avg_pool2d(padded, 3, 1, "VALID")
    return tf.clip_by_value(images + strength * (images - smooth), 0.0, 255.0)


def _change_tones(images: tf.Tensor, choices: tf.Tensor, strengths: tf.Tensor) -> tf.Tensor:
    """Solarize, posterize and autocontrast."""

    def chosen(operation: int) -> tf.Tensor:
        return tf.reduce_any(choices == operation, axis=1)[:, None, None, None]

    def size(operation: int) -> tf.Tensor:
        sizes = tf.where(choices == operation, tf.abs(strengths), 0.0)
        return tf.reduce_max(sizes, axis=1)[:, None, None, None]

    is_bright = images >= 255 * (1 - size(SOLARIZE))
    images = tf.where(chosen(SOLARIZE) & is_bright, 255 - images, images)
    step = tf.pow(2.0, tf.round(_MOST_LOST_BITS * size(POSTERIZE)))
    images = tf.where(chosen(POSTERIZE), tf.floor(images / step) * step, images)
    darkest = tf.reduce_min(images, (1, 2), keepdims=True)
    spread = tf.reduce_max(images, (1, 2), keepdims=True) - darkest
    stretched = tf.math.divide_no_nan(255 * (images - darkest), spread)
    return tf.where(chosen(AUTOCONTRAST) & (spread > 0), stretched, images)
