"""Integrated gradients: each value's share of how the logit rose from grey to the picture."""

from collections.abc import Callable

import numpy as np

from cnnlab.training.explaining.explainer import GREY, Explainer
from cnnlab.training.judging.evaluate import images_per_pass

STEPS = 32
"""Of the path from grey to the picture."""

_LEAST_TOLD = 1e-6


def integrated_gradients(
    explainer: Explainer, images: np.ndarray, labels: np.ndarray, after_pass: Callable[[], object]
) -> tuple[np.ndarray, np.ndarray]:
    """Maps, and how far each adds up to what it should.

    Sundararajan, Taly and Yan 2017, arXiv:1703.01365, equation 3, by the midpoints of 32 equal
    steps.

    Args:
        explainer: of the model.
        images: (N, H, W, C) uint8.
        labels: (N,) int, the class of each map.
        after_pass: called after each pass through the network.

    Returns:
        (N, H, W) float32 and (N,) float: by how much the sum of a map misses the rise of the logit,
        which is 0 for infinitely many steps ('completeness'). It is a share of all that the map
        says, without signs, or of the rise where that is more: of a rise of nearly nothing, what
        speaks for and against would be any share.
    """
    shares = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS
    at_once = images_per_pass(images.shape[1:])
    maps, misses = [], []
    for image, label in zip(images.astype(np.float32), labels, strict=True):
        total = np.zeros_like(image)
        for start in range(0, STEPS, at_once):
            some = shares[start : start + at_once, None, None, None]
            path = GREY + some * (image - GREY)
            total += explainer.slopes(path, np.full(len(path), label))[0].sum(axis=0)
            after_pass()
        found = ((image - GREY) * total / STEPS).sum(axis=-1)
        grey, there = explainer.logits(np.stack([np.full_like(image, GREY), image]))[:, label]
        maps.append(found)
        rise = there - grey
        told = max(abs(rise), float(np.abs(found).sum()), _LEAST_TOLD)
        misses.append(abs(float(found.sum()) - rise) / told)
    return np.stack(maps), np.array(misses, np.float64)
