"""One process's share of finding pairs of images that may be copies, by their tiny grey copies.

Two images are candidates where their glances, averaged over 2 x 2, correlate by more than 0.9 and
differ nowhere by much. To look at all pairs of many images is the costly part. It is done with the
images' coordinates along a few directions and the length of what these leave out: by the
Cauchy-Schwarz inequality, their scalar product is never less than the correlation.
"""

from collections.abc import Iterator

import numpy as np

from cnnlab.datasets.importing.processes import Message, Task

# Rows of a tile of scalar products: it should stay in the processor's cache.
_TILE = 768
_CORRELATION = 0.9
_ROUNDING = 1e-4
# Fewer let more pairs through than they save, even where no direction is better than others.
_DIRECTIONS = 31
_LEARNT_FROM = 4096
# Largest difference of two glances in standard deviations; a cut margin shows most here.
_SAME_AT_A_GLANCE = 1.6
# Of endless variants of one picture each is paired with those most like it: all are found together
# by so many, whoever stands between them, and nobody waits for millions of pairs.
_PARTNERS = 8


def find_candidates(task: Task) -> Iterator[Message]:
    """Compare every `shares`-th block of rows with all rows that follow.

    Args:
        task: `looks` (the file of them), `rows` (those to compare, ascending), `share` (its number
            among the processes) and `shares` (how many there are).

    Yields:
        `pairs` of rows, the lower one first, for every block; for each row the `_PARTNERS` that
        follow it and correlate most, so that the number of processes decides nothing. `tiles`
        says how many of all `count_tiles` the block has taken.
    """
    glances = np.load(task["looks"], mmap_mode="r")["glance"]
    compared = np.array(task["rows"], np.int64)
    short = _shortened(glances, compared)
    follows = np.triu(np.ones((_TILE, _TILE), bool), 1)
    products = np.empty((_TILE, _TILE), np.float32)
    may_be = np.empty((_TILE, _TILE), bool)
    for top in range(task["share"] * _TILE, len(short), task["shares"] * _TILE):
        pairs, correlations = np.empty((0, 2), np.int64), np.empty(0, np.float32)
        for left in range(top, len(short), _TILE):
            np.matmul(short[top : top + _TILE], short[left : left + _TILE].T, out=products)
            np.greater(products, _CORRELATION - _ROUNDING, out=may_be)
            if left == top:
                may_be &= follows
            rows, columns = _nearest(products, may_be)
            new = compared[np.column_stack([rows + top, columns + left])]
            new_pairs, new_correlations = _alike(new, glances)
            pairs, correlations = _strongest(
                np.concatenate([pairs, new_pairs]),
                np.concatenate([correlations, new_correlations]),
            )
        yield {"pairs": pairs.tolist(), "tiles": len(range(top, len(short), _TILE))}


def find_partners(glances: np.ndarray, compared: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Compare a few rows with all others, here and directly.

    Args:
        glances: (N, 16, 16) uint8 of all images.
        compared: (M,) rows that may be partners, ascending.
        new: (K,) those of them whose partners are wanted.

    Returns:
        (P, 2) rows, the lower one first; of each of the `new` the `_PARTNERS` most like it.
    """
    pairs, correlations = np.empty((0, 2), np.int64), np.empty(0, np.float32)
    for top in range(0, len(new), _TILE):
        some = new[top : top + _TILE]
        wanted = _coarse(glances[some])
        for left in range(0, len(compared), _LEARNT_FROM):
            others = compared[left : left + _LEARNT_FROM]
            products = wanted @ _coarse(glances[others]).T
            may_be = (products > _CORRELATION - _ROUNDING) & (some[:, None] != others)
            rows, columns = _nearest(products, may_be)
            found, strength = _alike(np.column_stack([some[rows], others[columns]]), glances)
            pairs, correlations = _strongest(
                np.concatenate([pairs, found]), np.concatenate([correlations, strength])
            )
    return np.unique(np.sort(pairs, axis=1), axis=0)


def count_tiles(rows: int) -> int:
    """The tiles that comparing so many rows takes, in all processes together."""
    blocks = -(-rows // _TILE)
    return blocks * (blocks + 1) // 2


def _nearest(products: np.ndarray, may_be: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of a tile's pairs; where they are many, for each row the nearest ones."""
    if np.count_nonzero(may_be) <= _PARTNERS * len(may_be):
        return np.divmod(np.flatnonzero(may_be), may_be.shape[1])
    ranked = np.where(may_be, products, 0)
    columns = np.argpartition(ranked, -_PARTNERS, axis=1)[:, -_PARTNERS:]
    rows, which = np.nonzero(np.take_along_axis(may_be, columns, axis=1))
    return rows, columns[rows, which]


def _strongest(pairs: np.ndarray, correlations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row the pairs that correlate most, in order."""
    order = np.lexsort((pairs[:, 1], -correlations, pairs[:, 0]))
    pairs, correlations = pairs[order], correlations[order]
    _, first, inverse = np.unique(pairs[:, 0], return_index=True, return_inverse=True)
    kept = np.arange(len(pairs)) - first[inverse] < _PARTNERS
    return pairs[kept], correlations[kept]


def _shortened(glances: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """(M, 32) float32 whose scalar products are at least the correlations; M fills up tiles."""
    learnt = _coarse(glances[compared[:: len(compared) // _LEARNT_FROM + 1]])
    _, directions = np.linalg.eigh(learnt.T @ learnt)  # from the least to the most variance
    directions = np.ascontiguousarray(directions[:, -_DIRECTIONS:])
    short = np.zeros((-(-len(compared) // _TILE) * _TILE, _DIRECTIONS + 1), np.float32)
    for start in range(0, len(compared), _LEARNT_FROM):
        coarse = _coarse(glances[compared[start : start + _LEARNT_FROM]])
        along = coarse @ directions
        left_out = (coarse**2).sum(axis=1) - (along**2).sum(axis=1)
        rows = short[start : start + len(coarse)]
        rows[:, :-1], rows[:, -1] = along, np.sqrt(left_out.clip(min=0))
    return short


def _coarse(glances: np.ndarray) -> np.ndarray:
    """(N, 64) float32 averages over 2 x 2, whose scalar products are correlations.

    An image still tells itself from others; flat ones, which are shorter, correlate with nothing.
    """
    across = glances[:, :, ::2].astype(np.uint16) + glances[:, :, 1::2]
    averages = (across[:, ::2] + across[:, 1::2]).reshape(len(glances), -1) / np.float32(4)
    return _standard_rows(averages) / np.float32(averages.shape[1] ** 0.5)


def _alike(pairs: np.ndarray, glances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the pairs that correlate and differ nowhere by much, and their correlations."""
    kept, correlations = [np.empty((0, 2), np.int64)], [np.empty(0, np.float32)]
    for start in range(0, len(pairs), _LEARNT_FROM):
        some = pairs[start : start + _LEARNT_FROM]
        one, other = (_coarse(glances[side]) for side in some.T)
        correlation = np.einsum("ij,ij->i", one, other)
        some, correlation = (
            some[correlation > _CORRELATION],
            correlation[correlation > _CORRELATION],
        )
        one, other = (_standard_rows(glances[side].reshape(-1, glances[0].size)) for side in some.T)
        is_same = np.abs(one - other).max(axis=1, initial=0.0) < _SAME_AT_A_GLANCE
        kept.append(some[is_same])
        correlations.append(correlation[is_same])
    return np.concatenate(kept), np.concatenate(correlations)


def _standard_rows(values: np.ndarray) -> np.ndarray:
    """(N, D) float32 with mean 0 and variance 1 in each row that isn't flat."""
    values = values.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return values / np.maximum(values.std(axis=1, keepdims=True), 1.0)
