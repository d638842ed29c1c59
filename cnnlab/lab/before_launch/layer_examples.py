"""What a convolution and a pooling do to a picture, for those who are learning."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

_PLAIN: dict[str, tuple[tuple[float, ...], ...]] = {
    "upright edges": ((1, 0, -1), (2, 0, -2), (1, 0, -1)),
    "level edges": ((1, 2, 1), (0, 0, 0), (-1, -2, -1)),
    "blur": ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
}
_RANDOM = "random, as a first layer begins"
FILTERS = (*_PLAIN, _RANDOM)
"""What a filter of 3×3 px may look for (Sobel's edges; blur by binomial weights)."""

POOLINGS = ("max", "average")


def filter_weights(name: str, channels: int, seed: int = 0) -> np.ndarray:
    """The weights of a filter.

    Args:
        name: one of `FILTERS`; the plain ones see the mean of the channels.
        channels: of the picture.
        seed: of the random one, drawn as `he_normal` does (He et al., arXiv:1502.01852).

    Returns:
        (3, 3, channels) float32.
    """
    if name == _RANDOM:
        scale = np.sqrt(2 / (9 * channels))
        return np.random.default_rng(seed).normal(0, scale, (3, 3, channels)).astype(np.float32)
    plain = np.array(_PLAIN[name], np.float32)
    plain = plain / max(abs(plain.sum()), 1)
    return np.repeat(plain[..., None] / channels, channels, axis=2)


def filtered(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What one filter of a convolution makes of a picture, with padding `same` and stride 1.

    Args:
        image: (H, W, C) uint8.
        weights: (K, K, C), K odd.

    Returns:
        (H, W) float32; the picture counts as 0..1.
    """
    pad = weights.shape[0] // 2
    padded = np.pad(image.astype(np.float32) / 255, ((pad, pad), (pad, pad), (0, 0)))
    windows = sliding_window_view(padded, weights.shape[:2], axis=(0, 1))
    found: np.ndarray = np.einsum("hwcij,ijc->hw", windows, weights, dtype=np.float32)
    return found


def pooled(values: np.ndarray, pooling: str, size: int = 2) -> np.ndarray:
    """The largest or the mean value of each square.

    Args:
        values: (H, W) of any kind.
        pooling: one of `POOLINGS`.
        size: side of a square, px; what is left over at the edge is dropped, as in Keras.

    Returns:
        (H // size, W // size).
    """
    height, width = values.shape[0] // size, values.shape[1] // size
    squares = values[: height * size, : width * size].reshape(height, size, width, size)
    reduced: np.ndarray = squares.max((1, 3)) if pooling == "max" else squares.mean((1, 3))
    return reduced


def as_picture(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Values as shades: the least of `like` is black, the largest white.

    Args:
        values: (H, W).
        like: values that have the same shades, so that two pictures can be compared.

    Returns:
        (H, W) uint8.
    """
    low, high = float(like.min()), float(like.max())
    shades = (values - low) / max(high - low, 1e-6)
    return (255 * np.clip(shades, 0, 1)).astype(np.uint8)
