"""The usage example prepares images as training does."""

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageOps

from cnnlab.datasets.pictures.decode import open_image, to_square
from cnnlab.domain.config.run_config import Image
from cnnlab.exports.snippet import usage_snippet


def snippet(image):
    return usage_snippet(
        file="model.x",
        load="def load(path): return path",
        packages=["x"],
        class_names=('plain "quoted"', "nl\n<b>", "{Ünïcode} 🐟"),
        image=image,
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
    script = snippet(Image(size=16))
    body = script[script.index("image = ImageOps") : script.index("probabilities =")]
    names = {"Image": Picture, "ImageOps": ImageOps, "np": np, "sys": _Arguments(path)}
    exec(body, names)
    expected = to_square(open_image(path), 16, "rgb", "crop")
    difference = np.abs(names["pixels"][0].astype(int) - expected.astype(int))
    assert difference.mean() < 2


class _Arguments:
    def __init__(self, path):
        self.argv = ["predict.py", str(path)]


def _half_transparent():
    pixels = np.random.default_rng(0).integers(0, 255, (4, 3, 4), dtype=np.uint8)
    return Picture.fromarray(pixels).resize((30, 40))
