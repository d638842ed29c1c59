"""Grayscale: images without colour."""

from cnnlab.augmentations.colour import COLOUR
from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, ops: ArrayOps) -> Parameters:
    if shape[-1] != 3:
        return {}
    share = ops.cast(on["grayscale_fraction"], "float32")
    chosen = draws.uniform("grayscale", 0, 1) < share
    return {"grayscale": ops.cast(chosen, "float32")}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["grayscale"]


MEMBER = Member(
    fields={
        "grayscale_fraction": (
            float,
            knob(
                0.0,
                "Grayscale",
                "Takes all colour from this share of the images (RandomGrayscale). Usual: 0.05 to "
                "0.2.",
                ge=0,
                le=1,
                usual=0.1,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=120,
    icon="filter_b_and_w",
    stage=COLOUR,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.1,
    is_dial=True,
)
