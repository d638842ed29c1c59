"""Colour degeneration: paler colours."""

from cnnlab.augmentations.colour import COLOUR, towards_grey
from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, _: ArrayOps) -> Parameters:
    if shape[-1] != 3:
        return {}
    lost = draws.uniform("color_degeneration", 0.0, on["color_degeneration_fraction"])
    return {"color_degeneration_matrix": towards_grey(lost)}


def _strength(drawn: Parameters, _: Shape) -> Array:
    """What a channel takes from another one is the lost share of that one's weight in grey."""
    matrix = drawn["color_degeneration_matrix"]
    return matrix[:, 1, 0] + matrix[:, 0, 1] + matrix[:, 0, 2]


MEMBER = Member(
    fields={
        "color_degeneration_fraction": (
            float,
            knob(
                0.0,
                "Colour degeneration",
                "Takes up to this fraction of the colour from each image "
                "(RandomColorDegeneration). Usual: 0.2 to 0.7; no effect on grayscale images.",
                ge=0,
                le=1,
                usual=0.5,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=105,
    icon="format_color_reset",
    stage=COLOUR,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.25,
    is_dial=True,
)
