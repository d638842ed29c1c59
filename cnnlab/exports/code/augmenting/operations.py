"""Augmentations that choose from a list of operations."""

import numpy as np

from cnnlab.exports.code.augmenting.colour import LUMA, smooth, stretched
from cnnlab.exports.code.augmenting.geometry import each, places, read_at


def randaugment(
    images: np.ndarray, operations: int, magnitude: float, rng: np.random.Generator
) -> np.ndarray:
    """So many operations for each image, drawn from a list of 12 (arXiv:1909.13719)."""
    choices = rng.integers(0, 12, (len(images), operations))
    signs = np.sign(rng.uniform(-1, 1, (len(images), operations)))
    return operated(images, choices, magnitude * signs)


def augmix(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Three chains of one to three mild operations blended into each image (arXiv:1912.02781)."""
    count = len(images)
    choices = rng.integers(0, 8, (count, 3, 3))
    strengths = 0.3 * rng.uniform(-1, 1, (count, 3, 3))
    depths = 1 + rng.integers(0, 3, (count, 3, 1))
    weights = rng.gamma(1.0, size=(count, 3))
    weights = weights / weights.sum(axis=1, keepdims=True)
    share = each(0.5 * (rng.uniform(-1, 1, count) + 1))
    choices = np.where(np.arange(3) < depths, choices, 0)  # 0 leaves the image as it is
    mixed = sum(
        each(weights[:, chain]) * operated(images, choices[:, chain], strengths[:, chain])
        for chain in range(3)
    )
    return share * images + (1 - share) * mixed


def operated(images: np.ndarray, choices: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Each image's operations by number, geometry first, then colour, then tones."""

    def total(operation: int) -> np.ndarray:
        return np.where(choices == operation, strengths, 0).sum(axis=1)

    def size(operation: int) -> np.ndarray:
        return each(np.where(choices == operation, abs(strengths), 0).max(axis=1))

    def chosen(operation: int) -> np.ndarray:
        return each((choices == operation).any(axis=1)) > 0

    x, y = places(images)
    angle = each(np.pi / 6 * total(1))
    x = x + each(np.tan(np.arctan(0.3) * total(2))) * y
    x, y = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
    height, width = images.shape[1:3]
    images = read_at(images, x + each(0.3 * width * total(3)), y + each(0.3 * height * total(4)))
    factor = each(1 + 0.9 * total(8))
    images = images * factor + (1 - factor) * images.mean(axis=(1, 2), keepdims=True)
    images = images + 255 * each(0.45 * total(9))
    if images.shape[-1] == 3:
        factor = each(1 + 0.9 * total(10))
        images = factor * images + (1 - factor) * (images @ LUMA)[..., None]
    images = images.clip(0, 255)
    images = (images + each(total(11)) * (images - smooth(images))).clip(0, 255)
    is_bright = images >= 255 * (1 - size(5))
    images = np.where(chosen(5) & is_bright, 255 - images, images)
    step = 2 ** np.rint(4 * size(6))
    images = np.where(chosen(6), np.floor(images / step) * step, images)
    return np.where(chosen(7), stretched(images), images)
