"""Saturation: stronger and weaker colours."""

from cnnlab.augmentations.colour import COLOUR
from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, _: ArrayOps) -> Parameters:
    if shape[-1] != 3:
        return {}
    most = on["saturation_fraction"]
    return {"saturation": draws.uniform("saturation", 1.0 - most, 1.0 + most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["saturation"] - 1)


MEMBER = Member(
    fields={
        "saturation_fraction": (
            float,
            knob(
                0.0,
                "Saturation",
                "Makes colours up to this fraction stronger or weaker (as RandomSaturation). "
                "Usual: 0.1 to 0.5; no effect on grayscale images.",
                ge=0,
                le=1,
                usual=0.3,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=100,
    icon="opacity",
    stage=COLOUR,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.15,
    is_dial=True,
)
