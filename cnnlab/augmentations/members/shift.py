"""Shift: moved images."""

from cnnlab.augmentations.member import Member
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.warp import WARP
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, __: ArrayOps) -> Parameters:
    most = on["shift_fraction"]
    return {name: draws.uniform(name, -most, most) for name in ("shift_x", "shift_y")}


def _strength(drawn: Parameters, _: Shape) -> Array:
    return (abs(drawn["shift_x"]) + abs(drawn["shift_y"])) / 2


MEMBER = Member(
    fields={
        "shift_fraction": (
            float,
            knob(
                0.0,
                "Shift",
                "Moves by up to this fraction of the image's side, in both directions "
                "(RandomTranslation). Usual: 0.05 to 0.2.",
                ge=0,
                le=0.9,
                usual=0.1,
                increment=0.01,
                share=True,
            ),
        )
    },
    place=40,
    icon="open_with",
    stage=WARP,
    draw=_draw,
    drawn_strength=_strength,
    mean=0.05,
    is_dial=True,
    is_in_front=True,
    sets=(0.06, 0.1, 0.2),
    in_ready_arm=0.1,
)
