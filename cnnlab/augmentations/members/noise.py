"""Noise: grain on every pixel."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, ops: ArrayOps) -> Parameters:
    return {"noise": ops.cast(on["noise_stddev"], "float32") * draws.normal("noise", shape)}


def _apply(images: Array, drawn: Parameters, _: ArrayOps) -> Array:
    return images + drawn["noise"]


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["noise"][:, 0, 0, 0])


MEMBER = Member(
    fields={
        "noise_stddev": (
            float,
            knob(
                0.0,
                "Noise",
                "Adds Gaussian noise with this standard deviation, on the 0 to 255 scale. Usual: "
                "4 to 20.",
                ge=0,
                le=128,
                usual=10,
                increment=1,
            ),
        )
    },
    place=135,
    icon="grain",
    stage=Stage(order=60, apply=_apply, leaves_range=True, needs_range=False),
    draw=_draw,
    drawn_strength=_strength,
    mean=7.98,  # the standard deviation times sqrt(2 / pi)
    is_dial=True,
)
