"""The maps of a method, by its name, of as many pictures as are wanted."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cnnlab.domain.explaining.methods import HIRESCAM, INTEGRATED
from cnnlab.training.explaining.explainer import Explainer
from cnnlab.training.explaining.integrated import integrated_gradients
from cnnlab.training.explaining.occlusion import occlusion
from cnnlab.training.judging.evaluate import images_per_pass

MOST_CELLS = 64
"""A side of a map; finer ones are made coarser, so that they are small to keep and to send."""


class Maps(NamedTuple):
    """What a method says of pictures.

    Attributes:
        values: (N, h, w) float32; above 0 what speaks for the class, below what speaks against it.
        misses: (N,) float, see `integrated_gradients`; None for other methods.
    """

    values: np.ndarray
    misses: np.ndarray | None


def explain(
    explainer: Explainer,
    method: str,
    images: np.ndarray,
    labels: np.ndarray,
    after_pass: Callable[[], object] = lambda: None,
) -> Maps:
    """Where a model looks in pictures.

    Args:
        explainer: of the model.
        method: a key of `METHODS`.
        images: (N, H, W, C) uint8, N at least 1.
        labels: (N,) int, the class of each map.
        after_pass: called after each pass through the network.

    Raises:
        RunStateError: the method can't work for this network.
    """
    if method == HIRESCAM:
        return Maps(_hirescam(explainer, images, labels, after_pass), None)
    if method == INTEGRATED:
        values, misses = integrated_gradients(explainer, images, labels, after_pass)
        return Maps(_coarser(values), misses)
    return Maps(_coarser(occlusion(explainer, images, labels, after_pass)), None)


def _hirescam(
    explainer: Explainer, images: np.ndarray, labels: np.ndarray, after_pass: Callable[[], object]
) -> np.ndarray:
    at_once, parts = images_per_pass(images.shape[1:]), []
    for start in range(0, len(images), at_once):
        some = np.s_[start : start + at_once]
        parts.append(explainer.hirescam(images[some], labels[some]))
        after_pass()
    return np.concatenate(parts)


def _coarser(maps: np.ndarray) -> np.ndarray:
    """Maps of at most 64 cells a side: the mean of what each covers."""
    for axis in (1, 2):
        side = maps.shape[axis]
        if side > MOST_CELLS:
            starts = np.arange(MOST_CELLS) * side // MOST_CELLS
            sums = np.add.reduceat(maps, starts, axis=axis)
            counts = np.diff([*starts, side]).astype(np.float32)
            maps = sums / (counts[:, None] if axis == 1 else counts)
    return maps
