"""For fixed draws, the pictures of Keras' layers of the same name, where those are right.

Not of Keras: Equalization counts the levels of a whole batch, so it gets one image at a time;
RandomSharpness reads black beyond the edges; RandomCrop cuts all images of a batch alike and
doesn't enlarge them.
"""

import cv2
import keras
import numpy as np
import pytest
from keras.src.layers.preprocessing.image_preprocessing import clahe as keras_clahe

from cnnlab.augmentations.in_numpy import NUMPY_OPS
from cnnlab.augmentations.members import (
    autocontrast,
    clahe,
    color_degeneration,
    crop,
    equalize,
    invert,
    sharpness,
    solarize,
)
from cnnlab.augmentations.ops import Array


class FixedDraws:
    """Draws that are all the same number of the way from low to high."""

    def __init__(self, part: float, images: int) -> None:
        self._part, self._images = part, images

    def uniform(self, name: str, low: Array, high: Array) -> Array:
        return np.full(self._images, low + self._part * (high - low), np.float32)


def changed(module, images, strength, part):
    member = module.MEMBER
    draws = FixedDraws(part, len(images))
    drawn = member.draw({member.name: strength}, draws, images.shape[1:], NUMPY_OPS)
    return member.stage.apply(images, drawn, NUMPY_OPS)


def test_invert(images):
    expected = keras.layers.RandomInvert((1.0, 1.0))(images, training=True)
    np.testing.assert_array_equal(changed(invert, images, 1, 0.5), expected)
    np.testing.assert_array_equal(changed(invert, images, 0.4, 0.5), images)


@pytest.mark.parametrize("fraction", [0.21, 0.7])
def test_solarize(fraction, images):
    layer = keras.layers.Solarization(threshold_factor=(1 - fraction, 1 - fraction))
    # Keras multiplies only its upper bound by 255.
    transformation = {"additions": 0.0, "thresholds": np.float32(255 * (1 - fraction))}
    expected = layer.transform_images(images, transformation).numpy()
    ours = changed(solarize, images, fraction, 1.0)
    np.testing.assert_allclose(ours, expected, atol=1e-3)


def test_autocontrast(images):
    images = 40 + images / 2
    expected = keras.layers.AutoContrast()(images)
    np.testing.assert_allclose(changed(autocontrast, images, 1, 0.5), expected, atol=0.01)
    flat = np.full((2, 8, 8, 3), 90, np.float32)
    np.testing.assert_array_equal(changed(autocontrast, flat, 1, 0.5), flat)


def test_equalize(images):
    layer = keras.layers.Equalization()
    ours = changed(equalize, images, 1, 0.5)
    for image, equalized in zip(images, ours, strict=True):
        np.testing.assert_array_equal(equalized, layer(image[None], training=True)[0])
    flat = np.full((1, 8, 8, 1), 90, np.float32)
    np.testing.assert_array_equal(changed(equalize, flat, 1, 0.5), flat)


def test_clahe_brings_out_what_is_dark():
    pictures = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype(np.float32)
    large = np.stack([cv2.resize(image, (128, 128)) for image in pictures])
    dark = np.rint(20 + large / 8)
    ours = changed(clahe, dark, 1, 0.5)
    layer = keras_clahe.ContrastLimitedAdaptiveHistogramEqualization()
    expected = layer(dark).numpy()  # begins each part's levels at 0, where OpenCV keeps a pedestal
    assert np.corrcoef(ours.ravel(), expected.ravel())[0, 1] > 0.9
    assert ours.std() > 1.5 * dark.std()


@pytest.mark.parametrize("factor", [0.0, 0.25, 1.0])
def test_sharpness(factor, images):
    images = 60 + images / 2  # so that nothing is clipped
    expected = keras.layers.RandomSharpness((factor, factor))(images, training=True).numpy()
    ours = changed(sharpness, images, 1, factor)
    inner = np.s_[:, 1:-1, 1:-1]
    np.testing.assert_allclose(ours[inner].clip(0, 255), expected[inner], atol=0.01)


@pytest.mark.parametrize("factor", [0.3, 1.0])
def test_color_degeneration(factor, images):
    layer = keras.layers.RandomColorDegeneration((factor, factor))
    expected = layer(images, training=True).numpy()
    ours = changed(color_degeneration, images, factor, 1.0)
    np.testing.assert_allclose(ours, expected, atol=0.1)  # Keras rounds the weights of grey


@pytest.mark.parametrize(("part", "window"), [(0.0, np.s_[:, :, :]), (1.0, np.s_[:, 12:, 12:])])
def test_crop_enlarges_a_window(part, window, images):
    expected = [cv2.resize(image, (24, 24)) for image in images[window]]
    ours = changed(crop, images, 0.5, part)
    inner = np.s_[:, 1:-1, 1:-1]  # at the window's edges ours reads the pixels beyond
    np.testing.assert_allclose(ours[inner], np.stack(expected)[inner], atol=0.05)
