"""The augmentations of a program mean what training's do: the same draws give the same images."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.augmentations.chain import augment
from cnnlab.augmentations.in_numpy import NUMPY_OPS
from cnnlab.augmentations.table import MEMBERS
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.exports.code.augmentation import FUNCTIONS, augment_section, functions, needs_opencv
from cnnlab.exports.code.lines import joined

HEIGHT, IMAGES = 24, 6
SWITCHES = [member.name for member in MEMBERS]
RARE = {"grayscale_fraction", "invert_fraction"}
"""Their usual shares would leave a few images as they are."""

TOGETHER = [
    {"flip": "both", "rotation_degrees": 20, "zoom_fraction": 0.2, "shift_fraction": 0.1},
    {"crop_fraction": 0.3, "perspective_fraction": 0.2, "shear_degrees": 15, "elastic_px": 2},
    {"flip": "vertical", "crop_fraction": 0.3, "rotation_degrees": 40, "mixup_alpha": 0.3},
    {"brightness_fraction": 0.4, "contrast_fraction": 0.4, "saturation_fraction": 0.5,
     "hue_fraction": 0.3, "grayscale_fraction": 0.5, "color_degeneration_fraction": 0.5},
    {"brightness_fraction": 0.5, "solarize_fraction": 0.5, "sharpness_fraction": 1,
     "noise_stddev": 9, "erasing_fraction": 0.3, "cutmix_alpha": 1},
    {"sharpness_fraction": 1, "blur_sigma_px": 1, "autocontrast_fraction": 0.5},
]  # fmt: skip


def scaled(low, high, share):
    return low + (high - low) * share


class SameDraws:
    """`Draws` and a numpy generator in one: every uniform number is at the same place of its range.

    Each image has a place of its own, so that who asks in another order is told the same.
    """

    def __init__(self, images, share):
        self._places = (np.arange(images) * 0.37 + share) % 1
        self._pairs = np.roll(np.arange(images), 1)

    def _at(self, shape):
        shape = tuple(np.atleast_1d(shape))
        return np.broadcast_to(self._places.reshape(-1, *[1] * (len(shape) - 1)), shape)

    # As cnnlab's augmentations draw.
    def normal(self, name, shape):
        return np.float32(2 * self._at((len(self._places), *shape)) - 1)

    def symmetric(self, name, shape):
        return np.float32(scaled(-1, 1, self._at((len(self._places), *shape))))

    def gamma(self, name, shape, alpha):
        least = 0.2 if name == "first_share" else 0.7
        return np.float32(self._at((len(self._places), *shape)) + least)

    def uniform(self, *arguments):
        if isinstance(arguments[0], str):
            return np.float32(scaled(*arguments[1:], self._places))
        low, high, shape = arguments
        return scaled(low, high, self._at(shape))

    def permutation(self, _):
        return self._pairs

    def integers(self, *arguments):
        if isinstance(arguments[0], str):
            _, shape, below = arguments
            return (below * self._at((len(self._places), *shape))).astype(int)
        low, high, shape = arguments
        return low + ((high - low) * self._at(shape)).astype(int)

    # As a numpy generator draws.
    def random(self, shape):
        return self._at(shape)

    def standard_normal(self, shape, dtype):
        return dtype(2 * self._at(shape) - 1)

    def choice(self, values, shape):
        return np.where(self._at(shape) < 0.5, *values)

    def beta(self, first, second, shape):
        one = self._at(shape) + 0.2
        return one / (one + self._at(shape) + 0.7)


class ProgramDraws(SameDraws):
    """AugMix's weights are the only gamma numbers that a program draws."""

    def gamma(self, alpha, size):
        return self._at(size) + 0.7


def augmented_by_program(config, channels):
    text = joined(augment_section(config, channels))
    known = {"np": np}
    if needs_opencv(config):
        known["cv2"] = importlib.import_module("cv2")
    exec(compile(text, "program", "exec"), known)
    return known["augment"]


def made_images(channels):
    """Soft ones, as pictures are: where pixels alternate, a rounding error of a place shows."""
    y, x = np.mgrid[:HEIGHT, :HEIGHT] / HEIGHT
    waves = [np.sin(5 * x + channel + 0.8 * image) * np.cos(4 * y - image)
             for image in range(IMAGES) for channel in range(channels)]  # fmt: skip
    images = np.array(waves).reshape(IMAGES, channels, HEIGHT, HEIGHT).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(np.rint(127.5 + 120 * images), np.float32)


def compare(values, channels, share):
    config = Augmentation(**values)
    images, labels = made_images(channels), np.eye(IMAGES, dtype=np.float32)
    draws = SameDraws(IMAGES, share)
    expected = augment(images, labels, config.strengths(), draws, NUMPY_OPS)
    got = augmented_by_program(config, channels)(images, labels, ProgramDraws(IMAGES, share))
    # OpenCV reads at 32nds of a pixel; what rounds to a level may fall to either side of it.
    apart = np.abs(got[0] - expected[0])
    return SimpleNamespace(
        pixels=np.quantile(apart, 0.98), labels=np.abs(got[1] - expected[1]).max(),
        changed=np.abs(expected[0] - images).mean(),
    )  # fmt: skip


def test_every_augmentation_has_its_function():
    assert set(FUNCTIONS) == set(SWITCHES)
    assert set(FUNCTIONS.values()) <= set(functions())


@pytest.mark.parametrize("share", [0.1, 0.45, 0.8])
@pytest.mark.parametrize("name", SWITCHES)
def test_one_alone_gives_the_same_images(name, share):
    member = next(one for one in MEMBERS if one.name == name)
    values = {name: 0.5 if name in RARE else member.usual}
    found = compare(values, 3, share)
    assert found.pixels < 0.6 and found.labels < 1e-5
    assert found.changed > 0.1  # else nothing was compared


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("values", TOGETHER)
def test_several_give_the_same_images(values, channels):
    found = compare(values, channels, 0.3)
    assert found.pixels < 1 and found.labels < 1e-5 and found.changed > 1


@pytest.mark.parametrize("directions", ["horizontal", "vertical", "both"])
def test_each_direction_of_a_flip_is_the_same(directions):
    assert compare({"flip": directions}, 3, 0.2).pixels < 1e-3


def test_only_what_a_run_uses_becomes_part_of_its_program():
    text = joined(augment_section(Augmentation(brightness_fraction=0.2), 3))
    assert "def brightness" in text and "def each" in text and text.count("def ") == 3
    assert not augment_section(Augmentation(), 3)
    assert "saturation" not in joined(augment_section(Augmentation(saturation_fraction=0.2), 1))


def test_numbers_of_a_real_generator_are_taken():
    values = {member.name: member.usual for member in MEMBERS if member.name != "mixup_alpha"}
    function = augmented_by_program(Augmentation(**values), 3)
    images, labels = made_images(3), np.eye(IMAGES, dtype=np.float32)
    changed, targets = function(images, labels, np.random.default_rng(1))
    assert changed.shape == images.shape and changed.min() >= 0 and changed.max() <= 255
    assert np.allclose(targets.sum(axis=1), 1)
