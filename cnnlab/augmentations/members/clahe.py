"""CLAHE: contrast evened out within each part of the image (Zuiderveld 1994)."""

import numpy as np

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.shares import draw_chosen
from cnnlab.fields import knob

_CLIP_LIMIT = 4.0
_TILES = 8


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    return {"clahe": draw_chosen("clahe", on["clahe_fraction"], draws, ops)}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    # A process that never uses it has no use for OpenCV, which costs it time and memory.
    import cv2  # noqa: PLC0415

    def even_out(image: np.ndarray, chosen: np.ndarray, into: np.ndarray) -> None:
        into[...] = image
        if not chosen:
            return
        # It computes in buffers of its own: batches are made in parallel and can't share one.
        clahe = cv2.createCLAHE(_CLIP_LIMIT, (_TILES, _TILES))
        for channel in range(image.shape[-1]):
            levels = np.ascontiguousarray(np.rint(image[..., channel]).astype(np.uint8))
            into[..., channel] = clahe.apply(levels)

    return ops.image_by_image(even_out, images, drawn["clahe"])


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["clahe"]


MEMBER = Member(
    fields={
        "clahe_fraction": (
            float,
            knob(
                0.0,
                "CLAHE",
                "Evens out the contrast within each part of this share of the images, which "
                "brings out what is dark or pale (CLAHE). Suits X-rays and microscopy. Usual: "
                "0.1 to 0.5.",
                ge=0,
                le=1,
                usual=0.3,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=130,
    icon="equalizer",
    stage=Stage(order=47, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.3,
    is_dial=True,
)
