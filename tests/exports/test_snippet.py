"""The usage example prepares images as training does."""

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageOps

from cnnlab.datasets.pictures.decode import open_image, to_square
from cnnlab.domain.config.run_config import Image
from cnnlab.domain.value_range import ValueRange
from cnnlab.exports.snippet import usage_snippet
from tests.datasets.deep_pictures import COLORS, colors_png


def snippet(image, value_range=None):
    return usage_snippet(
        file="model.x",
        load="def load(path): return path",
        packages=["x"],
        class_names=('plain "quoted"', "nl\n<b>", "{Ünïcode} 🐟"),
        image=image,
        value_range=value_range,
    )


@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("color", ["rgb", "grayscale"])
def test_it_compiles_for_every_rule(resize, color):
    compile(snippet(Image(size=16, resize=resize, color=color)), "predict.py", "exec")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK", "I;16"])
def test_it_prepares_images_as_training_does(mode, tmp_path):
    ramp = np.linspace(0, 65535, 40 * 30).reshape(40, 30).astype(np.uint16)
    picture = Picture.fromarray(ramp) if mode == "I;16" else _half_transparent().convert(mode)
    path = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
    picture.save(path)
    expected = to_square(open_image(path), 16, "rgb", "crop")
    difference = np.abs(_seen_by_predict(snippet(Image(size=16)), path) - expected)
    assert difference.mean() < 2


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (np.uint16, (0.0, 4095.0)),
        (">u2", (0.0, 16383.0)),
        (np.int32, (-1024.0, 3071.0)),
        (np.float32, (0.0, 1.0)),
        (np.float32, (-1.0, 1.0)),
    ],
)
def test_more_than_8_bits_are_read_with_the_range_of_the_dataset(kind, ends, tmp_path):
    value_range = ValueRange(*ends)
    low, high = ends
    values = np.linspace(low, high + 0.1 * (high - low), 40 * 30).reshape(40, 30).astype(kind)
    if values.dtype.kind == "f":
        values[0, :3] = np.nan, np.inf, -np.inf
    path = tmp_path / "image.tif"
    Picture.fromarray(values).save(path)
    image = Image(size=16, color="grayscale")
    seen = _seen_by_predict(snippet(image, value_range), path)
    expected = to_square(open_image(path, value_range=value_range), 16, "grayscale", "crop")
    assert expected.min() < 60
    assert expected.max() > 200
    assert np.abs(seen - expected).mean() < 1


@pytest.mark.parametrize("name", COLORS)
def test_colours_of_16_bits_are_read_with_the_range_of_the_dataset(name, tmp_path):
    values = np.linspace(0, 4095, 40 * 30 * 3).reshape(40, 30, 3).astype(np.uint16)
    path = tmp_path / "image"
    path.write_bytes(COLORS[name](values))
    value_range = ValueRange(0.0, 4095.0)
    seen = _seen_by_predict(snippet(Image(size=16), value_range), path)
    expected = to_square(open_image(path, value_range=value_range), 16, "rgb", "crop")
    assert expected.max() > 200
    assert np.abs(seen - expected).mean() < 1


def test_16_bits_of_grey_with_transparency_are_read_with_the_range_of_the_dataset(tmp_path):
    values = np.linspace(0, 4095, 40 * 30).reshape(40, 30)
    alpha = np.linspace(0, 65535, 30 * 40).reshape(30, 40).T
    path = tmp_path / "image.png"
    path.write_bytes(colors_png(np.dstack([values, alpha]).astype(np.uint16)))
    value_range = ValueRange(0.0, 4095.0)
    seen = _seen_by_predict(snippet(Image(size=16), value_range), path)
    expected = to_square(open_image(path, value_range=value_range), 16, "rgb", "crop")
    assert np.ptp(expected) > 100
    assert np.abs(seen - expected).mean() < 1


def _seen_by_predict(script, path):
    """What the script gives the model, without loading one."""
    body = script[script.index("image = Image.open") : script.index("probabilities =")]
    names = {"Image": Picture, "ImageOps": ImageOps, "np": np, "sys": _Arguments(path)}
    exec(body, names)
    return names["pixels"][0].astype(int)


class _Arguments:
    def __init__(self, path):
        self.argv = ["predict.py", str(path)]


def _half_transparent():
    pixels = np.random.default_rng(0).integers(0, 255, (4, 3, 4), dtype=np.uint8)
    return Picture.fromarray(pixels).resize((30, 40))
