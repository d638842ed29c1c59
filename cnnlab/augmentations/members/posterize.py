"""Posterize: fewer levels of each colour."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    """How many bits each image loses: 0 to the strength, each as often."""
    most = ops.cast(on["posterize_bits"], "float32")
    return {"lost_bits": ops.floor(draws.uniform("posterize", 0, 1) * (most + 1))}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    lost = drawn["lost_bits"][:, None, None, None]
    step = ops.pow(2.0, lost)
    return ops.where(lost > 0, ops.floor(images / step) * step, images)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return drawn["lost_bits"]


MEMBER = Member(
    fields={
        "posterize_bits": (
            int,
            knob(
                0,
                "Posterize",
                "Takes up to this many of the eight bits of each colour, so that fewer levels "
                "remain (RandomPosterization). Usual: 2 to 5.",
                ge=0,
                le=7,
                unit="bits",
                usual=4,
                increment=1,
            ),
        )
    },
    place=127,
    icon="stacks",
    stage=Stage(order=44, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=2.0,
    is_dial=False,
)
