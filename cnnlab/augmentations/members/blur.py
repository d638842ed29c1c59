"""Blur: softened images."""

import numpy as np

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob

_LEAST_SIGMA_PX = 1e-2


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    return {"sigma_px": draws.uniform("blur", 0.0, on["blur_sigma_px"])}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return blur(images, drawn["sigma_px"], ops)


def blur(images: Array, sigma_px: Array, ops: ArrayOps) -> Array:
    """Blur each image with a Gaussian of its own width, cut off at the edges and normalized.

    Written as two matrix products, which is the same as a separable convolution.

    Args:
        images: (B, H, W, C) float32.
        sigma_px: (B,) float32, 0 leaves the image alone.
        ops: TensorFlow's or numpy's.
    """
    height, width, channels = images.shape[1:]
    rows = ops.reshape(images, [-1, height, width * channels])
    down = ops.matmul(_gaussian(sigma_px, height, ops), rows)
    images = ops.reshape(down, [-1, height, width, channels])
    return ops.mix_columns(_gaussian(sigma_px, width, ops), images)


def _gaussian(sigma_px: Array, size: int, ops: ArrayOps) -> Array:
    """(B, size, size) float32: how much each pixel of a line takes from each other one."""
    position = np.arange(size, dtype=np.float32)
    sigma = ops.maximum(sigma_px, np.float32(_LEAST_SIGMA_PX))[:, None, None]
    weights = ops.exp(-0.5 * ops.square((position[:, None] - position) / sigma))
    return weights / ops.sum(weights, axis=2, keepdims=True)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["sigma_px"]


MEMBER = Member(
    fields={
        "blur_sigma_px": (
            float,
            knob(
                0.0,
                "Blur",
                "Blurs each image with a Gaussian of up to this width (RandomGaussianBlur). "
                "Usual: 0.5 to 1.5.",
                ge=0,
                le=10,
                unit="px",
                usual=1,
                increment=0.1,
            ),
        )
    },
    place=140,
    icon="blur_on",
    stage=Stage(order=30, apply=_apply, needs_range=False),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.5,
    is_dial=True,
)
