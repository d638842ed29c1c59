"""Class probabilities as few bytes, exact where it counts.

Kept is -log p in nats as float16, not p: a probability of 0.9999 as float16 is 1, while its
cross-entropy of 1e-4 keeps three digits. The mean cross-entropy of an epoch is off by less than
1e-5 this way, and the bytes compress to about three quarters, those of p to nine tenths. Which
class is the most probable one stands beside it, so that rounding makes no image right or wrong.

A part is a row of arrays, the first bytes of all values before the second ones (neighbours are more
alike then), compressed by zlib at its fastest level: level 6 takes up to six times as long for 2 %.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EVERY_CLASS = 2**32 - 1
"""In the place of a number of further classes: all of them are kept."""

_LEAST, _MOST = np.float32(1e-7), np.float32(1 - 1e-7)
"""Probabilities as `domain.metrics.cross_entropies` clips them."""

_HALF = np.dtype("<f2")
_BEST_RATIO = 2
"""Where even a compression to this part wouldn't fit, none is tried."""


@dataclass(frozen=True)
class Judged:
    """What accuracy and cross-entropy need of one epoch.

    Attributes:
        predicted: (N,) int64, the most probable class.
        true_losses: (N,) float32, -log p of the true class in nats.
        predicted_losses: (N,) float32, of the predicted class.
    """

    predicted: np.ndarray
    true_losses: np.ndarray
    predicted_losses: np.ndarray


def encode_judged(probabilities: np.ndarray, labels: np.ndarray) -> bytes:
    """The part that is always kept: about four bytes an image.

    Args:
        probabilities: (N, classes) float32.
        labels: (N,) int.
    """
    predicted = probabilities.argmax(axis=1)
    chosen = (np.take_along_axis(probabilities, of[:, None], 1) for of in (labels, predicted))
    return _pack([predicted.astype(_numbers(probabilities.shape[1])), *map(_losses, chosen)])


def decode_judged(content: bytes, images: int, classes: int) -> Judged:
    """What `encode_judged` was given, of so many images and classes."""
    shapes = [(images,)] * 3
    predicted, *losses = _unpack(content, [_numbers(classes), _HALF, _HALF], shapes)
    return Judged(predicted.astype(np.int64), *map(_read_losses, losses))


def encode_others(probabilities: np.ndarray, most_bytes: int) -> tuple[int, bytes]:
    """The other classes: all where they fit, else for each image the next most probable ones.

    Args:
        probabilities: (N, classes) float32.
        most_bytes: what the part may take.

    Returns:
        How many classes are kept beside the predicted one, or `EVERY_CLASS`; and the part.
    """
    images, classes = probabilities.shape
    if images * classes * _HALF.itemsize <= _BEST_RATIO * most_bytes:
        content = _pack([_losses(probabilities)])
        if len(content) <= most_bytes:
            return EVERY_CLASS, content
    numbers = _numbers(classes)
    fit = most_bytes // (images * (numbers.itemsize + _HALF.itemsize))
    order = _next_probable(probabilities, min(classes - 1, fit))
    losses = _losses(np.take_along_axis(probabilities, order, 1))
    return order.shape[1], _pack([order.astype(numbers), losses])


def decode_probabilities(
    count: int, content: bytes, judged: Judged, labels: np.ndarray, classes: int, rows: np.ndarray
) -> np.ndarray:
    """Probabilities of all classes; those that weren't kept share evenly what is left over.

    Args:
        count: from `encode_others`.
        content: likewise.
        judged: of the same epoch.
        labels: (N,) int.
        classes: how many.
        rows: (M,) int, of which images.

    Returns:
        (M, classes) float32; the predicted class is the most probable one.
    """
    images = len(labels)
    predicted = judged.predicted[rows]
    if count == EVERY_CLASS:
        (losses,) = _unpack(content, [_HALF], [(images, classes)])
        probabilities: np.ndarray = np.exp(-_read_losses(losses[rows]))
    else:
        others, losses = _unpack(content, [_numbers(classes), _HALF], [(images, count)] * 2)
        known = np.column_stack([others[rows].astype(np.int64), predicted, labels[rows]])
        found = np.column_stack(
            [_read_losses(losses[rows]), judged.predicted_losses[rows], judged.true_losses[rows]]
        )
        probabilities = _with_rest(known, np.exp(-found), classes)
    tied = np.flatnonzero(probabilities.argmax(axis=1) != predicted)  # by rounding
    above = np.nextafter(probabilities[tied].max(axis=1), np.float32(2))
    probabilities[tied, predicted[tied]] = above
    return probabilities


def _with_rest(known: np.ndarray, found: np.ndarray, classes: int) -> np.ndarray:
    """(M, classes) float32 from the probabilities `found` (M, K) of the classes `known` (M, K)."""
    probabilities = np.full((len(known), classes), np.nan, np.float32)
    np.put_along_axis(probabilities, known, found, 1)
    unknown = np.isnan(probabilities)
    left = np.clip(1 - np.nansum(probabilities, axis=1), 0, 1)
    share = left / np.maximum(1, unknown.sum(axis=1))
    filled: np.ndarray = np.where(unknown, share[:, None], probabilities)
    return filled


def _next_probable(probabilities: np.ndarray, count: int) -> np.ndarray:
    """(N, count) int, the classes behind the predicted one, the most probable ones first."""
    if count == 0:
        return np.zeros((len(probabilities), 0), np.int64)
    others = -probabilities
    np.put_along_axis(others, probabilities.argmax(axis=1)[:, None], np.inf, 1)
    found = np.argpartition(others, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(others, found, 1), axis=1, kind="stable")
    return np.take_along_axis(found, order, 1)


def _losses(probabilities: np.ndarray) -> np.ndarray:
    """-log p in nats as float16, 0 to 16.1."""
    losses: np.ndarray = -np.log(np.clip(probabilities, _LEAST, _MOST))
    return losses.astype(_HALF)


def _read_losses(halves: np.ndarray) -> np.ndarray:
    """The losses as float32, none above the largest there is, which float16 rounds up."""
    losses: np.ndarray = np.minimum(halves.astype(np.float32), -np.log(_LEAST))
    return losses


def _numbers(classes: int) -> np.dtype:
    return np.dtype("<u1" if classes <= 2**8 else "<u2" if classes <= 2**16 else "<u4")


def _pack(arrays: Sequence[np.ndarray]) -> bytes:
    planes = (values.reshape(-1, 1).view(np.uint8).T.tobytes() for values in arrays)
    return zlib.compress(b"".join(planes), 1)


def _unpack(
    content: bytes, types: Sequence[np.dtype], shapes: Sequence[tuple[int, ...]]
) -> list[np.ndarray]:
    """The arrays that `_pack` was given. Raises zlib.error or ValueError where they aren't that."""
    plain, found, start = np.frombuffer(zlib.decompress(content), np.uint8), [], 0
    for kind, shape in zip(types, shapes, strict=True):
        count = int(np.prod(shape))
        planes = plain[start : start + count * kind.itemsize].reshape(kind.itemsize, count)
        found.append(np.ascontiguousarray(planes.T).view(kind).reshape(shape))
        start += count * kind.itemsize
    return found
