"""Hue: other colours."""

import math

from cnnlab.augmentations.colour import COLOUR
from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, _: ArrayOps) -> Parameters:
    if shape[-1] != 3:
        return {}
    most = on["hue_fraction"] * math.pi
    return {"hue": draws.uniform("hue", -most, most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["hue"]) / math.pi


MEMBER = Member(
    fields={
        "hue_fraction": (
            float,
            knob(
                0.0,
                "Hue",
                "Turns the colour circle by up to this fraction of half a turn (RandomHue). "
                "Usual: 0.02 to 0.1; leave it off where colour tells the classes apart.",
                ge=0,
                le=1,
                usual=0.05,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=110,
    icon="palette",
    stage=COLOUR,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.025,
    is_dial=True,
)
