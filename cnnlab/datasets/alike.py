"""Copies: images that show the same picture, exactly or nearly.

Candidates are pairs whose tiny grey copies correlate; each is then compared at 48 px, also with a
thin margin cut off one of the two. Found are: other formats and sizes, recompression, grey and
darker or brighter versions, light blur, margins of up to 4 %. Not found: mirrored and turned ones.
"""

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from cnnlab.datasets.looks import Copies

_TILE = 2048
_CORRELATION = 0.9
_COMPARED_PX = 48
_BLOCKS = 12
# Largest difference of two blocks' means, in standard deviations of the image. Measured on photos:
# copies stay below 0.4, the closest two different ones (plain shirts on one floor) reach 0.45.
_SAME = 0.4
# Likewise at 16 px, where a cut margin shows most; a first sieve that spares decoding.
_SAME_AT_A_GLANCE = 1.6
_MARGINS = (0.02, 0.04)
_PAIRS_AT_ONCE = 512
# A set of endless variants of one picture has more pairs than anybody wants to see or wait for.
_MAX_PAIRS = 200_000

Opener = Callable[[int], Image.Image]


def find_copies(glances: np.ndarray, open_image: Opener) -> Copies:
    """Group the images that show the same picture.

    Args:
        glances: (N, 16, 16) uint8, as `looks` makes them.
        open_image: gives the decoded image of a row.
    """
    component = _components(len(glances), _pairs(glances, open_image))
    sizes = np.bincount(component, minlength=len(glances))
    shared = np.flatnonzero(sizes > 1)
    number = np.full(len(sizes), -1, np.int32)
    number[shared] = np.arange(len(shared), dtype=np.int32)
    group = number[component]
    exact = [
        _have_same_pixels(np.flatnonzero(group == one), open_image) for one in range(len(shared))
    ]
    return Copies(group, np.array(exact, bool))


def _components(count: int, pairs: Iterator[tuple[int, int]]) -> np.ndarray:
    """(N,) for each row the first row that pairs lead to (union-find with path halving)."""
    parent = list(range(count))

    def first(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for one, other in pairs:
        low, high = sorted((first(one), first(other)))
        parent[high] = low
    return np.array([first(row) for row in range(count)], np.int64)


def _have_same_pixels(rows: np.ndarray, open_image: Opener) -> bool:
    return len({_pixels_hash(open_image(int(row))) for row in rows}) == 1


def _pixels_hash(image: Image.Image) -> bytes:
    colours = image.convert("RGB")
    return hashlib.sha256(repr(colours.size).encode() + colours.tobytes()).digest()


def _pairs(glances: np.ndarray, open_image: Opener) -> Iterator[tuple[int, int]]:
    """Pairs of copies; of images that are equal at a glance, each is paired with the first."""
    flat = glances.reshape(len(glances), -1)
    unique, first, inverse = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    others = np.flatnonzero(first[inverse] != np.arange(len(flat)))
    equal = np.column_stack([first[inverse][others], others])
    alike = _candidates(unique.reshape(-1, *glances.shape[1:]))
    candidates = np.concatenate([equal, first[alike]]) if len(alike) else equal
    compared = _Comparison(open_image)
    for start in range(0, len(candidates), _PAIRS_AT_ONCE):
        some = candidates[start : start + _PAIRS_AT_ONCE]
        yield from map(tuple, some[compared.are_copies(some)].tolist())


def _candidates(glances: np.ndarray) -> np.ndarray:
    """(P, 2) pairs that correlate; flat images correlate with nothing."""
    count, side = glances.shape[:2]
    # Averaged over 2 x 2 an image still tells itself from others, at a quarter of the cost.
    halves = glances.reshape(count, side // 2, 2, side // 2, 2).mean(axis=(2, 4), dtype=np.float32)
    coarse = _standard_rows(halves.reshape(count, -1))
    limit = _CORRELATION * coarse.shape[1]
    found, total = [], 0
    for top in range(0, count, _TILE):
        for left in range(top, count, _TILE):
            tile = coarse[top : top + _TILE] @ coarse[left : left + _TILE].T
            rows, columns = np.divmod(np.flatnonzero(tile > limit), tile.shape[1])
            pairs = np.column_stack([rows + top, columns + left])
            pairs = pairs[pairs[:, 0] < pairs[:, 1]][: _MAX_PAIRS - total]
            found += _alike_at_a_glance(pairs, glances)
            total = sum(map(len, found))
            if total >= _MAX_PAIRS:
                return np.concatenate(found)
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def _alike_at_a_glance(pairs: np.ndarray, glances: np.ndarray) -> list[np.ndarray]:
    """Those of the pairs that differ nowhere by much, in parts."""
    flat, alike = glances.reshape(len(glances), -1), []
    for start in range(0, len(pairs), _TILE):
        some = pairs[start : start + _TILE]
        one, other = (_standard_rows(flat[side]) for side in some.T)
        alike.append(some[np.abs(one - other).max(axis=1) < _SAME_AT_A_GLANCE])
    return alike


def _standard_rows(values: np.ndarray) -> np.ndarray:
    """(N, D) float32 with mean 0 and variance 1 in each row that isn't flat."""
    values = values.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return values / np.maximum(values.std(axis=1, keepdims=True), 1.0)


class _Comparison:
    """Compares pairs at 48 px; keeps what it has decoded as long as it is near."""

    def __init__(self, open_image: Opener) -> None:
        self._open = open_image
        self._decoded: dict[int, np.ndarray] = {}

    def are_copies(self, pairs: np.ndarray) -> np.ndarray:
        """(P,) bool for (P, 2) rows."""
        wanted = set(np.unique(pairs).tolist())
        kept = {row: pixels for row, pixels in self._decoded.items() if row in wanted}
        self._decoded = kept | {row: self._pixels(row) for row in wanted - kept.keys()}
        one, other = (np.stack([self._decoded[row] for row in side]) for side in pairs.T.tolist())
        difference = _difference(one, other)
        close = np.flatnonzero(difference >= _SAME)
        for margin in _MARGINS:
            tried = (
                _difference(_without_margin(one[close], margin), other[close]),
                _difference(one[close], _without_margin(other[close], margin)),
            )
            difference[close] = np.minimum(difference[close], np.minimum(*tried))
        return difference < _SAME

    def _pixels(self, row: int) -> np.ndarray:
        gray = self._open(row).convert("L")
        side = (_COMPARED_PX, _COMPARED_PX)
        small = gray.resize(side, Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(small, np.float32)


def _difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(P,) largest difference of block means of (P, S, S) images, each brought to variance 1."""
    side = _COMPARED_PX // _BLOCKS
    differences = (_standardized(one) - _standardized(other)).reshape(
        -1, _BLOCKS, side, _BLOCKS, side
    )
    return np.abs(differences.mean(axis=(2, 4))).max(axis=(1, 2), initial=0.0)


def _standardized(images: np.ndarray) -> np.ndarray:
    centred = images - images.mean(axis=(1, 2), keepdims=True)
    return centred / np.maximum(images.std(axis=(1, 2), keepdims=True), 1.0)


def _without_margin(images: np.ndarray, fraction: float) -> np.ndarray:
    """Cut `fraction` of the side off on every side and enlarge to what it was (bilinear)."""
    side = images.shape[1]
    position = (np.arange(side) + 0.5) * (1 - 2 * fraction) + fraction * side - 0.5
    low = np.floor(position).astype(int)
    share = (position - low).astype(np.float32)
    high = np.minimum(low + 1, side - 1)
    images = images[:, low] * (1 - share)[:, None] + images[:, high] * share[:, None]
    return images[:, :, low] * (1 - share) + images[:, :, high] * share
