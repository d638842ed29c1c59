"""What is known of how images look, taken from an imported dataset and its prepared images."""

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.judging.slices.traits import NO_TINT, TINTS
from cnnlab.storage.home import open_home
from cnnlab.worker.judging.traits import traits_of

COLOURS = {
    "reddish": (200, 60, 70), "yellowish": (200, 190, 40), "greenish": (40, 180, 60),
    "bluish": (40, 60, 200), "purplish": (190, 40, 190),
}  # fmt: skip


@pytest.fixture
def index(home, tmp_path):
    """Noise in grey of two sizes, the dark half of it twice, as two classes."""
    generator = np.random.default_rng(0)
    folder = tmp_path / "looks"
    for name, side, top in (("a", 20, 90), ("b", 30, 250)):
        (folder / name).mkdir(parents=True)
        for number in range(6):
            noise = generator.integers(0, top, (side, side + 4), dtype=np.uint8)
            Image.fromarray(noise).save(folder / name / f"{number}.png")
            if name == "a":
                Image.fromarray(noise).save(folder / name / f"{number}-again.png", optimize=True)
    return ImageIndex(open_home(home).dataset(lab.import_dataset(folder, name="Looks").id))


def test_looks_sizes_and_copies_are_those_of_the_import(index):
    prepared = np.zeros((18, 8, 8, 1), np.uint8)
    positions = np.arange(18)[::-1]
    traits = traits_of(index, prepared, positions)
    small = index.labels[positions] == 0
    assert (traits.size == np.where(small, 20, 30)).all()
    assert traits.brightness[small].max() < 60 < 100 < traits.brightness[~small].min()
    assert traits.sharpness[small].max() < traits.sharpness[~small].min()
    assert ((traits.copies >= 0) == small).all()
    assert np.unique(traits.copies[small], return_counts=True)[1].tolist() == [2] * 6
    assert traits.colourfulness is None and traits.tint is None


def test_tints_and_colourfulness_of_made_colours(index):
    grey = np.full((40, 40, 3), 128, np.uint8)
    pictures = [grey] + [np.full_like(grey, colour) for colour in COLOURS.values()]
    order = np.array([3, 0, 5, 1, 4, 2])
    traits = traits_of(index, np.stack(pictures), order)
    names = ["", *COLOURS]
    expected = [TINTS.index(names[row]) if row else NO_TINT for row in order]
    assert traits.tint.tolist() == expected
    assert set(COLOURS) == set(TINTS)
    assert traits.colourfulness[1] == 0 < np.delete(traits.colourfulness, 1).min()


def test_colourfulness_is_that_of_the_paper(index):
    """Of Hasler and Suesstrunk 2003, written out."""
    image = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    found = traits_of(index, image[None], np.array([0])).colourfulness[0]
    red, green, blue = image.astype(float).transpose(2, 0, 1)
    rg, yb = red - green, (red + green) / 2 - blue
    expected = np.sqrt(rg.var() + yb.var()) + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2)
    assert found == pytest.approx(expected, rel=1e-4)
