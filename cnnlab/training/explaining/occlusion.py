"""Occlusion: by how much the logit falls when a part of the picture is covered with grey.

Zeiler and Fergus 2013, arXiv:1311.2901, section 4.2. It needs no gradient and no layer, so it
checks the other maps.
"""

from collections.abc import Callable
from itertools import product

import numpy as np

from cnnlab.training.explaining.explainer import GREY, Explainer
from cnnlab.training.judging.evaluate import images_per_pass

_PATCHES_A_SIDE = 6


def patch_px(side_px: int) -> tuple[int, int]:
    """The side of the square that covers, and how far it moves on: half of it.

    Args:
        side_px: of the picture.
    """
    patch = max(2, round(side_px / _PATCHES_A_SIDE))
    return min(patch, side_px), max(1, patch // 2)


def occlusion(
    explainer: Explainer, images: np.ndarray, labels: np.ndarray, after_pass: Callable[[], object]
) -> np.ndarray:
    """(N, H, W) float32: of the squares that cover a pixel, the mean fall of the class's logit.

    Args:
        explainer: of the model.
        images: (N, H, W, C) uint8.
        labels: (N,) int, the class of each map.
        after_pass: called after each pass through the network.
    """
    height, width = images.shape[1:3]
    patch, stride = patch_px(min(height, width))
    corners = list(product(_starts(height, patch, stride), _starts(width, patch, stride)))
    windows = [np.s_[top : top + patch, left : left + patch] for top, left in corners]
    times = np.zeros((height, width), np.float32)
    for window in windows:
        times[window] += 1
    at_once = images_per_pass(images.shape[1:])
    maps = np.zeros(images.shape[:3], np.float32)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        whole = explainer.logits(image[np.newaxis])[0, label]
        for start in range(0, len(windows), at_once):
            some = windows[start : start + at_once]
            covered = np.repeat(image[np.newaxis].astype(np.float32), len(some), axis=0)
            for one, window in zip(covered, some, strict=True):
                one[window] = GREY
            falls = whole - explainer.logits(covered)[:, label]
            for window, fall in zip(some, falls, strict=True):
                maps[number][window] += fall
            after_pass()
    return maps / times


def _starts(side: int, patch: int, stride: int) -> list[int]:
    """Where the square begins, so that the last one ends with the picture."""
    return [*range(0, side - patch, stride), side - patch]
