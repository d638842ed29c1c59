"""Rotation: turned images."""

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import RADIANS_PER_DEGREE, WARP
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["rotation_degrees"] * RADIANS_PER_DEGREE
    return {"rotation": draws.uniform("rotation", -most, most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["rotation"]) / RADIANS_PER_DEGREE


MEMBER = Member(
    fields={
        "rotation_degrees": (
            float,
            knob(
                0.0,
                "Rotation",
                "Turns each image by up to this angle either way (RandomRotation). Usual: 5 to 30.",
                ge=0,
                le=180,
                unit="°",
                usual=15,
                increment=1,
            ),
        )
    },
    place=20,
    icon="rotate_right",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=7.5,
    is_dial=True,
    is_in_front=True,
    sets=(8.0, 15.0, 30.0),
    in_ready_arm=15.0,
    doses=(0.0, 8.0, 15.0, 30.0, 90.0),
)
