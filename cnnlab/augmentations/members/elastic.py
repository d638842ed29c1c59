"""Elastic: smoothly bent images (Simard et al. 2003, on a coarse grid)."""

import numpy as np

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob

_GRID = 5


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    most = ops.cast(on["elastic_px"], "float32")
    return {"bend": most * draws.symmetric("elastic", (_GRID, _GRID, 2))}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    height, width = images.shape[1:3]
    return displace(images, displacement(drawn["bend"], height, width, ops), ops)


def displacement(bend: Array, height: int, width: int, ops: ArrayOps) -> Array:
    """(B, H, W, 2) float32 px, x first, from that of the grid's points (B, 5, 5, 2)."""
    return ops.resize_bicubic(bend, (height, width))


def displace(images: Array, by: Array, ops: ArrayOps) -> Array:
    """Read every pixel `by` (B, H, W, 2) px away: bilinear, reflected at the edges.

    Args:
        images: (B, H, W, C) float32.
        by: float32 px, x first.
        ops: TensorFlow's or numpy's.
    """
    # A process that bends no image has no use for OpenCV, which costs it time and memory.
    import cv2  # noqa: PLC0415

    def read(image: np.ndarray, places: np.ndarray, into: np.ndarray) -> None:
        # None: x and y stand in one map, which OpenCV takes and its types don't know.
        cv2.remap(  # type: ignore[call-overload]
            image, places, None, cv2.INTER_LINEAR, into, cv2.BORDER_REFLECT
        )

    height, width = images.shape[1:3]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    return ops.image_by_image(read, images, by + grid.astype(np.float32))


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["bend"][:, 0, 0, 0])


MEMBER = Member(
    fields={
        "elastic_px": (
            float,
            knob(
                0.0,
                "Elastic",
                "Bends the image smoothly by up to about this many pixels "
                "(RandomElasticTransform). Suits handwriting and microscopy. Usual: 1 to 4.",
                ge=0,
                le=32,
                unit="px",
                usual=2,
                increment=0.5,
            ),
        )
    },
    place=70,
    icon="waves",
    stage=Stage(order=20, apply=_apply, needs_range=False),
    draw=_draw,
    drawn_strength=_strength,
    mean=1.0,
    is_dial=True,
)
