"""Which training images a net finds most alike to a picture: by the angle between features."""

import numpy as np

NEIGHBOURS = 5
_AT_ONCE = 512


def nearest_by_angle(
    asked: np.ndarray, known: np.ndarray, count: int = NEIGHBOURS
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest known features of each asked one by cosine distance.

    Args:
        asked: (N, F) float32.
        known: (M, F) float32.
        count: how many; fewer where there are fewer known ones.

    Returns:
        (N, K) int, places among the known ones, the nearest first, equally near ones in their
        order; and their distances, 0 for the same direction to 2 for the opposite one. Features
        that are all 0 have a distance of 1 to all.
    """
    count = min(count, len(known))
    directions = _directions(known)
    places = np.empty((len(asked), count), np.int64)
    distances = np.empty((len(asked), count), np.float32)
    for start in range(0, len(asked), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        apart = 1 - _directions(asked[part]) @ directions.T
        order = np.argsort(apart, axis=1, kind="stable")[:, :count]
        places[part] = order
        distances[part] = np.clip(np.take_along_axis(apart, order, axis=1), 0, 2)
    return places, distances


def _directions(features: np.ndarray) -> np.ndarray:
    sizes = np.linalg.norm(features, axis=1, keepdims=True)
    scaled: np.ndarray = features / np.where(sizes > 0, sizes, 1)
    return scaled
