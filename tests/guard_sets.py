"""Sets of small pictures for which it is known what each augmentation makes of each class.

What is true of a set is written down here, before anything is measured (`CHECKS`): a pair of
classes that an augmentation makes alike, or classes whose object it takes away. Every other
augmentation of a set is harmless, and whoever warns of it raises a false alarm.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests import made_sets

SIDE_PX = made_sets.SIDE_PX
LOST = ""
"""In the place of a class: taken for anything, since nothing is left to see."""


@dataclass(frozen=True)
class GuardSet:
    """How a set is drawn.

    Attributes:
        classes: their names.
        draw: from a generator and a class to grey levels (64, 64, 3).
        each: pictures of each class.
        noise: standard deviation of what is added to every value, in grey levels.
    """

    classes: Sequence[str]
    draw: Callable[[np.random.Generator, int], np.ndarray]
    each: int = 50
    noise: float = 10

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """All pictures (N, 64, 64, 3) uint8 and their labels (N,) int; the same at every call."""
        labels = np.repeat(np.arange(len(self.classes)), self.each)
        drawn = []
        for number, label in enumerate(labels):
            random = np.random.default_rng([number, 77])
            values = self.draw(random, int(label))
            noisy = values + random.normal(0, self.noise, values.shape)
            drawn.append(np.clip(noisy, 0, 255).astype(np.uint8))
        return np.stack(drawn), labels


def _inked(random: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """A dark figure on a bright ground, tinted both."""
    ground, ink = random.uniform(165, 235, 3), random.uniform(10, 90, 3)
    return ground + (ink - ground) * mask[..., None]


def _turned(
    random: np.random.Generator, paint: Callable[[ImageDraw.ImageDraw], None], turn: float = 0
) -> np.ndarray:
    """A mask painted on 64 x 64, turned, then leaning, shifted and scaled a little."""
    image = Image.new("L", (SIDE_PX, SIDE_PX))
    paint(ImageDraw.Draw(image))
    lean, scale = random.uniform(-8, 8), random.uniform(0.75, 1.05)
    moved = tuple(random.uniform(-5, 5, 2))
    image = image.rotate(turn + lean, Image.Resampling.BICUBIC, translate=moved)
    side = SIDE_PX / scale
    corner = (SIDE_PX - side) / 2
    box = (corner, corner, corner + side, corner + side)
    image = image.transform((SIDE_PX,) * 2, Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    return np.asarray(image, float) / 255


def _arrow(random: np.random.Generator, turn: float) -> np.ndarray:
    thick, head = random.uniform(2, 5), random.uniform(10, 16)

    def paint(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((10, 32 - thick, 54 - head, 32 + thick), fill=255)
        draw.polygon([(54, 32), (54 - head, 32 - head), (54 - head, 32 + head)], fill=255)

    return _inked(random, _turned(random, paint, turn))


def _left_right(random: np.random.Generator, label: int) -> np.ndarray:
    return _arrow(random, (180, 0)[label])


def _four_ways(random: np.random.Generator, label: int) -> np.ndarray:
    return _arrow(random, (180, 0, 90, 270)[label])


def _letter(random: np.random.Generator, label: int) -> np.ndarray:
    """b d p q: a ring beside a stem."""
    thick = int(random.integers(3, 6))
    right, low = label in (0, 2), label in (0, 1)
    stem = 20 if right else 44
    top, bottom = (8, 47) if low else (17, 56)
    middle = 37 if low else 27

    def paint(draw: ImageDraw.ImageDraw) -> None:
        draw.rectangle((stem - thick / 2, top, stem + thick / 2, bottom), fill=255)
        across = (18, 42) if right else (22, 46)
        draw.ellipse((across[0], middle - 11, across[1], middle + 11), outline=255, width=thick)

    return _inked(random, _turned(random, paint))


def _digit(random: np.random.Generator, label: int) -> np.ndarray:
    font = ImageFont.load_default(size=random.uniform(40, 52))

    def paint(draw: ImageDraw.ImageDraw) -> None:
        draw.text((32, 32), "34679"[label], fill=255, font=font, anchor="mm")

    return _inked(random, _turned(random, paint))


def _level(random: np.random.Generator, label: int) -> np.ndarray:
    """A patch on mid grey whose brightness is the class."""
    mask = made_sets.shape_mask(random, int(random.integers(len(made_sets.SHAPES))))
    level = (30, 95, 160, 225)[label] + random.uniform(-12, 12)
    return np.full((SIDE_PX, SIDE_PX, 3), 128.0) + (level - 128) * mask[..., None]


def _at_the_border(random: np.random.Generator, label: int) -> np.ndarray:
    """A small sign close to one of the corners; elsewhere soft clouds."""
    x, y = (random.choice([8, SIDE_PX - 8]) + random.uniform(-2, 2) for _ in range(2))
    image = Image.new("L", (SIDE_PX, SIDE_PX))
    draw, box = ImageDraw.Draw(image), (x - 6, y - 6, x + 6, y + 6)
    match label:
        case 0:
            draw.ellipse(box, fill=255)
        case 1:
            draw.line((x - 6, y - 6, x + 6, y + 6), fill=255, width=4)
            draw.line((x - 6, y + 6, x + 6, y - 6), fill=255, width=4)
        case _:
            draw.rectangle(box, outline=255, width=3)
    return _inked(random, np.asarray(image, float) / 255)


def _size(random: np.random.Generator, label: int) -> np.ndarray:
    """A disc whose size is the class."""
    radius = (7, 13, 24)[label] * random.uniform(0.93, 1.07)
    x, y = random.uniform(26, 38, 2)
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    return _inked(random, np.clip(radius - np.hypot(rows - y, columns - x), 0, 1))


def _side(random: np.random.Generator, label: int) -> np.ndarray:
    """A figure whose place, left or right, is the class."""
    mask = made_sets.shape_mask(random, int(random.integers(3)))
    down, across = (np.nonzero(mask.max(axis=axis))[0].mean() for axis in (1, 0))
    wanted = (16, 48)[label] + random.uniform(-4, 4)
    moved = np.roll(mask, (round(32 - down), round(wanted - across)), (0, 1))
    return _inked(random, moved)


def _stripes(random: np.random.Generator, label: int) -> np.ndarray:
    """Level, upright, or either way slanting stripes."""
    angle = math.radians((90, 0, 45, 135)[label] + random.uniform(-8, 8))
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    step = 2 * math.pi / random.uniform(9, 16)
    waves = np.sin(
        step * (columns * math.cos(angle) + rows * math.sin(angle)) + random.uniform(0, 6)
    )
    return _inked(random, 0.5 + 0.5 * waves)


def _polarity(random: np.random.Generator, label: int) -> np.ndarray:
    """A figure that is darker or brighter than its ground."""
    mask = made_sets.shape_mask(random, int(random.integers(len(made_sets.SHAPES))))
    low, high = random.uniform(20, 80, 3), random.uniform(175, 235, 3)
    ground, ink = (high, low) if label == 0 else (low, high)
    return ground + (ink - ground) * mask[..., None]


def _made(name: str, each: int = 50) -> GuardSet:
    made = made_sets.SETS[name]
    return GuardSet(made.classes, made.draw, each, min(made.noise, 20))


SETS = {
    "left_right": GuardSet(("left", "right"), _left_right),
    "four_ways": GuardSet(("left", "right", "up", "down"), _four_ways),
    "letters": GuardSet(tuple("bdpq"), _letter),
    "digits": GuardSet(tuple("34679"), _digit),
    "levels": GuardSet(("black", "dark", "bright", "white"), _level),
    "border": GuardSet(("disc", "cross", "frame"), _at_the_border, 60),
    "size": GuardSet(("small", "middle", "large"), _size),
    "side": GuardSet(("left", "right"), _side),
    "stripes": GuardSet(("level", "upright", "falling", "rising"), _stripes),
    "polarity": GuardSet(("dark", "bright"), _polarity),
    "colour": _made("colour"),
    "texture": _made("texture"),
    "shape": _made("shape"),
    "glyph": _made("glyph"),
}

Pairs = frozenset[frozenset[str]]
NOTHING: Pairs = frozenset()
ANY: Pairs = frozenset({frozenset({"*"})})
"""Every pair, and every class as lost: whatever is named is true."""


def _pairs(*names: str) -> Pairs:
    """From `a-b` each."""
    return frozenset(frozenset(name.split("-")) for name in names)


@dataclass(frozen=True)
class Check:
    """One augmentation of one set, and what is true of it.

    Attributes:
        field: within `augmentation`.
        value: its strength or choice.
        true: pairs of classes that it makes alike; `ANY` where all that may be named is true.
    """

    field: str
    value: float | str
    true: Pairs = NOTHING


_COLOURS_OFF = (
    Check("hue_fraction", 1.0),
    Check("grayscale_fraction", 0.5),
    Check("saturation_fraction", 0.5),
    Check("hue_fraction", 0.05),
)
_MILD = (
    Check("rotation_degrees", 8),
    Check("zoom_fraction", 0.12),
    Check("shift_fraction", 0.08),
    Check("brightness_fraction", 0.15),
    Check("contrast_fraction", 0.2),
    Check("erasing_fraction", 0.1),
    Check("noise_stddev", 10),
)
_LR = _pairs("left-right")

CHECKS: dict[str, tuple[Check, ...]] = {
    "left_right": (
        Check("flip", "horizontal", _LR),
        Check("flip", "both", _LR),
        Check("rotation_degrees", 180, _LR),
        Check("flip", "vertical"),
        Check("rotation_degrees", 45),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "four_ways": (
        Check("flip", "horizontal", _LR),
        Check("flip", "vertical", _pairs("up-down")),
        Check("flip", "both", _pairs("left-right", "up-down")),
        Check("rotation_degrees", 180, ANY),
        Check("rotation_degrees", 100, ANY),
        Check("rotation_degrees", 20),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "letters": (
        Check("flip", "horizontal", _pairs("b-d", "p-q")),
        Check("flip", "vertical", _pairs("b-p", "d-q")),
        Check("flip", "both", ANY),
        Check("rotation_degrees", 180, _pairs("b-q", "d-p")),
        Check("rotation_degrees", 20),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "digits": (
        Check("flip", "both", _pairs("6-9")),
        Check("rotation_degrees", 180, _pairs("6-9")),
        Check("flip", "horizontal"),
        Check("rotation_degrees", 30),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "levels": (
        Check("brightness_fraction", 0.6, ANY),
        Check("invert_fraction", 0.5, ANY),
        Check("flip", "both"),
        Check("rotation_degrees", 180),
        Check("brightness_fraction", 0.03),
        *_COLOURS_OFF,
        *(
            check
            for check in _MILD
            if check.field not in ("brightness_fraction", "contrast_fraction")
        ),
    ),
    "border": (
        Check("shift_fraction", 0.5, ANY),
        Check("zoom_fraction", 0.7, ANY),
        Check("crop_fraction", 0.7, ANY),
        Check("flip", "both"),
        *_COLOURS_OFF,
        Check("shift_fraction", 0.05),
        Check("brightness_fraction", 0.15),
        Check("noise_stddev", 10),
    ),
    "size": (
        Check("zoom_fraction", 0.6, _pairs("small-middle", "middle-large")),
        Check("crop_fraction", 0.6, _pairs("small-middle", "middle-large")),
        Check("flip", "both"),
        Check("rotation_degrees", 180),
        Check("zoom_fraction", 0.1),
        *_COLOURS_OFF,
        *(check for check in _MILD if check.field != "zoom_fraction"),
    ),
    "side": (
        Check("flip", "horizontal", _LR),
        Check("shift_fraction", 0.5, ANY),
        Check("rotation_degrees", 180, _LR),
        Check("flip", "vertical"),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "stripes": (
        Check("rotation_degrees", 90, ANY),
        Check("flip", "horizontal", _pairs("falling-rising")),
        Check("flip", "vertical", _pairs("falling-rising")),
        Check("rotation_degrees", 8),
        *_COLOURS_OFF,
        *(check for check in _MILD if check.field != "rotation_degrees"),
    ),
    "polarity": (
        Check("invert_fraction", 0.5, _pairs("dark-bright")),
        Check("flip", "both"),
        Check("rotation_degrees", 180),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "colour": (
        Check("hue_fraction", 1.0, ANY),
        Check("hue_fraction", 0.4, ANY),
        Check("grayscale_fraction", 0.5, ANY),
        Check("grayscale_fraction", 1.0, ANY),
        Check("flip", "both"),
        Check("rotation_degrees", 180),
        Check("hue_fraction", 0.03),
        Check("saturation_fraction", 0.3),
        *_MILD,
    ),
    "texture": (Check("flip", "both"), Check("rotation_degrees", 180), *_COLOURS_OFF, *_MILD),
    "shape": (Check("flip", "both"), Check("rotation_degrees", 180), *_COLOURS_OFF, *_MILD),
    "glyph": (Check("flip", "both"), Check("rotation_degrees", 180), *_COLOURS_OFF, *_MILD),
}
"""What is asked of each set. Left out is what could be called either way, such as a six that is
turned upside down in the mirror."""

SHARED: dict[str, tuple[Check, ...]] = {
    # Every hand shows its palm with the thumb at the right. Six and nine hold the thumb against
    # the smallest finger and the first one: one is the other in the mirror, but for the thumb;
    # so are seven (ring finger) and eight (middle finger). Nothing else is.
    "sign_digits_96": (
        Check("flip", "horizontal", _pairs("6-9", "7-8")),
        Check("flip", "both", _pairs("6-9", "7-8")),
        Check("flip", "vertical"),
        Check("rotation_degrees", 180),
        Check("rotation_degrees", 30),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "clothing10_mini": (
        Check("flip", "horizontal"),
        Check("flip", "both"),
        Check("rotation_degrees", 180),
        *_COLOURS_OFF,
        *_MILD,
    ),
    "six_signs": (
        Check("flip", "horizontal"),
        Check("flip", "both"),
        Check("rotation_degrees", 180),
        *_COLOURS_OFF,
        *_MILD,
    ),
}
