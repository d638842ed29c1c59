"""Copies: images that show the same picture, exactly or nearly.

Candidates are pairs whose tiny grey copies are alike; each is then compared at 48 px, also with a
thin margin cut off one of the two. Found are: other formats and sizes, recompression, grey and
darker or brighter versions, light blur, margins of up to 4 %. Not found: mirrored and turned ones.
"""

import functools
import hashlib
import itertools
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from cnnlab.datasets.importing.candidates import count_tiles, find_candidates, find_partners
from cnnlab.datasets.importing.processes import (
    ProcessPool,
    ProgressCounter,
    StagedProgress,
    no_progress,
    no_stages,
)
from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.appearance import Copies
from cnnlab.datasets.pictures.decode import without_decoder_warnings

_COMPARED_PX = 48
_BLOCKS = 12
# Largest difference of two blocks' means, in standard deviations of the image. Measured on photos:
# copies stay below 0.4, the closest two different ones (plain shirts on one floor) reach 0.45.
_SAME = 0.4
_MARGINS = (0.02, 0.04)
_PAIRS_AT_ONCE = 512
# Hashed at once: more would need several copies of a large image.
_BAND_PIXELS = 2**20
# Below it, all pairs are looked at sooner than other processes are told to.
_FEW = 3000

Opener = Callable[[int], Image.Image]


def find_copies(
    index: ImageIndex, pool: ProcessPool, on_progress: StagedProgress = no_stages
) -> Copies:
    """Group the images that show the same picture.

    Args:
        index: of images whose looks are known.
        pool: processes that know `find_candidates`.
        on_progress: called with `glancing` (at all images), `comparing` (pairs of candidates) or
            `confirming` (groups of copies), what is done of it and what there is in all.

    Raises:
        StorageError: a process was killed.
    """
    with without_decoder_warnings():
        return _grouped(_candidates(index, pool, on_progress), index, on_progress)


def find_copies_of_new(index: ImageIndex, known: Copies, is_new: np.ndarray) -> Copies:
    """Group the images that show the same picture, where most of them were compared before.

    A new one is compared with all; what is known of the others is believed.

    Args:
        index: of images whose looks are known.
        known: the groups of the others; the new ones are in none.
        is_new: (N,) bool.

    Raises:
        StorageError: a pack is damaged.
    """
    first, equal = _equal_at_a_glance(index)
    new = first[is_new[first]]
    looks = np.load(index.looks_path, mmap_mode="r")
    near = find_partners(looks["glance"], np.sort(first), np.sort(new))
    candidates = np.concatenate([equal[is_new[equal].any(axis=1)], near])
    counter = ProgressCounter(len(candidates), no_progress)
    with without_decoder_warnings():
        pairs = itertools.chain(_of_groups(known), _pairs(candidates, index.open, counter))
        group, count = _numbered(_components(len(index), pairs))
        is_exact = np.zeros(count, bool)
        for one in range(count):
            rows = np.flatnonzero(group == one)
            is_exact[one] = (
                _have_same_pixels(rows, index.open)
                if is_new[rows].any()
                else known.is_exact[known.group[rows[0]]]
            )
    return Copies(group, is_exact)


def _of_groups(copies: Copies) -> Iterator[tuple[int, int]]:
    """Pairs that lead from the first image of each group to its others."""
    first: dict[int, int] = {}
    for row in np.flatnonzero(copies.group >= 0).tolist():
        leader = first.setdefault(int(copies.group[row]), row)
        if leader != row:
            yield leader, row


def _numbered(component: np.ndarray) -> tuple[np.ndarray, int]:
    """(N,) int32, the number of each image's group, -1 of one that is alone; how many there are."""
    shared = np.flatnonzero(np.bincount(component, minlength=len(component)) > 1)
    number = np.full(len(component), -1, np.int32)
    number[shared] = np.arange(len(shared), dtype=np.int32)
    return number[component], len(shared)


def _grouped(candidates: np.ndarray, index: ImageIndex, on_progress: StagedProgress) -> Copies:
    counter = ProgressCounter(len(candidates), functools.partial(on_progress, "comparing"))
    group, count = _numbered(_components(len(index), _pairs(candidates, index.open, counter)))
    counter = ProgressCounter(count, functools.partial(on_progress, "confirming"))
    exact = []
    for one in range(count):
        exact.append(_have_same_pixels(np.flatnonzero(group == one), index.open))
        counter.add(1)
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
    digest = hashlib.sha256(repr(image.size).encode())
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        digest.update(band.convert("RGB").tobytes())
    return digest.digest()


def _candidates(index: ImageIndex, pool: ProcessPool, on_progress: StagedProgress) -> np.ndarray:
    """(P, 2) rows of images that may be copies."""
    first, equal = _equal_at_a_glance(index)
    shares = pool.size if len(first) > _FEW else 1
    common = {"looks": str(index.looks_path), "rows": sorted(first.tolist()), "shares": shares}
    tasks = [common | {"share": share} for share in range(shares)]
    counter = ProgressCounter(count_tiles(len(first)), functools.partial(on_progress, "glancing"))
    found = []
    for part in pool.run(find_candidates, tasks):
        found += part["pairs"]
        counter.add(part["tiles"])
    return np.concatenate([equal, np.array(sorted(found), np.int64).reshape(-1, 2)])


def _equal_at_a_glance(index: ImageIndex) -> tuple[np.ndarray, np.ndarray]:
    """The first rows of all that look different, and (P, 2) each other row with its first."""
    glances = () if index.looks is None else index.looks["glance"]
    digests = [hashlib.blake2b(glance, digest_size=16).digest() for glance in glances]
    _, first, inverse = np.unique(
        np.frombuffer(b"".join(digests), "V16"), return_index=True, return_inverse=True
    )
    others = np.flatnonzero(first[inverse] != np.arange(len(index)))
    return first, np.column_stack([first[inverse][others], others])


def _pairs(
    candidates: np.ndarray, open_image: Opener, counter: ProgressCounter
) -> Iterator[tuple[int, int]]:
    """Those of the candidates that show the same picture."""
    compared = _Comparison(open_image)
    for start in range(0, len(candidates), _PAIRS_AT_ONCE):
        some = candidates[start : start + _PAIRS_AT_ONCE]
        yield from map(tuple, some[compared.are_copies(some)].tolist())
        counter.add(len(some))


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
