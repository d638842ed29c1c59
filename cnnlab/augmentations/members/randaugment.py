"""RandAugment: operations drawn at random for each image (arXiv:1909.13719)."""

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.operations import OPERATIONS, apply_operations
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    shape = (on["randaugment_operations"],)
    signs = ops.sign(draws.symmetric("randaugment_signs", shape))
    return {
        "choices": draws.integers("randaugment_choices", shape, OPERATIONS),
        "strengths": on["randaugment_magnitude"] * signs,
    }


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return apply_operations(images, drawn["choices"], drawn["strengths"], ops)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return abs(drawn["strengths"]).sum(axis=1)


MEMBER = Member(
    fields={
        "randaugment_operations": (
            int,
            knob(
                0,
                "RandAugment",
                "Applies this many operations drawn at random from a fixed list (RandAugment, "
                "arXiv:1909.13719). Usual: 1 to 3.",
                ge=0,
                le=8,
                usual=2,
                increment=1,
            ),
        ),
        "randaugment_magnitude": (
            float,
            knob(
                0.5,
                "RandAugment strength",
                "How strong each RandAugment operation is, 0 to 1. Usual: 0.3 to 0.7.",
                ge=0,
                le=1,
                usual=0.5,
                increment=0.05,
            ),
        ),
    },
    place=180,
    icon="casino",
    stage=Stage(order=80, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=1.0,  # two operations of strength 0.5
    is_dial=False,
)
