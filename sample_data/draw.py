"""Draws the bundled sample, six_signs.zip: six signs in dark ink on tinted paper.

    python sample_data/draw.py

Small on purpose, and varied in just the ways that augmentation can imitate, so that every
regularizer shows its effect within seconds. Made by this script, free for any use (CC0).
"""

import io
import math
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw

SIDE_PX = 40
IMAGES = {"train": 20, "validation": 60}
SEED = 7
_OVERSAMPLING = 6
_NOISE_STDDEV = 14
_PAPERS = ((250, 244, 228), (232, 240, 248), (240, 248, 232), (250, 234, 234), (243, 238, 250))

Point = tuple[float, float]


class Stroke(NamedTuple):
    """A line through points in -1..1, y down. Minor ones are left out now and then."""

    points: list[Point]
    is_minor: bool = False


def arc(center: Point, radii: Point, start: float, end: float) -> list[Point]:
    """Points on an ellipse from `start` to `end` degrees, clockwise from the right."""
    steps = max(4, int(abs(end - start) / 15))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [
        (center[0] + radii[0] * math.cos(a), center[1] + radii[1] * math.sin(a)) for a in angles
    ]


SIGNS = {
    "anchor": [
        Stroke(arc((0, -0.75), (0.2, 0.2), 0, 360)),
        Stroke([(0, -0.55), (0, 0.9)]),
        Stroke(arc((0, 0.15), (0.8, 0.75), 10, 170)),
        Stroke([(-0.42, -0.25), (0.42, -0.25)]),
        Stroke([(-0.98, 0.5), (-0.8, 0.2), (-0.52, 0.4)], is_minor=True),
        Stroke([(0.98, 0.5), (0.8, 0.2), (0.52, 0.4)], is_minor=True),
    ],
    "fish": [
        Stroke(arc((-0.2, 0.35), (0.85, 0.8), 215, 322)),
        Stroke(arc((-0.2, -0.35), (0.85, 0.8), 145, 38)),
        Stroke([(0.46, -0.14), (0.98, -0.5), (0.82, 0), (0.98, 0.5), (0.46, 0.14)]),
        Stroke(arc((-0.58, -0.1), (0.07, 0.07), 0, 360)),
        Stroke(arc((-0.5, 0), (0.25, 0.35), -50, 50), is_minor=True),
        Stroke([(-0.15, -0.46), (0.08, -0.72), (0.2, -0.34)], is_minor=True),
    ],
    "house": [
        Stroke([(-0.95, -0.1), (0, -0.9), (0.95, -0.1)]),
        Stroke([(-0.7, -0.3), (-0.7, 0.85), (0.7, 0.85), (0.7, -0.3)]),
        Stroke([(-0.15, 0.85), (-0.15, 0.3), (0.2, 0.3), (0.2, 0.85)]),
        Stroke([(0.45, -0.55), (0.45, -0.9), (0.65, -0.9), (0.65, -0.36)], is_minor=True),
        Stroke(
            [(-0.5, 0.02), (-0.28, 0.02), (-0.28, 0.25), (-0.5, 0.25), (-0.5, 0.02)], is_minor=True
        ),
    ],
    "key": [
        Stroke(arc((-0.58, 0), (0.37, 0.37), 0, 360)),
        Stroke([(-0.21, 0), (0.95, 0)]),
        Stroke([(0.92, 0), (0.92, 0.38)]),
        Stroke([(0.62, 0), (0.62, 0.3)]),
        Stroke(arc((-0.68, 0), (0.1, 0.1), 0, 360), is_minor=True),
    ],
    "leaf": [
        Stroke(arc((0.45, 0.0), (1.0, 0.95), 250, 110)),
        Stroke(arc((-0.45, 0.0), (1.0, 0.95), -70, 70)),
        Stroke([(0, -0.55), (0, 1.0)]),
        Stroke([(0, 0.25), (0.34, -0.08)], is_minor=True),
        Stroke([(0, 0.25), (-0.34, -0.08)], is_minor=True),
        Stroke([(0, 0.55), (0.32, 0.28)], is_minor=True),
        Stroke([(0, 0.55), (-0.32, 0.28)], is_minor=True),
    ],
    "umbrella": [
        Stroke(arc((0, 0), (0.9, 0.8), 180, 360)),
        Stroke(arc((-0.6, 0), (0.3, 0.16), 180, 360)),
        Stroke(arc((0, 0), (0.3, 0.16), 180, 360)),
        Stroke(arc((0.6, 0), (0.3, 0.16), 180, 360)),
        Stroke([(0, -0.15), (0, 0.75), *arc((0.17, 0.75), (0.17, 0.2), 180, 0)]),
        Stroke([(0, -0.8), (0, -1.0)], is_minor=True),
    ],
}


def draw_sign(strokes: list[Stroke], rng: random.Random) -> Image.Image:
    """Draw one sign the way a hand would: never twice the same.

    Returns:
        An RGB image of `SIDE_PX` a side.
    """
    side = SIDE_PX * _OVERSAMPLING
    paper = tuple(channel - rng.randint(0, 24) for channel in rng.choice(_PAPERS))
    ink = tuple(rng.randint(15, 85) for _ in range(3))
    image = Image.new("RGB", (side, side), paper)
    draw = ImageDraw.Draw(image)
    place = _random_place(rng, side)
    width = round(side * rng.uniform(0.03, 0.065))
    kept = [stroke for stroke in strokes if not stroke.is_minor or rng.random() < 0.6]
    for stroke in kept:
        jittered = [(x + rng.gauss(0, 0.045), y + rng.gauss(0, 0.045)) for x, y in stroke.points]
        _draw_line(draw, [place(point) for point in jittered], ink, width)
    for _ in range(rng.randint(0, 2)):
        _draw_line(draw, _scribble(rng, side), ink, width)
    image = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    return ImageChops.add(image, _noise(rng), scale=1, offset=-128)


def _random_place(rng: random.Random, side: int) -> Callable[[Point], Point]:
    """A random shift, rotation, scale, aspect, shear and mirror of -1..1 onto the image."""
    angle = math.radians(rng.gauss(0, 12))
    scale = side / 2 * rng.uniform(0.55, 0.85)
    wide, slant = rng.uniform(0.8, 1.25), rng.gauss(0, 0.2)
    mirror = rng.choice((-1, 1))
    shift_x, shift_y = (side * (0.5 + rng.uniform(-0.14, 0.14)) for _ in range(2))

    def place(point: Point) -> Point:
        x, y = point[0] * mirror * wide + point[1] * slant, point[1] / wide
        return (
            shift_x + scale * (x * math.cos(angle) - y * math.sin(angle)),
            shift_y + scale * (x * math.sin(angle) + y * math.cos(angle)),
        )

    return place


def _draw_line(
    draw: ImageDraw.ImageDraw, points: list[Point], ink: tuple[int, ...], width: int
) -> None:
    draw.line(points, fill=ink, width=width, joint="curve")
    for x, y in (points[0], points[-1]):  # round ends
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=ink)


def _scribble(rng: random.Random, side: int) -> list[Point]:
    """A short wavy line anywhere."""
    x, y, angle = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0, 2 * math.pi)
    points = [(x, y)]
    for _ in range(rng.randint(4, 9)):
        angle += rng.gauss(0, 0.7)
        x, y = x + side * 0.06 * math.cos(angle), y + side * 0.06 * math.sin(angle)
        points.append((x, y))
    return points


def _noise(rng: random.Random) -> Image.Image:
    """Noise about 128, each value drawn from a short list of normal ones, which is fast."""
    values = [min(255, max(0, round(rng.gauss(128, _NOISE_STDDEV)))) for _ in range(256)]
    return Image.frombytes("RGB", (SIDE_PX, SIDE_PX), bytes(rng.choices(values, k=3 * SIDE_PX**2)))


def draw_zip(path: Path) -> None:
    """Draw all images into a zip: `train/<sign>/<number>.jpg`, `validation/<sign>/...`."""
    rng = random.Random(SEED)
    with zipfile.ZipFile(path, "w") as archive:
        for split, count in IMAGES.items():
            for sign, strokes in SIGNS.items():
                for number in range(1, count + 1):
                    encoded = io.BytesIO()
                    draw_sign(strokes, rng).save(encoded, "JPEG", quality=90)
                    # A ZipInfo has a fixed date, so that the same drawing is the same file.
                    name = zipfile.ZipInfo(f"{split}/{sign}/{sign}-{number:02}.jpg")
                    archive.writestr(name, encoded.getvalue())


if __name__ == "__main__":
    target = Path(__file__).with_name("six_signs.zip")
    draw_zip(target)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB")
