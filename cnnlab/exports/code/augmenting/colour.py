"""Augmentations of what a pixel's values are."""

import cv2
import numpy as np

from cnnlab.exports.code.augmenting.geometry import each

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def contrast(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """About the mean of each channel, by a factor of up to this much from 1."""
    factor = each(rng.uniform(1 - fraction, 1 + fraction, len(images)))
    return images * factor + (1 - factor) * images.mean(axis=(1, 2), keepdims=True)


def brightness(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Up to this fraction of white added or taken away."""
    return images + 255 * each(rng.uniform(-fraction, fraction, len(images)))


def saturation(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Colours stronger or weaker by up to this fraction."""
    factor = each(rng.uniform(1 - fraction, 1 + fraction, len(images)))
    return factor * images + (1 - factor) * (images @ LUMA)[..., None]


def hue(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Colours turned by up to this fraction of half a circle, in the I-Q plane of YIQ."""
    yiq = np.array([LUMA, (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)])
    angle = np.pi * rng.uniform(-fraction, fraction, len(images))
    turns = np.array(
        [[(1, 0, 0), (0, np.cos(a), -np.sin(a)), (0, np.sin(a), np.cos(a))] for a in angle]
    )
    turned = np.linalg.inv(yiq) @ turns @ yiq
    return images @ turned.astype(np.float32)[:, None].swapaxes(-1, -2)


def grayscale(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """This share of the images without colour."""
    chosen = each(rng.random(len(images)) < share)
    return np.where(chosen > 0, (images @ LUMA)[..., None], images)


def color_degeneration(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Paler by up to this fraction."""
    lost = each(rng.uniform(0, fraction, len(images)))
    return (1 - lost) * images + lost * (images @ LUMA)[..., None]


def solarize(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """What lies in up to this fraction of the range below white as its negative."""
    threshold = 255 * (1 - each(rng.uniform(0, fraction, len(images))))
    return np.where(images > threshold, 255 - images, images)


def posterize(images: np.ndarray, most_bits: int, rng: np.random.Generator) -> np.ndarray:
    """Up to so many bits of each colour taken away."""
    lost = each(np.floor(rng.random(len(images)) * (most_bits + 1)))
    return np.where(lost > 0, np.floor(images / 2**lost) * 2**lost, images)


def autocontrast(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Each colour of this share of the images stretched from 0 to 255."""
    chosen = each(rng.random(len(images)) < share)
    return np.where(chosen > 0, stretched(images), images)


def stretched(images: np.ndarray) -> np.ndarray:
    """Each channel from its darkest to its brightest value as 0 to 255."""
    darkest = images.min(axis=(1, 2), keepdims=True)
    spread = images.max(axis=(1, 2), keepdims=True) - darkest
    return np.where(spread > 0, 255 * (images - darkest) / np.where(spread > 0, spread, 1), images)


def equalize(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The 256 levels of this share of the images spread evenly, channel by channel."""
    images = images.copy()
    for image in np.flatnonzero(rng.random(len(images)) < share):
        for channel in range(images.shape[-1]):
            levels = images[image, ..., channel].astype(np.uint8)
            counts = np.bincount(levels.ravel(), minlength=256).cumsum()
            least = counts[counts > 0][0]
            if counts[-1] > least:
                table = np.rint((counts - least) * 255 / (counts[-1] - least)).clip(0, 255)
                images[image, ..., channel] = table[levels]
    return images


def invert(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """This share of the images as their negatives."""
    return np.where(each(rng.random(len(images)) < share) > 0, 255 - images, images)


def clahe(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Contrast evened out within 8 x 8 tiles of this share of the images, by OpenCV."""
    images, even = images.copy(), cv2.createCLAHE(4.0, (8, 8))
    for image in np.flatnonzero(rng.random(len(images)) < share):
        for channel in range(images.shape[-1]):
            levels = np.ascontiguousarray(np.rint(images[image, ..., channel]).astype(np.uint8))
            images[image, ..., channel] = even.apply(levels)
    return images


def blur(images: np.ndarray, most_px: float, rng: np.random.Generator) -> np.ndarray:
    """A Gaussian of up to this width."""
    sigma = np.maximum(rng.uniform(0, most_px, len(images)), 0.01)[:, None, None]

    def gaussian(size: int) -> np.ndarray:
        apart = np.arange(size)[:, None] - np.arange(size)
        weights = np.exp(-0.5 * (apart / sigma) ** 2).astype(np.float32)
        return weights / weights.sum(axis=2, keepdims=True)

    height, width = images.shape[1:3]
    return np.einsum("byh,bxw,bhwc->byxc", gaussian(height), gaussian(width), images, optimize=True)


def sharpness(images: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Edges up to this fraction sharper or softer."""
    strength = each(rng.uniform(-fraction, fraction, len(images)))
    return images + strength * 9 / 13 * (images - smooth(images))


def smooth(images: np.ndarray) -> np.ndarray:
    """The mean of the 3 x 3 pixels around each one, reflected at the edges."""
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], "reflect")
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9


def noise(images: np.ndarray, stddev: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise on every pixel."""
    return images + np.float32(stddev) * rng.standard_normal(images.shape, np.float32)
