"""What lies beside a file for other languages: it prepares images as training does."""

import json
import re
import shutil
import subprocess
from itertools import product

import numpy as np
import pytest
from PIL import Image as Picture

from cnnlab.datasets.pictures.pixels import to_square
from cnnlab.domain.config.run_config import Image
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.exports.about import About
from cnnlab.exports.table import find_model_format

RULES = [
    Image(size=16, color=color, resize=resize)
    for color, resize in product(["rgb", "grayscale"], ["crop", "pad", "stretch"])
]
SIDES = [(37, 23), (16, 16), (5, 31), (1, 9)]

RUN_JS = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const made = given.map(({ pixels, width, height }) => {
  const data = [];
  for (let at = 0; at < pixels.length; at += 3) data.push(...pixels.slice(at, at + 3), 255);
  return Array.from(prepare({ data, width, height }));
});
console.log(JSON.stringify(made));
"""
RUN_CPP = """
#include <iostream>
int main() {
  int width, height, value;
  while (std::cin >> width >> height) {
    std::vector<uint8_t> rgb;
    for (int at = 0; at < 3 * width * height; ++at) { std::cin >> value; rgb.push_back(value); }
    for (int byte : prepare(rgb.data(), width, height)) std::cout << byte << " ";
    std::cout << "\\n";
  }
}
"""


def pictures():
    """Noise, in which every pixel counts."""
    generator = np.random.default_rng(5)
    arrays = [generator.integers(0, 256, (h, w, 3), np.uint8) for w, h in SIDES]
    return [Picture.fromarray(array) for array in arrays]


def program(name, image, language, until):
    """The part of a text that prepares images."""
    text = find_model_format(name).more_texts(About(("a", "b"), image))["USAGE.md"]
    return re.search(rf"```{language}\n(.*?){re.escape(until)}", text, re.DOTALL)[1]


def check(image, made):
    """Each differs by the rounding between two passes alone."""
    for picture, values in zip(pictures(), made, strict=True):
        expected = to_square(picture, image.size, image.color, image.resize)
        found = np.reshape(values, expected.shape)
        assert np.abs(found - expected.astype(float)).max() <= 2, picture.size
        assert found.max() > 50


@pytest.mark.skipif(not shutil.which("node"), reason="Node isn't there")
@pytest.mark.parametrize("image", RULES, ids=lambda image: f"{image.color} {image.resize}")
def test_javascript_prepares_images_as_training_does(image):
    given = [
        {"pixels": np.asarray(each).ravel().tolist(), "width": each.width, "height": each.height}
        for each in pictures()
    ]
    script = program("onnx", image, "js", "import * as ort") + RUN_JS
    done = subprocess.run(
        ["node", "-e", script], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    check(image, json.loads(done.stdout))


@pytest.mark.exhaustive
@pytest.mark.skipif(not shutil.which("g++"), reason="there is no C++ compiler")
@pytest.mark.parametrize("image", RULES, ids=lambda image: f"{image.color} {image.resize}")
def test_cpp_prepares_images_as_training_does(image, tmp_path):
    for name in ("litert", "litert_int8"):
        source = program(name, image, "cpp", "#include <memory>") + RUN_CPP
        (tmp_path / "main.cc").write_text(source)
        subprocess.run(["g++", "-std=c++17", "-o", "main", "main.cc"], cwd=tmp_path, check=True)
        given = " ".join(
            f"{each.width} {each.height} {' '.join(map(str, np.asarray(each).ravel()))}"
            for each in pictures()
        )
        done = subprocess.run(
            [tmp_path / "main"], input=given, capture_output=True, text=True, check=True
        )
        check(image, [list(map(int, line.split())) for line in done.stdout.splitlines()])


@pytest.mark.parametrize("name", ["litert", "litert_int8", "onnx", "coreml"])
def test_the_words_are_of_this_model(name):
    image = Image(size=40, color="grayscale", resize="pad")
    about = About(("a", "b"), image, ValueRange(-5, 4095))
    text = find_model_format(name).more_texts(about)["USAGE.md"]
    for said in ("grey of 8 bits", "-5 becomes 0 and 4095 becomes 255", "40 px", "black square"):
        assert said in text
    assert not re.search("@[A-Z]", text)  # nothing is left to be filled in
    assert ("bytes" in text.split("## Images")[0]) == (name == "litert_int8")


def test_other_languages_are_told_the_same_way_of_fitting():
    for resize, (swift, sharp) in {
        "crop": ("centerCrop", "Crop"),
        "pad": ("scaleFit", "Pad"),
        "stretch": ("scaleFill", "Stretch"),
    }.items():
        about = About(("a", "b"), Image(size=40, resize=resize))
        assert f".{swift}\n" in find_model_format("coreml").more_texts(about)["USAGE.md"]
        assert f"ResizeMode.{sharp}," in find_model_format("onnx").more_texts(about)["USAGE.md"]
