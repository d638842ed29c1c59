"""CutMix: a patch of another image, labels blended by its area (Yun et al., arXiv:1905.04899)."""

import numpy as np

from cnnlab.augmentations import pairs
from cnnlab.augmentations.member import Member, OwnArm, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.rectangle import inside
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, shape: Shape, ops: ArrayOps) -> Parameters:
    """Each image's patch: of area 1 - share around a random centre, cut at the edges."""
    shares = pairs.draw_shares(on["cutmix_alpha"], draws, ops)
    side = ops.sqrt(1 - shares)
    drawn = {"partners": pairs.draw_partners(draws)}
    for near, length, centre, size in (
        ("top", "height", "patch_y", shape[0]),
        ("left", "width", "patch_x", shape[1]),
    ):
        middle, end = ops.floor(draws.uniform(centre, 0.0, size)), np.float32(size)
        half = ops.floor(side * size) / 2
        start = ops.clip(ops.round(middle - half), np.float32(0), end)
        drawn[near] = start
        drawn[length] = ops.clip(ops.round(middle + half), np.float32(0), end) - start
    drawn["kept"] = 1 - drawn["height"] * drawn["width"] / (shape[0] * shape[1])
    return drawn


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    others = ops.gather(images, drawn["partners"])
    return ops.where(inside(drawn, *images.shape[1:3]), others, images)


def _mix_labels(labels: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return pairs.mix_labels(labels, drawn["kept"], drawn["partners"], ops)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return 1 - drawn["kept"]


MEMBER = Member(
    fields={
        "cutmix_alpha": (
            float,
            knob(
                0.0,
                "CutMix",
                "Pastes a patch of another image and mixes the labels by its area; the share "
                "follows Beta(alpha, alpha) (CutMix, arXiv:1905.04899). Usual: 0.2 to 1.",
                ge=0,
                le=10,
                usual=1,
                increment=0.05,
            ),
        )
    },
    place=170,
    icon="picture_in_picture",
    stage=Stage(order=110, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.32,  # of Beta(1, 1) half, less what is cut at the edges
    is_dial=True,
    own_arm=OwnArm(
        name="cutmix",
        help="A patch of each image is taken from another one, labels in proportion.",
        strength=1.0,
    ),
    mix_labels=_mix_labels,
)
