"""Perspective: images as if seen at an angle."""

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import WARP
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["perspective_fraction"]
    return {name: draws.uniform(name, -most, most) for name in ("perspective_x", "perspective_y")}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return (abs(drawn["perspective_x"]) + abs(drawn["perspective_y"])) / 2


MEMBER = Member(
    fields={
        "perspective_fraction": (
            float,
            knob(
                0.0,
                "Perspective",
                "Tilts the image as if seen at an angle: one corner stays, the opposite one moves "
                "inwards by up to this fraction of the side, and nothing outside of the image is "
                "shown. (RandomPerspective of Keras moves the corners one by one, outwards too.) "
                "Usual: 0.05 to 0.2.",
                ge=0,
                le=0.45,
                usual=0.1,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=60,
    icon="transform",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.05,
    is_dial=True,
)
