"""Zoom: enlarged and shrunk images."""

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import WARP
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["zoom_fraction"]
    return {"zoom": draws.uniform("zoom", 1.0 - most, 1.0 + most)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["zoom"] - 1)


MEMBER = Member(
    fields={
        "zoom_fraction": (
            float,
            knob(
                0.0,
                "Zoom",
                "Enlarges or shrinks by up to this fraction (RandomZoom). Usual: 0.05 to 0.3.",
                ge=0,
                le=0.9,
                usual=0.12,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=30,
    icon="zoom_in",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.06,
    is_dial=True,
    is_in_front=True,
    sets=(0.08, 0.12, 0.25),
    in_ready_arm=0.15,
)
