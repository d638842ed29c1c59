"""Equalize: the grey levels of each channel made equally frequent."""

import numpy as np

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.shares import draw_chosen
from cnnlab.fields import knob

_LEVELS = 256


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    return {"equalize": draw_chosen("equalize", on["equalize_fraction"], draws, ops)}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return ops.image_by_image(_equalize, images, drawn["equalize"])


def _equalize(image: np.ndarray, chosen: np.ndarray, into: np.ndarray) -> None:
    """As Keras and PIL do: from the cumulated counts of 256 levels, the lowest one to 0."""
    into[...] = image
    if not chosen:
        return
    levels = image.astype(np.uint8)
    for channel in range(image.shape[-1]):
        counts = np.bincount(levels[..., channel].ravel(), minlength=_LEVELS).cumsum()
        least = counts[counts > 0][0]
        if counts[-1] > least:  # else there is one level only
            table = np.rint((counts - least) * 255 / (counts[-1] - least)).clip(0, 255)
            into[..., channel] = table[levels[..., channel]]


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["equalize"]


MEMBER = Member(
    fields={
        "equalize_fraction": (
            float,
            knob(
                0.0,
                "Equalize",
                "Makes all levels of each colour about equally frequent in this share of the "
                "images (Equalization, each image by its own levels). Usual: 0.1 to 0.5.",
                ge=0,
                le=1,
                usual=0.3,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=129,
    icon="gradient",
    stage=Stage(order=46, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.3,
    is_dial=True,
)
