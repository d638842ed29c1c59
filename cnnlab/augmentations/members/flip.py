"""Flip: mirrored images."""

from typing import Literal

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import WARP
from cnnlab.fields import knob

Flip = Literal["none", "horizontal", "vertical", "both"]


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    axes = (("flip_x", ("horizontal", "both")), ("flip_y", ("vertical", "both")))
    return {
        name: ops.where(draws.uniform(name, 0, 1) < 0.5, -1.0, 1.0)
        for name, directions in axes
        if on["flip"] in directions
    }


def _strength(drawn: Parameters, _: Shape) -> Array:
    return (1 - drawn["flip_x"]) / 2


MEMBER = Member(
    fields={
        "flip": (
            Flip,
            knob(
                "none",
                "Flip",
                "Mirrors half of the images (RandomFlip). 'horizontal' suits most photos; leave "
                "it off where left and right differ, as in letters, digits and hand signs.",
            ),
        )
    },
    place=10,
    icon="flip",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.5,
    is_dial=False,
    is_in_front=True,
)
