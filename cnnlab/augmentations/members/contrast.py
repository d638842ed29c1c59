"""Contrast: harder and softer images."""

from cnnlab.augmentations.colour import COLOUR
from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["contrast_fraction"]
    return {"contrast": draws.uniform("contrast", 1.0 - most, 1.0 + most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["contrast"] - 1)


MEMBER = Member(
    fields={
        "contrast_fraction": (
            float,
            knob(
                0.0,
                "Contrast",
                "Raises or lowers the contrast by up to this fraction (RandomContrast). Usual: "
                "0.1 to 0.4.",
                ge=0,
                le=1,
                usual=0.2,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=90,
    icon="contrast",
    stage=COLOUR,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.1,
    is_dial=True,
    is_in_front=True,
    sets=(0.1, 0.2, 0.35),
)
