"""Augmentations that change a share of the images, and leave the others."""

from cnnlab.augmentations.ops import Array, ArrayOps, Draws


def draw_chosen(name: str, share: Array, draws: Draws, ops: ArrayOps) -> Array:
    """(B,) float32: 1 for the share (0..1) of the images that is changed, else 0."""
    return ops.cast(draws.uniform(name, 0, 1) < ops.cast(share, "float32"), "float32")


def changed_where(chosen: Array, changed: Array, images: Array, ops: ArrayOps) -> Array:
    """Changed images where they are chosen (B,), else the images as they are."""
    return ops.where(chosen[:, None, None, None] > 0, changed, images)
