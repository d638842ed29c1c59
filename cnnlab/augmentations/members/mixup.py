"""MixUp: blends of two images of a batch, labels blended alike (Zhang et al., arXiv:1710.09412)."""

from cnnlab.augmentations import pairs
from cnnlab.augmentations.member import Member, OwnArm, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.fields import knob


def _draw(on: Strengths, draws: Draws, _: Shape, ops: ArrayOps) -> Parameters:
    shares = pairs.draw_shares(on["mixup_alpha"], draws, ops)
    return {"shares": shares, "partners": pairs.draw_partners(draws)}


def _apply(images: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    kept = drawn["shares"][:, None, None, None]
    return kept * images + (1 - kept) * ops.gather(images, drawn["partners"])


def _mix_labels(labels: Array, drawn: Parameters, ops: ArrayOps) -> Array:
    return pairs.mix_labels(labels, drawn["shares"], drawn["partners"], ops)


def _strength(drawn: Parameters, _: Shape) -> Array:
    return 1 - drawn["shares"]


MEMBER = Member(
    fields={
        "mixup_alpha": (
            float,
            knob(
                0.0,
                "MixUp",
                "Blends pairs of images and their labels; the share follows Beta(alpha, alpha) "
                "(MixUp, arXiv:1710.09412). Usual: 0.1 to 0.4.",
                ge=0,
                le=10,
                usual=0.2,
                increment=0.05,
            ),
        )
    },
    place=160,
    icon="layers",
    stage=Stage(order=100, apply=_apply),
    draw=_draw,
    drawn_strength=_strength,
    mean=0.5,
    is_dial=True,
    own_arm=OwnArm(
        name="mixup", help="Pairs of images and of their labels are blended.", strength=0.2
    ),
    doses=(0.0, 0.1, 0.2, 0.4, 1.0),
    mix_labels=_mix_labels,
)
