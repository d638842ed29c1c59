"""Sets of small pictures, each with one thing that decides the class: folders that are imported.

Everything that doesn't decide is drawn at random, so that a network can't learn by it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE_PX = 64
TEXTURES = ("stripes", "checks", "dots", "rings", "clouds", "grain")
SHAPES = ("circle", "square", "triangle", "cross", "ring", "crescent")
COLOURS = ("red", "yellow", "green", "cyan", "blue", "magenta")
GLYPHS = tuple("AEHKMRSX")

Draw = Callable[[np.random.Generator, int], np.ndarray]
"""From a class to grey levels (64, 64, 3), not yet rounded."""


@dataclass(frozen=True)
class MadeSet:
    """How a set is drawn.

    Attributes:
        decides: one sentence: what the class of a picture depends on.
        classes: their names.
        draw: one picture of a class.
        train: pictures of each class.
        validation: the same; both parts are folders of their own.
        noise: standard deviation of what is added to every value, in grey levels.
    """

    decides: str
    classes: Sequence[str]
    draw: Draw
    train: Sequence[int]
    validation: Sequence[int]
    noise: float


def texture(random: np.random.Generator, label: int) -> np.ndarray:
    """A pattern between two colours that fills the picture, of any angle and width."""
    pattern = texture_pattern(random, label)[..., None]
    ground, ink = random.permutation(_two_colours(random))
    return ground + (ink - ground) * pattern


def texture_pattern(random: np.random.Generator, label: int) -> np.ndarray:
    """The pattern alone, (64, 64), 0 to 1."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX].astype(float)
    angle = random.uniform(0, math.pi)
    step = 2 * math.pi / random.uniform(6, 14)
    along = step * (rows * math.sin(angle) + columns * math.cos(angle))
    across = step * (columns * math.sin(angle) - rows * math.cos(angle))
    shift, other = random.uniform(0, 2 * math.pi, 2)
    match TEXTURES[label]:
        case "stripes":
            waves = np.sin(along + shift)
        case "checks":
            waves = np.sin(along + shift) * np.sin(across + other)
        case "dots":
            waves = np.sin(along + shift) + np.sin(across + other) - 0.8
        case "rings":
            y, x = random.uniform(0, SIDE_PX, 2)
            waves = np.sin(step * np.hypot(rows - y, columns - x))
        case "clouds":
            waves = 2 * _soft_noise(random, cells=8) - 1
        case _:
            waves = 2 * _soft_noise(random, cells=24) - 1
    return np.clip(0.5 + waves, 0, 1)


def shape(random: np.random.Generator, label: int) -> np.ndarray:
    """A figure of any colour, size and place on a clouded ground."""
    return _painted(random, shape_mask(random, label), *_two_colours(random))


def shape_mask(random: np.random.Generator, label: int) -> np.ndarray:
    """The figure alone, (64, 64), 1 where it is."""
    radius = random.uniform(12, 22)
    x, y = random.uniform(radius + 1, SIDE_PX - radius - 1, 2)
    third, turn = radius / 3, random.uniform(0, 360)
    image = Image.new("L", (SIDE_PX, SIDE_PX))
    draw, box = ImageDraw.Draw(image), (x - radius, y - radius, x + radius, y + radius)
    match SHAPES[label]:
        case "circle":
            draw.ellipse(box, fill=255)
        case "square":
            draw.regular_polygon((x, y, radius), 4, rotation=turn, fill=255)
        case "triangle":
            draw.regular_polygon((x, y, radius), 3, rotation=turn, fill=255)
        case "cross":
            draw.rectangle((x - radius, y - third, x + radius, y + third), fill=255)
            draw.rectangle((x - third, y - radius, x + third, y + radius), fill=255)
            image = image.rotate(turn, center=(x, y))
        case "ring":
            draw.ellipse(box, fill=255)
            draw.ellipse((x - third * 2, y - third * 2, x + third * 2, y + third * 2), fill=0)
        case _:
            draw.ellipse(box, fill=255)
            draw.ellipse((x - third, y - radius, x + radius * 5 / 3, y + radius), fill=0)
            image = image.rotate(turn, center=(x, y))
    return np.asarray(image, float) / 255


def colour(random: np.random.Generator, label: int) -> np.ndarray:
    """A figure of any shape and brightness on a grey ground; its hue is the class."""
    turn = (label + random.uniform(-0.4, 0.4)) / len(COLOURS)
    waves = np.cos(2 * math.pi * (turn - np.arange(3) / 3))
    ink = random.uniform(80, 170) + random.uniform(15, 60) * waves
    mask = shape_mask(random, random.integers(len(SHAPES)))
    return _painted(random, mask, np.full(3, random.uniform(60, 190)), ink)


def glyph(random: np.random.Generator, label: int) -> np.ndarray:
    """A letter of any colour, size and place, leaning a little, on a clouded ground."""
    return _painted(random, glyph_mask(random, label), *_two_colours(random))


def glyph_mask(random: np.random.Generator, label: int) -> np.ndarray:
    """The letter alone, (64, 64), 1 where it is."""
    font = ImageFont.load_default(size=random.uniform(32, 52))
    x, y = random.uniform(22, SIDE_PX - 22, 2)
    image = Image.new("L", (SIDE_PX, SIDE_PX))
    ImageDraw.Draw(image).text((x, y), GLYPHS[label], fill=255, font=font, anchor="mm")
    return np.asarray(image.rotate(random.uniform(-20, 20), center=(x, y)), float) / 255


def _painted(
    random: np.random.Generator, mask: np.ndarray, ground: np.ndarray, ink: np.ndarray
) -> np.ndarray:
    """The ink where the mask is, else the ground with clouds of one brightness on it."""
    clouds = 30 * (_soft_noise(random, cells=6)[..., None] - 0.5)
    return ground + clouds + (ink - ground) * mask[..., None]


def _two_colours(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A dark and a bright random colour."""
    middle, half = random.uniform(90, 165, 3), random.uniform(25, 75, 3)
    return middle - half, middle + half


def _soft_noise(random: np.random.Generator, cells: int) -> np.ndarray:
    """Random values on a grid, drawn large to (64, 64), 0 to 1."""
    coarse = Image.fromarray(random.integers(0, 256, (cells, cells), np.uint8))
    return np.asarray(coarse.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC), float) / 255


SETS = {
    "texture": MadeSet(
        "The pattern that fills the picture decides; colours, angle and width say nothing.",
        TEXTURES, texture, [60] * 6, [40] * 6, noise=40,
    ),
    "shape": MadeSet(
        "The outline of one figure decides; its colour, size, place and angle say nothing.",
        SHAPES, shape, [60] * 6, [40] * 6, noise=10,
    ),
    "colour": MadeSet(
        "The hue of one figure decides; its shape, size, place and brightness say nothing.",
        COLOURS, colour, [60] * 6, [40] * 6, noise=40,
    ),
    "glyph": MadeSet(
        "The letter that is printed decides; its colour, size and place say nothing.",
        GLYPHS, glyph, [45] * 8, [30] * 8, noise=10,
    ),
    "few_images": MadeSet(
        "The outline decides as in `shape`, and there are 12 training images of each class.",
        SHAPES, shape, [12] * 6, [40] * 6, noise=10,
    ),
    "imbalance": MadeSet(
        "The pattern decides as in `texture`, and most training images are of two classes.",
        TEXTURES, texture, [150, 150, 15, 15, 15, 15], [40] * 6, noise=40,
    ),
}  # fmt: skip


def picture(name: str, label: int, seed: int) -> np.ndarray:
    """One picture (64, 64, 3) uint8; the same for the same seed."""
    made, random = SETS[name], np.random.default_rng([seed, label])
    values = made.draw(random, label)
    noisy = values + random.normal(0, made.noise, values.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def draw_set(name: str, folder: Path) -> Path:
    """Draw a set into FOLDER/NAME/PART/CLASS/*.png, which the import takes with both its parts."""
    made, place = SETS[name], folder / name
    for part, counts in (("train", made.train), ("validation", made.validation)):
        for label, count in enumerate(counts):
            inside = place / part / made.classes[label]
            inside.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                seed = number + (10**6 if part == "validation" else 0)
                Image.fromarray(picture(name, label, seed)).save(inside / f"{number:04}.png")
    return place
