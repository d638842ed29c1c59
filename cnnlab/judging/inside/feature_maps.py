"""Feature maps as pictures: the most active units of each layer, in shades of one scale."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from cnnlab.domain.records.inside import ShownLayer

SHOWN_UNITS = 16
MOST_PX = 128
"""A larger map is made smaller: each place is then the mean of some."""


class ShadedMaps(NamedTuple):
    """A layer's maps.

    Attributes:
        layer: what is told of them.
        shades: (units, h, w) uint8, the lowest value of these units is 0, the highest 255.
    """

    layer: ShownLayer
    shades: np.ndarray


def shaded_maps(maps: Mapping[str, np.ndarray]) -> list[ShadedMaps]:
    """The most active units of each layer: those whose values are farthest from 0 on average.

    Args:
        maps: (h, w, units) float32 by the layer's name.
    """
    return [_shaded(name, values) for name, values in maps.items()]


def _shaded(name: str, values: np.ndarray) -> ShadedMaps:
    height, width, units = values.shape
    strengths = np.abs(values).mean(axis=(0, 1))
    chosen = np.argsort(-strengths, kind="stable")[:SHOWN_UNITS]
    shown = _smaller(values[:, :, chosen].transpose(2, 0, 1))
    low, high = float(shown.min()), float(shown.max())
    shades = 255 * (shown - low) / max(high - low, 1e-12)
    layer: ShownLayer = {
        "name": name,
        "height": height,
        "width": width,
        "units": units,
        "silent": int(np.count_nonzero(strengths == 0)),
        "low": low,
        "high": high,
        "shown": chosen.tolist(),
    }
    return ShadedMaps(layer, shades.round().astype(np.uint8))


def _smaller(maps: np.ndarray) -> np.ndarray:
    """(units, h, w), each side a whole number of times smaller until it fits."""
    times = -(-max(maps.shape[1:]) // MOST_PX)
    if times == 1:
        return maps
    rows, columns = (side - side % times for side in maps.shape[1:])
    cut = maps[:, :rows, :columns]
    blocks = cut.reshape(len(maps), rows // times, times, columns // times, times)
    means: np.ndarray = blocks.mean(axis=(2, 4))
    return means
