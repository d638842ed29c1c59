"""The usage example prepares images as training does: pixel by pixel."""

import ast
import subprocess
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from cnnlab.datasets.pictures.decode import without_decoder_warnings
from cnnlab.datasets.pictures.squares import _square
from cnnlab.domain.config.run_config import Image
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.exports.about import About
from cnnlab.exports.snippet import usage_snippet
from cnnlab.exports.table import find_model_format
from tests.exports.odd_pictures import odd_files

RULES = [
    (Image(size=size, color=color, resize=resize), value_range)
    for (size, value_range), color, resize in product(
        [(16, None), (15, ValueRange(0.0, 4095.0))],
        ["rgb", "grayscale"],
        ["crop", "pad", "stretch"],
    )
]

LOAD = """
def load(path):
    def predict(images):
        given.append(images)
        return [[0.25] * len(CLASSES)]
    return predict
"""

SEEN = """
import runpy, sys, warnings
from pathlib import Path
import numpy as np
warnings.simplefilter("ignore")
files, scripts = (sorted(Path(name).iterdir()) for name in ("files", "scripts"))
for script in scripts:
    given = []
    sys.argv = [str(script), str(files[0])]
    prepare = runpy.run_path(str(script), {"given": given}, "__main__")["prepare"]
    seen = {file.name: prepare(file.read_bytes()) for file in files}
    assert np.array_equal(given[0][0], seen[files[0].name])
    np.savez(script.with_suffix(".npz"), **seen)
assert not [name for name in sys.modules if name.startswith("cnnlab")]
"""


CLASSES = ('plain "quoted"', "nl\n<b>", "{Ünïcode} 🐟")


def snippet(image, value_range=None, load=LOAD, temperature=None, threshold=None):
    return usage_snippet(
        file="model.x",
        load=load,
        packages=["x"],
        about=About(CLASSES, image, value_range, temperature, threshold),
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What each script makes of each file, in a process without cnnlab."""
    folder = tmp_path_factory.mktemp("download")
    for name in ("files", "scripts"):
        (folder / name).mkdir()
    for number, content in enumerate(odd_files().values()):
        (folder / "files" / f"{number:03}").write_bytes(content)
    for number, rule in enumerate(RULES):
        (folder / "scripts" / f"{number:03}.py").write_text(snippet(*rule), encoding="utf-8")
    command = [sys.executable, "-I", "-c", SEEN]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [np.load(folder / "scripts" / f"{number:03}.npz") for number in range(len(RULES))]


@pytest.mark.parametrize("number", range(len(RULES)))
def test_every_odd_file_is_prepared_as_for_training_to_the_pixel(seen, number):
    image, value_range = RULES[number]
    task = {"folder": "", "value_range": value_range, **image.model_dump()}
    files = odd_files()
    assert len(files) >= 60
    different = []
    with without_decoder_warnings():
        for at, (name, content) in enumerate(files.items()):
            expected, found = _square(content, task), seen[number][f"{at:03}"]
            if expected.dtype != found.dtype or not np.array_equal(expected, found):
                different.append(name)
    assert different == []


def test_odd_files_are_seen_as_what_they_show():
    """So that both ways are not wrong alike."""
    files = odd_files()
    task = {"folder": "", "value_range": None, "size": 16, "color": "rgb", "resize": "stretch"}
    with without_decoder_warnings():
        seen = {name: _square(content, task).astype(int) for name, content in files.items()}
    upright = seen["several PNG"]
    for name in ("CMYK TIFF", "LAB", "several TIFF"):
        assert np.abs(seen[name] - upright).mean() < 12, name
    for name in ("16 bits", "16 bits PNG", "int32", "float to 1", "float to 255"):
        assert seen[name].min() < 20, name
        assert seen[name].max() > 190, name
        assert (np.diff(seen[name][:, 8, 0]) > 0).all(), name


def test_the_script_says_how_it_is_used(tmp_path):
    script = tmp_path / "predict.py"
    script.write_text(snippet(Image(size=16), load="def load(path): return path"), "utf-8")
    done = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install x pillow numpy): python predict.py FILES_OR_FOLDER" in done.stderr
    assert done.stderr.startswith("Name an image")


def test_several_pictures_are_told_and_what_is_none_has_a_sentence(tmp_path):
    script, picture = tmp_path / "predict.py", odd_files()["BMP"]
    load = "def load(path): return lambda images: [[0.25] * len(CLASSES)]"
    script.write_text(snippet(Image(size=16), load=load), "utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "some" / "inner").mkdir(parents=True)
    for name in ("some/inner/a.JPG", "some/b.png", "some/notes.txt", "alone"):
        (tmp_path / name).write_bytes(picture)
    (tmp_path / "text.png").write_text("no picture")
    named = ["some", "alone", "text.png", "gone.png", "empty"]
    command = [sys.executable, "-I", "predict.py", *named]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout.count("25.0%") == 3 * len(CLASSES)
    assert all(name in done.stdout for name in ("a.JPG", "b.png", "alone"))
    assert done.stderr.splitlines() == [
        "There is no file gone.png.",
        "The folder empty has no pictures (.jpg, .jpeg, .png, .webp, .bmp, .gif, .tif, .tiff).",
        "text.png isn't a picture that can be read here.",
    ]


def test_a_temperature_is_told_in_a_script_that_still_runs():
    script = snippet(Image(size=16), temperature=1.23456)
    assert "# temperature of 1.235, which was fitted on the validation images." in script
    compile(script, "predict.py", "exec")
    assert "temperature" not in snippet(Image(size=16))


@pytest.mark.parametrize(("threshold", "is_unsure"), [(0.2501, True), (0.25, False), (None, False)])
def test_below_the_threshold_it_says_that_it_is_unsure(threshold, is_unsure, tmp_path):
    load = "def load(path): return lambda images: [[0.25] * len(CLASSES)]"
    script = tmp_path / "predict.py"
    script.write_text(snippet(Image(size=16), load=load, threshold=threshold), "utf-8")
    (tmp_path / "image").write_bytes(odd_files()["BMP"])
    command = [sys.executable, "-I", "predict.py", "image"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    first = done.stdout.splitlines()[0]
    assert (first == "unsure: the likeliest class has less than 25.0%") is is_unsure
    assert done.stdout.count("25.0%") == len(CLASSES) + is_unsure


@pytest.mark.parametrize(
    "name", ["keras", "litert", "litert_float16", "litert_dynamic", "litert_int8"]
)
def test_a_threshold_is_said_to_be_of_float32_where_a_file_rounds(name):
    chosen, is_rounded = find_model_format(name), name not in ("keras", "litert")
    about = About(CLASSES, Image(size=16), threshold=0.8)
    script = chosen.texts(about)["predict.py"]
    assert ("answers of the model in float32: this file rounds" in script) is is_rounded
    compile(script, "predict.py", "exec")
    assert "float32: this" not in chosen.texts(replace(about, threshold=None))["predict.py"]


def test_class_names_stay_what_they_are():
    script = snippet(Image(size=16))
    line = next(line for line in script.splitlines() if line.startswith("CLASSES = "))
    assert tuple(ast.literal_eval(line.removeprefix("CLASSES = "))) == CLASSES
