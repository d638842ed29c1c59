"""One batch through all augmentations that are on, the same in training and in the preview."""

import itertools

from cnnlab.augmentations.member import Member, Stage
from cnnlab.augmentations.ops import Array, ArrayOps, Draws, Parameters, Shape, Strengths
from cnnlab.augmentations.table import BY_STAGE


def augment(
    images: Array, labels: Array, on: Strengths, draws: Draws, ops: ArrayOps
) -> tuple[Array, Array]:
    """Augment one batch, each image with its own draws.

    Args:
        images: (B, H, W, C) float32 in 0..255; height, width and channels static.
        labels: (B, classes) float32, rows sum to 1.
        on: strengths; what isn't named has no part in the graph.
        draws: of the batch.
        ops: TensorFlow's or numpy's.

    Returns:
        Images (B, H, W, C) float32 in 0..255, and labels (B, classes) float32.
    """
    height, width, channels = images.shape[1:]
    is_in_range = True
    for stage, members in stages_of(on):
        drawn = draw_all(members, on, draws, (height, width, channels), ops)
        if not drawn:
            continue
        if stage.needs_range and not is_in_range:
            images, is_in_range = ops.clip(images, 0.0, 255.0), True
        images = stage.apply(images, drawn, ops)
        is_in_range = is_in_range and not stage.leaves_range
        for member in members:
            labels = member.mix_labels(labels, drawn, ops) if member.mix_labels else labels
    return images if is_in_range else ops.clip(images, 0.0, 255.0), labels


def stages_of(on: Strengths) -> list[tuple[Stage, list[Member]]]:
    """The stages with augmentations that are on, and these, in order."""
    members = [member for member in BY_STAGE if member.name in on]
    groups = itertools.groupby(members, key=lambda member: member.stage)
    return [(stage, list(group)) for stage, group in groups]


def draw_all(
    members: list[Member], on: Strengths, draws: Draws, shape: Shape, ops: ArrayOps
) -> Parameters:
    """What the augmentations of one stage draw."""
    drawn: Parameters = {}
    for member in members:
        drawn |= member.draw(on, draws, shape, ops)
    return drawn
