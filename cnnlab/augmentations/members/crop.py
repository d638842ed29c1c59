"""Crop: a window of each image, enlarged to its size (Szegedy et al., arXiv:1409.4842)."""

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import WARP
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, ops: ArrayOps) -> Parameters:
    """A window anywhere inside; pixel i of n reads (i + 0.5) * side + start - 0.5."""
    height, width, _ = shape
    side = 1 - draws.uniform("crop", 0.0, on["crop_fraction"])
    to_x, to_y = (
        draws.uniform(name, 0.0, 1.0) * (1 - side) * size + 0.5 * side - 0.5
        for name, size in (("crop_x", width), ("crop_y", height))
    )
    zero = ops.zeros_like(side)
    rows = [side, zero, to_x, zero, side, to_y, zero, zero, zero + 1]
    return {"crop_matrix": ops.reshape(ops.stack(rows, axis=1), [-1, 3, 3])}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return 1 - drawn["crop_matrix"][:, 0, 0]


MEMBER = Member(
    fields={
        "crop_fraction": (
            float,
            knob(
                0.0,
                "Crop",
                "Cuts up to this fraction of each side away, at random ends, and enlarges what is "
                "left (as RandomCrop and Resizing, each image by itself). Usual: 0.1 to 0.4.",
                ge=0,
                le=0.9,
                usual=0.2,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=45,
    icon="crop_free",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.1,
    is_dial=True,
)
