"""Sharpness: sharper and softer images."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob

_MEAN_IN_SMOOTH = 9 / 13
"""The smoothed image is 9 parts the mean of 3 x 3 pixels and 4 parts the middle one, as PIL's."""


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["sharpness_fraction"]
    return {"sharpness": draws.uniform("sharpness", -most, most)}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    strength = drawn["sharpness"][:, None, None, None]
    return images + strength * _MEAN_IN_SMOOTH * (images - ops.smooth(images))


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["sharpness"])


MEMBER = Member(
    fields={
        "sharpness_fraction": (
            float,
            knob(
                0.0,
                "Sharpness",
                "Makes edges up to this fraction sharper or softer (RandomSharpness). Usual: 0.3 "
                "to 1.",
                ge=0,
                le=1,
                usual=0.5,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=145,
    icon="deblur",
    stage=Stage(order=48, apply=_apply, leaves_range=True, needs_range=False),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.25,
    is_dial=True,
)
