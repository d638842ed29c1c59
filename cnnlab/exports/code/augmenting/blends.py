"""Augmentations that cover or blend images."""

import numpy as np

from cnnlab.exports.code.augmenting.geometry import each


def erasing(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """A grey rectangle of up to this fraction of the area on each image (arXiv:1708.04896)."""
    count, height, width = images.shape[:3]
    area = rng.uniform(0.02 if fraction >= 0.02 else 0, fraction, count) * height * width
    aspect = np.exp(rng.uniform(-np.log(2), np.log(2), count))
    tall = np.clip(np.rint(np.sqrt(area * aspect)), 1, height)
    wide = np.clip(np.rint(np.sqrt(area / aspect)), 1, width)
    top = np.floor(rng.random(count) * (height - tall + 1))
    left = np.floor(rng.random(count) * (width - wide + 1))
    return np.where(rectangle(images, top, left, tall, wide), np.float32(127.5), images)


def rectangle(
    images: np.ndarray, top: np.ndarray, left: np.ndarray, tall: np.ndarray, wide: np.ndarray
) -> np.ndarray:
    """(B, H, W, 1): whether a pixel lies in its image's rectangle."""
    row = np.arange(images.shape[1]) - top[:, None]
    column = np.arange(images.shape[2]) - left[:, None]
    rows, columns = (row >= 0) & (row < tall[:, None]), (column >= 0) & (column < wide[:, None])
    return (rows[:, :, None] & columns[:, None, :])[..., None]


def mixup(
    images: np.ndarray, targets: np.ndarray, alpha: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of images and of their targets blended (arXiv:1710.09412)."""
    kept = rng.beta(alpha, alpha, len(images)).astype(np.float32)
    other = rng.permutation(len(images))
    mixed = each(kept) * images + (1 - each(kept)) * images[other]
    return mixed, kept[:, None] * targets + (1 - kept[:, None]) * targets[other]


def cutmix(
    images: np.ndarray, targets: np.ndarray, alpha: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A patch of another image, targets blended by its area (arXiv:1905.04899)."""
    count, height, width = images.shape[:3]
    side, other = np.sqrt(1 - rng.beta(alpha, alpha, count)), rng.permutation(count)
    ends = []
    for size in (height, width):
        middle, half = np.floor(size * rng.random(count)), np.floor(side * size) / 2
        ends += [np.clip(np.rint(middle + way * half), 0, size) for way in (-1, 1)]
    top, bottom, left, right = ends
    inside = rectangle(images, top, left, bottom - top, right - left)
    kept = (1 - (bottom - top) * (right - left) / (height * width)).astype(np.float32)[:, None]
    return np.where(inside, images[other], images), kept * targets + (1 - kept) * targets[other]
