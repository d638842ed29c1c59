"""What MixUp and CutMix share: pairs of images of a batch, and how much each image keeps."""

from cnnlab.augmentations.ops import Array, ArrayOps, Draws

_VANISHED = 1e-37
"""TensorFlow draws no gamma variate below 1.2e-38, the least normal float32."""


def draw_shares(alpha: Array, draws: Draws, ops: ArrayOps) -> Array:
    """(B,) float32 of Beta(alpha, alpha): how much each image keeps of itself.

    A beta variate is g1 / (g1 + g2) of two gamma variates; where a small alpha, or 0, makes both
    vanish, the image is kept whole.
    """
    first, second = (draws.gamma(f"{turn}_share", (), alpha) for turn in ("first", "second"))
    total = first + second
    return ops.where(total > _VANISHED, first / total, 1.0)


def draw_partners(draws: Draws) -> Array:
    """(B,) int32: the position of the other image of each pair."""
    return draws.permutation("partners")


def mix_labels(labels: Array, kept: Array, partners: Array, ops: ArrayOps) -> Array:
    """(B, classes) float32: the labels of pairs of which the first is kept to these shares (B,)."""
    shares = kept[:, None]
    return shares * labels + (1 - shares) * ops.gather(labels, partners)
