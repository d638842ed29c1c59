"""The training augmentation in numpy, to show it on a user's images without loading Keras.

Held by a test against `cnnlab.training.input.augmenter` for equal parameters. Each step comes in
two functions: `draw_...` draws the random parameters, `apply_...` uses them. Not shown: what needs
several images (MixUp, CutMix) or a list of operations (RandAugment, AugMix), and Elastic.
"""

from dataclasses import dataclass

import numpy as np

from cnnlab.domain.config.augmentation import Augmentation

# ITU-R BT.601 luma, and the YIQ axes that go with it: the colour circle is a turn in I and Q.
LUMA = np.array([0.299, 0.587, 0.114])
RGB_TO_YIQ = np.array([LUMA, (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135)])
_GREY = 127.5
# The smallest erased rectangle that can be seen, and how far it may be from a square.
_MIN_ERASED_FRACTION, _MAX_ASPECT = 0.02, 2.0


@dataclass(frozen=True)
class ColorChange:
    """One image's change of colour; the defaults change nothing.

    Attributes:
        contrast: factor on the distance from each channel's mean.
        brightness: fraction of white that is added.
        saturation: factor on the distance from grey.
        hue_radians: turn of the colour circle.
        is_gray: whether all colour is taken away.
    """

    contrast: float = 1.0
    brightness: float = 0.0
    saturation: float = 1.0
    hue_radians: float = 0.0
    is_gray: bool = False


@dataclass(frozen=True)
class Rectangle:
    """A part of an image, in pixels; `bottom` and `right` are outside."""

    top: int
    left: int
    bottom: int
    right: int


def augment_image(
    image: np.ndarray, augmentation: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Change one image at random, as training does.

    Args:
        image: (size, size, C) uint8, C 1 or 3.
        augmentation: strengths.
        generator: where the randomness comes from; equal states give equal images.

    Returns:
        (size, size, C) uint8.
    """
    size = image.shape[0]
    changed = image.astype(np.float64)
    changed = apply_warp(changed, draw_warp(augmentation, size, generator))
    changed = apply_blur(changed, generator.uniform(0, augmentation.blur_sigma_px))
    changed = apply_color(changed, draw_color(augmentation, generator))
    changed = changed + generator.normal(0, augmentation.noise_stddev, changed.shape)
    changed = apply_erasing(changed, draw_erasing(augmentation.erasing_fraction, size, generator))
    return np.round(changed.clip(0, 255)).astype(np.uint8)


def draw_warp(augmentation: Augmentation, size: int, generator: np.random.Generator) -> np.ndarray:
    """Draw flip, rotation, zoom, shift, shear and perspective as one matrix.

    Returns:
        (3, 3) float: takes homogeneous output pixels (x, y, 1) to input pixels.
    """

    def symmetric(limit: float, count: int | None = None) -> np.ndarray:
        return generator.uniform(-limit, limit, count)

    flips = (augmentation.flip in ("horizontal", "both"), augmentation.flip in ("vertical", "both"))
    signs = np.where(generator.random(2) < 0.5, -1.0, 1.0)
    return warp_matrix(
        size,
        shift=symmetric(augmentation.shift_fraction, 2),
        radians=np.radians(symmetric(augmentation.rotation_degrees)),
        shear=np.tan(np.radians(symmetric(augmentation.shear_degrees))),
        scale=np.where(flips, signs, 1.0) * (1 + symmetric(augmentation.zoom_fraction)),
        perspective=symmetric(augmentation.perspective_fraction, 2),
    )


def warp_matrix(
    size: int,
    *,
    shift: np.ndarray,
    radians: float,
    shear: float,
    scale: np.ndarray,
    perspective: np.ndarray,
) -> np.ndarray:
    """Join movements about the image's centre into one matrix.

    Args:
        size: side of the image in pixels.
        shift: x and y, fractions of the side.
        radians: angle of the rotation.
        shear: how far x moves per pixel of y.
        scale: factors on x and y of the input; below 1 enlarges, negative mirrors.
        perspective: x and y; how much farther the edge is than the centre.

    Returns:
        (3, 3) float: takes homogeneous output pixels (x, y, 1) to input pixels.
    """
    center = (size - 1) / 2
    cos, sin = np.cos(radians), np.sin(radians)
    (shift_x, shift_y), (g, h) = np.asarray(shift) * size, np.asarray(perspective) * 2 / size
    steps = [
        [[1, 0, center], [0, 1, center], [0, 0, 1]],
        [[1, 0, shift_x], [0, 1, shift_y], [0, 0, 1]],
        [[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]],
        [[1, shear, 0], [0, 1, 0], [0, 0, 1]],
        [[scale[0], 0, 0], [0, scale[1], 0], [0, 0, 1]],
        [[1, 0, 0], [0, 1, 0], [g, h, 1]],
        [[1, 0, -center], [0, 1, -center], [0, 0, 1]],
    ]
    return np.linalg.multi_dot([np.array(step, dtype=np.float64) for step in steps])


def apply_warp(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Fetch every output pixel from where `matrix` says, bilinear, mirrored beyond the edges.

    Args:
        image: (H, W, C) float.
        matrix: (3, 3), output (x, y, 1) to input.

    Returns:
        (H, W, C) float.
    """
    if np.allclose(matrix, np.eye(3), atol=1e-12):
        return image
    # Loaded with the first preview: every server would pay 16 MB for it otherwise.
    from scipy import ndimage  # noqa: PLC0415

    y, x = np.indices(image.shape[:2], dtype=np.float64)
    sources = np.einsum("ij,jhw->ihw", matrix, np.stack([x, y, np.ones_like(x)]))
    # Rounded, because 46.99999999 instead of 47 would show in a plain flip.
    at = np.round(sources[1::-1] / sources[2], 9)
    channels = [
        ndimage.map_coordinates(channel, at, order=1, mode="reflect")
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.stack(channels, axis=-1)


def apply_blur(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Blur with a Gaussian that is cut off at the edges; (H, W, C) float in and out."""
    if sigma_px <= 0:
        return image
    rows, columns = (_gaussian(sigma_px, length) for length in image.shape[:2])
    return np.einsum("vh,wx,hxc->vwc", rows, columns, image, optimize=True)


def _gaussian(sigma_px: float, length: int) -> np.ndarray:
    """(length, length): how much each pixel of a line takes from each other one."""
    distance = np.subtract.outer(np.arange(length), np.arange(length))
    weights = np.exp(-0.5 * (distance / max(sigma_px, 1e-2)) ** 2)
    return weights / weights.sum(axis=1, keepdims=True)


def draw_color(augmentation: Augmentation, generator: np.random.Generator) -> ColorChange:
    """Draw contrast, brightness, saturation, hue and grayscale."""
    contrast, brightness, saturation, hue = generator.uniform(-1, 1, 4)
    return ColorChange(
        contrast=1 + contrast * augmentation.contrast_fraction,
        brightness=brightness * augmentation.brightness_fraction,
        saturation=1 + saturation * augmentation.saturation_fraction,
        hue_radians=hue * augmentation.hue_fraction * np.pi,
        is_gray=bool(generator.random() < augmentation.grayscale_fraction),
    )


def apply_color(image: np.ndarray, change: ColorChange) -> np.ndarray:
    """Change contrast, brightness, saturation, hue and grayscale, in this order.

    Args:
        image: (H, W, C) float, 0..255; the last three leave one channel as it is.
        change: how much.

    Returns:
        (H, W, C) float, not clipped.
    """
    mean = image.mean(axis=(0, 1))
    image = (image - mean) * change.contrast + mean + 255 * change.brightness
    if image.shape[-1] == 1:
        return image
    return image @ color_matrix(change).T


def color_matrix(change: ColorChange) -> np.ndarray:
    """Saturation, hue and grayscale as one (3, 3) matrix on RGB."""
    to_gray = np.tile(LUMA, (3, 1))
    saturate = to_gray + (np.eye(3) - to_gray) * change.saturation
    cos, sin = np.cos(change.hue_radians), np.sin(change.hue_radians)
    turn = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
    rotate = np.linalg.inv(RGB_TO_YIQ) @ turn @ RGB_TO_YIQ
    return (to_gray if change.is_gray else np.eye(3)) @ rotate @ saturate


def draw_erasing(fraction: float, size: int, generator: np.random.Generator) -> Rectangle | None:
    """Draw the rectangle to erase: area up to `fraction` of the image, anywhere inside it."""
    if fraction <= 0:
        return None
    least = _MIN_ERASED_FRACTION if fraction >= _MIN_ERASED_FRACTION else 0.0
    area = generator.uniform(least, fraction) * size**2
    aspect = np.exp(generator.uniform(-1, 1) * np.log(_MAX_ASPECT))
    height = int(np.clip(round(np.sqrt(area * aspect)), 1, size))
    width = int(np.clip(round(np.sqrt(area / aspect)), 1, size))
    top = int(generator.integers(0, size - height + 1))
    left = int(generator.integers(0, size - width + 1))
    return Rectangle(top, left, top + height, left + width)


def apply_erasing(image: np.ndarray, rectangle: Rectangle | None) -> np.ndarray:
    """Cover the rectangle with middle grey; (H, W, C) float in and out."""
    if rectangle is None:
        return image
    erased = image.copy()
    erased[rectangle.top : rectangle.bottom, rectangle.left : rectangle.right] = _GREY
    return erased
