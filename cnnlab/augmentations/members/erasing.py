"""Erasing: a rectangle of each image is covered (arXiv:1708.04896)."""

import math

import numpy as np

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.rectangle import inside
from cnnlab.fields import knob

ERASED = 127.5
"""The grey that an erased rectangle gets, on the 0..255 scale."""

_LEAST_FRACTION = 0.02


def _draw(on: Strengths, draws: Draws, shape: Shape, ops: ArrayOps) -> Parameters:
    """The sides are whole numbers, at least 1, or 0 where a dial has switched erasing off."""
    height, width, _ = shape
    most = ops.cast(on["erasing_fraction"], "float64")
    least = _LEAST_FRACTION * ops.cast(most >= _LEAST_FRACTION, "float64")
    shortest = ops.cast(most > 0, "float32")
    area = draws.uniform("erasing_area", least, most) * height * width
    aspect = ops.exp(draws.uniform("erasing_aspect", -math.log(2.0), math.log(2.0)))
    tall = ops.clip(ops.round(ops.sqrt(area * aspect)), shortest, np.float32(height))
    wide = ops.clip(ops.round(ops.sqrt(area / aspect)), shortest, np.float32(width))
    return {
        "top": ops.floor(draws.uniform("erasing_y", 0.0, 1.0) * (height - tall + 1)),
        "left": ops.floor(draws.uniform("erasing_x", 0.0, 1.0) * (width - wide + 1)),
        "height": tall,
        "width": wide,
    }


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return ops.where(inside(drawn, *images.shape[1:3]), ERASED, images)


def _strength(drawn: Parameters, shape: Shape) -> Array:
    return drawn["height"] * drawn["width"] / (shape[0] * shape[1])


MEMBER = Member(
    fields={
        "erasing_fraction": (
            float,
            knob(
                0.0,
                "Erasing",
                "Covers one rectangle of up to this share of the image's area with grey "
                "(RandomErasing, Cutout). Usual: 0.05 to 0.25.",
                ge=0,
                le=0.9,
                usual=0.15,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=150,
    icon="ink_eraser",
    stage=Stage(order=70, apply=_apply, needs_range=False),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.085,
    is_dial=True,
)
