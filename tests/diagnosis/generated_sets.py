"""Images of known difficulty, drawn from a seed: folders that are imported as datasets."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE_PX = 32
SHAPES = ("circle", "square", "triangle", "cross", "ring", "bars")
HUES = ("red", "yellow", "green", "blue", "violet")
ANGLES = 8

Draw = Callable[[np.random.Generator, int, float], np.ndarray]
"""From a class and the standard deviation of the noise (grey levels) to pixels (32, 32, 3)."""


def shape(random: np.random.Generator, label: int, noise: float) -> np.ndarray:
    """A filled shape of any colour, size and place on a dull ground."""
    ground, ink = random.integers(40, 110, 3), random.integers(140, 256, 3)
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), tuple(ground.tolist()))
    draw, colour = ImageDraw.Draw(image), tuple(ink.tolist())
    radius = random.uniform(6, 11)
    x, y = random.uniform(radius + 1, SIDE_PX - radius - 1, 2)
    box = (x - radius, y - radius, x + radius, y + radius)
    third = radius / 3
    match SHAPES[label]:
        case "circle":
            draw.ellipse(box, fill=colour)
        case "square":
            draw.rectangle(box, fill=colour)
        case "triangle":
            draw.regular_polygon((x, y, radius), 3, fill=colour)
        case "cross":
            draw.rectangle((x - radius, y - third, x + radius, y + third), fill=colour)
            draw.rectangle((x - third, y - radius, x + third, y + radius), fill=colour)
        case "ring":
            draw.ellipse(box, outline=colour, width=3)
        case _:
            for offset in (-radius, 0, radius):
                draw.rectangle((x - radius, y + offset - 1, x + radius, y + offset + 1), colour)
    return _noisy(random, np.asarray(image, float), noise)


def grating(random: np.random.Generator, label: int, noise: float) -> np.ndarray:
    """Stripes; their angle is the class."""
    angle = math.pi * (label + random.uniform(-0.2, 0.2)) / ANGLES
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    along = rows * math.sin(angle) + columns * math.cos(angle)
    waves = np.sin(along * random.uniform(0.5, 1.1) + random.uniform(0, 2 * math.pi))
    return _noisy(random, 128 + 60 * waves[..., None] * random.uniform(0.5, 1, 3), noise)


def hue(random: np.random.Generator, label: int, noise: float) -> np.ndarray:
    """A field of one colour; its hue is the class."""
    turn = (label + random.uniform(-0.5, 0.5)) / len(HUES)
    waves = np.cos(2 * math.pi * (turn - np.arange(3) / 3))
    colour = random.uniform(80, 170) + random.uniform(8, 60) * waves
    return _noisy(random, np.broadcast_to(colour, (SIDE_PX, SIDE_PX, 3)), noise)


def blank(random: np.random.Generator, label: int, noise: float) -> np.ndarray:
    """Nothing to learn from."""
    return _noisy(random, np.full((SIDE_PX, SIDE_PX, 3), 128.0), noise)


def _noisy(random: np.random.Generator, pixels: np.ndarray, noise: float) -> np.ndarray:
    return np.clip(pixels + random.normal(0, noise, pixels.shape), 0, 255).astype(np.uint8)


def draw_set(
    folder: Path, draw: Draw, counts: Sequence[int], noise: float, seed: int = 1, prefix: str = ""
) -> list[Path]:
    """Draw so many images of each class into `folder`/CLASS; return their files."""
    random = np.random.default_rng(seed)
    files = []
    for label, count in enumerate(counts):
        place = folder / f"class_{label}"
        place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            files.append(place / f"{prefix}{number:04}.png")
            Image.fromarray(draw(random, label, noise)).save(files[-1])
    return files


def easier_validation(folder: Path) -> None:
    """Own splits: half of the training images are blank, the validation images are fine."""
    draw_set(folder / "train", grating, [60] * ANGLES, 30, seed=2)
    draw_set(folder / "train", blank, [60] * ANGLES, 1, seed=4, prefix="blank_")
    draw_set(folder / "validation", grating, [40] * ANGLES, 30, seed=3)


def copied(folder: Path, share: float) -> None:
    """Own splits: so many of the validation images are also among the training images."""
    validation = draw_set(folder / "validation", grating, [40] * ANGLES, 70, seed=3)
    draw_set(folder / "train", grating, [120] * ANGLES, 70, seed=2)
    for number in range(round(share * len(validation))):
        source = validation[(number * 7) % len(validation)]
        target = folder / "train" / source.parent.name / f"copy_{number:04}.png"
        target.write_bytes(source.read_bytes())


GENERATED: dict[str, Callable[[Path], object]] = {
    "shapes": lambda folder: draw_set(folder, shape, [250] * 6, 20),
    "noisy_shapes": lambda folder: draw_set(folder, shape, [250] * 6, 60),
    "gratings": lambda folder: draw_set(folder, grating, [150] * ANGLES, 40),
    "faint_gratings": lambda folder: draw_set(folder, grating, [100] * ANGLES, 110),
    "hues": lambda folder: draw_set(folder, hue, [160] * len(HUES), 30),
    "skewed_gratings": lambda folder: draw_set(
        folder, grating, [600, 40, 35, 30, 30, 30, 30, 30], 90
    ),
    "skewed_shapes": lambda folder: draw_set(folder, shape, [600, 60, 40, 40, 30, 30], 50),
    "easier_validation": easier_validation,
    "copied_little": lambda folder: copied(folder, 1 / 320),
    "copied_half": lambda folder: copied(folder, 0.5),
}
"""What draws each set, by name."""
