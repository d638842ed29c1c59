"""Invert: negatives of a share of the images."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.shares import changed_where, draw_chosen
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    return {"invert": draw_chosen("invert", on["invert_fraction"], draws, ops)}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return changed_where(drawn["invert"], 255 - images, images, ops)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["invert"]


MEMBER = Member(
    fields={
        "invert_fraction": (
            float,
            knob(
                0.0,
                "Invert",
                "Turns this share of the images into their negatives (RandomInvert). Usual: 0.05 "
                "to 0.2; leave it off where dark and bright tell the classes apart.",
                ge=0,
                le=1,
                usual=0.1,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=125,
    icon="invert_colors",
    stage=Stage(order=42, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.1,
    is_dial=True,
)
