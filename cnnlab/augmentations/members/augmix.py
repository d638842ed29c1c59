"""AugMix: several chains of mild operations blended into one image (arXiv:1912.02781)."""

import numpy as np

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.operations import IDENTITY, MILD_OPERATIONS, apply_operations
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob

_CHAINS = 3
_DEPTH = 3
_MAGNITUDE = 0.3


def _draw(_: Strengths, draws: Draws, __: Shape, ops: ArrayOps) -> Parameters:
    """One to three operations a chain.

    The chains' weights follow Dirichlet(1), the image's own share Beta(1, 1), as in the paper:
    `balance` takes it from -1 to 1.
    """
    shape = (_CHAINS, _DEPTH)
    choices = draws.integers("augmix_choices", shape, MILD_OPERATIONS)
    strengths = _MAGNITUDE * draws.symmetric("augmix_strengths", shape)
    depths = 1 + draws.integers("augmix_depths", (_CHAINS, 1), _DEPTH)
    is_used = np.arange(_DEPTH, dtype=np.int32) < depths
    weights = draws.gamma("augmix_weights", (_CHAINS,), 1.0)
    return {
        "choices": ops.cast(ops.where(is_used, choices, IDENTITY), "int32"),
        "strengths": strengths,
        "weights": weights / ops.sum(weights, axis=1, keepdims=True),
        "balance": draws.symmetric("augmix_share", ()),
    }


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    choices, strengths, weights = drawn["choices"], drawn["strengths"], drawn["weights"]
    mixed = ops.zeros_like(images)
    for chain in range(_CHAINS):
        changed = apply_operations(images, choices[:, chain], strengths[:, chain], ops)
        mixed = mixed + weights[:, chain, None, None, None] * changed
    # Written so, TensorFlow's optimizer leaves the bits as they ever were.
    share = 0.5 * (drawn["balance"] + 1)[:, None, None, None]
    return share * images + (1 - share) * mixed


def _strength(drawn: Parameters, _: Shape) -> Array:
    return 1 - 0.5 * (drawn["balance"] + 1)


MEMBER = Member(
    fields={
        "augmix": (
            bool,
            knob(
                False,
                "AugMix",
                "Blends several chains of mild operations into one image (AugMix, "
                "arXiv:1912.02781).",
            ),
        )
    },
    place=190,
    icon="auto_awesome_motion",
    stage=Stage(order=90, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.5,
    is_dial=False,
)
