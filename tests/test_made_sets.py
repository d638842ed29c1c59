"""Each drawn set is the same every time, and what is said to decide its classes does, alone."""

import colorsys

import numpy as np
import pytest
from PIL import Image

from tests.made_sets import SETS, draw_set, glyph_mask, picture, shape_mask, texture_pattern

EACH = 30


def classified(name, draw, measure):
    """Share of pictures whose features are nearest to those of a picture of their class.

    Args:
        name: of the set.
        draw: from class and seed to what is measured; every second one is asked about.
        measure: from that to numbers.
    """
    classes = range(len(SETS[name].classes))
    found = np.array([[measure(draw(label, seed)) for seed in range(EACH)] for label in classes])
    scaled = (found - found.mean((0, 1))) / (found.std((0, 1)) + 1e-9)
    known, asked = scaled[:, ::2], scaled[:, 1::2]
    nearest = np.linalg.norm(asked[:, :, None, None] - known, axis=-1).min(-1).argmin(-1)
    return (nearest == np.arange(len(classes))[:, None]).mean()


def alone(part):
    """What `part` draws without colour and noise."""
    return lambda label, seed: part(np.random.default_rng([seed, label]), label)


def pixels_of(name):
    return lambda label, seed: picture(name, label, seed).astype(float)


def mean_colour(pixels):
    return pixels.mean((0, 1))


def greys(pixels):
    grey = pixels.mean(-1)
    return grey.mean(), grey.std()


def outline(mask):
    """Of a figure: how long its edge is, and how near and far its parts lie from its middle."""
    rows, columns = np.nonzero(mask > 0.5)
    size = np.sqrt(len(rows))
    edge = sum(np.abs(np.diff(mask > 0.5, axis=axis)).sum() for axis in (0, 1))
    apart = np.hypot(rows - rows.mean(), columns - columns.mean())
    return edge / size, apart.mean() / size, apart.min() / size, apart.max() / size


def letter(mask):
    """A letter at one size and place."""
    image = Image.fromarray(np.uint8(255 * mask))
    return np.asarray(image.crop(image.getbbox()).resize((12, 12)), float).ravel()


def waves(pattern):
    """Of a pattern: whether few waves make it, how fine they are, and how much is bright."""
    power = np.abs(np.fft.fft2(pattern - pattern.mean())) ** 2
    power /= power.sum()
    fineness = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    return *np.sort(power.ravel())[[-1, -3, -5, -9]], (power * fineness).sum(), pattern.mean()


def hue(pixels):
    """The hue of what isn't grey, as a point on the circle."""
    apart = (pixels - pixels.mean(-1, keepdims=True)).mean((0, 1))
    turn = 2 * np.pi * colorsys.rgb_to_hsv(*(128 + 100 * apart).clip(0, 255))[0]
    return np.cos(turn), np.sin(turn)


@pytest.mark.parametrize(
    ("name", "draw", "measure"),
    [
        ("texture", alone(texture_pattern), waves),
        ("shape", alone(shape_mask), outline),
        ("glyph", alone(glyph_mask), letter),
        ("colour", pixels_of("colour"), hue),
    ],
)
def test_what_decides_the_class_tells_it(name, draw, measure):
    assert classified(name, draw, measure) > 0.75


@pytest.mark.parametrize(
    ("name", "measure"),
    [("texture", mean_colour), ("shape", mean_colour), ("glyph", mean_colour), ("colour", greys)],
)
def test_the_rest_tells_next_to_nothing(name, measure):
    chance = 1 / len(SETS[name].classes)
    assert classified(name, pixels_of(name), measure) < chance + 0.1


def test_a_set_is_drawn_as_said_and_the_same_every_time(tmp_path):
    folder = draw_set("few_images", tmp_path)
    made = SETS["few_images"]
    for part, counts in (("train", made.train), ("validation", made.validation)):
        found = [len(list((folder / part / name).glob("*.png"))) for name in made.classes]
        assert found == list(counts)
    kept = np.asarray(Image.open(folder / "train" / "circle" / "0003.png"))
    assert kept.tobytes() == picture("few_images", 0, 3).tobytes()
    drawn = {picture("few_images", 0, seed).tobytes() for seed in [*range(5), 10**6]}
    assert len(drawn) == 6


def test_sets_differ_in_what_their_names_say():
    few, balanced, skewed = (SETS[name] for name in ("few_images", "shape", "imbalance"))
    assert few.draw is balanced.draw
    assert max(few.train) <= min(balanced.train) / 5
    assert skewed.draw is SETS["texture"].draw
    assert max(skewed.train) >= 10 * min(skewed.train)
    assert len(set(skewed.validation)) == 1
