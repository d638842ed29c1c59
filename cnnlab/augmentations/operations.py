"""The operations that RandAugment and AugMix choose from, each image its own.

Keras' layers of these names draw once for the batch (RandAugment) or once for the whole run
(AugMix, through Python's generator at trace time), and can't be repeated from a seed inside a
parallel map. Here each image has its own operations, from stateless seeds. For speed all that
one image got are done in one pass, geometry first, then colour, then tones; `equalize` of the
papers is left out.
"""

import math

from cnnlab.augmentations.colour import change_colour
from cnnlab.augmentations.ops import Array, ArrayOps
from cnnlab.augmentations.warp import apply_warp

(
    IDENTITY, ROTATE, SHEAR, SHIFT_X, SHIFT_Y, SOLARIZE, POSTERIZE, AUTOCONTRAST,
    CONTRAST, BRIGHTNESS, SATURATION, SHARPNESS,
) = range(12)  # fmt: skip
OPERATIONS = 12
MILD_OPERATIONS = 8
"""Without those on colour, which AugMix leaves out as its test corruptions hold them."""

_MOST_ROTATION = math.radians(30)
_MOST_SHEAR = math.atan(0.3)
_MOST_SHIFT = 0.3
_MOST_COLOUR = 0.9
_MOST_LOST_BITS = 4.0


def apply_operations(images: Array, choices: Array, strengths: Array, ops: ArrayOps) -> Array:
    """Apply each image's operations; of one that was chosen twice, the strengths add up.

    Args:
        images: (B, H, W, C) float32 in 0..255.
        choices: (B, n) int32, IDENTITY .. SHARPNESS.
        strengths: (B, n) float32 in -1..1, the sign is the direction.
        ops: TensorFlow's or numpy's.

    Returns:
        (B, H, W, C) float32 in 0..255.
    """

    def total(operation: int) -> Array:
        return ops.sum(ops.where(choices == operation, strengths, 0.0), axis=1)

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
    images = apply_warp(images, geometry, ops)
    images = ops.clip(change_colour(images, colour, ops), 0.0, 255.0)
    strength = total(SHARPNESS)[:, None, None, None]
    images = ops.clip(images + strength * (images - ops.smooth(images)), 0.0, 255.0)
    return _change_tones(images, choices, strengths, ops)


def _change_tones(images: Array, choices: Array, strengths: Array, ops: ArrayOps) -> Array:
    """Solarize, posterize and autocontrast."""

    def chosen(operation: int) -> Array:
        return ops.any(choices == operation, axis=1)[:, None, None, None]

    def size(operation: int) -> Array:
        sizes = ops.where(choices == operation, ops.abs(strengths), 0.0)
        return ops.max(sizes, axis=1)[:, None, None, None]

    is_bright = images >= 255 * (1 - size(SOLARIZE))
    images = ops.where(chosen(SOLARIZE) & is_bright, 255 - images, images)
    step = ops.pow(2.0, ops.round(_MOST_LOST_BITS * size(POSTERIZE)))
    images = ops.where(chosen(POSTERIZE), ops.floor(images / step) * step, images)
    darkest = ops.min(images, (1, 2), keepdims=True)
    spread = ops.max(images, (1, 2), keepdims=True) - darkest
    stretched = ops.divide_no_nan(255 * (images - darkest), spread)
    return ops.where(chosen(AUTOCONTRAST) & (spread > 0), stretched, images)
