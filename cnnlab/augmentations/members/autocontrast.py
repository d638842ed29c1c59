"""Auto contrast: each channel stretched to the whole range."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.shares import changed_where, draw_chosen
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    return {"autocontrast": draw_chosen("autocontrast", on["autocontrast_fraction"], draws, ops)}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    darkest = ops.min(images, (1, 2), keepdims=True)
    spread = ops.max(images, (1, 2), keepdims=True) - darkest
    stretched = ops.divide_no_nan(255 * (images - darkest), spread)
    stretched = ops.where(spread > 0, stretched, images)
    return changed_where(drawn["autocontrast"], stretched, images, ops)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["autocontrast"]


MEMBER = Member(
    fields={
        "autocontrast_fraction": (
            float,
            knob(
                0.0,
                "Auto contrast",
                "Stretches each colour of this share of the images from 0 to 255 (AutoContrast). "
                "Usual: 0.1 to 0.5.",
                ge=0,
                le=1,
                usual=0.3,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=128,
    icon="auto_fix_high",
    stage=Stage(order=45, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.3,
    is_dial=True,
)
