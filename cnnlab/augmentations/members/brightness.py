"""Brightness: lighter and darker images."""

from cnnlab.augmentations.colour import COLOUR
from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["brightness_fraction"]
    return {"brightness": draws.uniform("brightness", -most, most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["brightness"])


MEMBER = Member(
    fields={
        "brightness_fraction": (
            float,
            knob(
                0.0,
                "Brightness",
                "Adds up to this fraction of white or takes it away (RandomBrightness). Usual: "
                "0.1 to 0.3.",
                ge=0,
                le=1,
                usual=0.2,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=80,
    icon="brightness_6",
    stage=COLOUR,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.1,
    is_dial=True,
    is_in_front=True,
    sets=(0.1, 0.2, 0.35),
)
