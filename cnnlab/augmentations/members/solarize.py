"""Solarize: the brightest parts turned into their negatives."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    return {"solarized": draws.uniform("solarize", 0.0, on["solarize_fraction"])}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    threshold = 255 * (1 - drawn["solarized"][:, None, None, None])
    return ops.where(images > threshold, 255 - images, images)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["solarized"]


MEMBER = Member(
    fields={
        "solarize_fraction": (
            float,
            knob(
                0.0,
                "Solarize",
                "Turns what lies in up to this fraction of the range below white into its "
                "negative (Solarization). Usual: 0.1 to 0.5.",
                ge=0,
                le=1,
                usual=0.3,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=126,
    icon="exposure",
    stage=Stage(order=43, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.15,
    is_dial=True,
)
