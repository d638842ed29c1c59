"""Shear: slanted images."""

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import RADIANS_PER_DEGREE, WARP
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["shear_degrees"] * RADIANS_PER_DEGREE
    return {"shear": draws.uniform("shear", -most, most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["shear"]) / RADIANS_PER_DEGREE


MEMBER = Member(
    fields={
        "shear_degrees": (
            float,
            knob(
                0.0,
                "Shear",
                "Slants by up to this angle (RandomShear). Usual: 5 to 20.",
                ge=0,
                le=60,
                unit="°",
                usual=10,
                increment=1,
            ),
        )
    },
    place=50,
    icon="format_italic",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=5.0,
    is_dial=True,
)
