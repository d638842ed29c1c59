"""What every format promises; a new one joins by being there."""

import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from cnnlab.domain.errors import BadInputError, ExportError, StorageError
from cnnlab.exports import format as format_room
from cnnlab.exports import formats, packages
from cnnlab.exports.format import package_texts, spread
from cnnlab.exports.table import all_formats, find_format
from cnnlab.storage.package import write_package

ROOT = Path(__file__).parent.parent.parent

# Converters are programs of others, and warn of themselves.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(params=all_formats())
def each(request):
    return find_format(request.param)


@pytest.fixture(scope="module")
def saved(given, tmp_path_factory):
    """Writes the tiny model in a format, once for all tests."""
    paths = {}

    def save(each):
        if each.name not in paths:
            path = tmp_path_factory.mktemp(each.name) / each.file
            each.save(given.clone, path, given.about)
            paths[each.name] = path
        return paths[each.name]

    return save


def test_every_file_is_a_format_and_keras_comes_first():
    files = {path.stem for path in Path(formats.__file__).parent.glob("[!_]*.py")}
    assert set(all_formats()) == files and len(files) > 1
    assert next(iter(all_formats())) == "keras"


def test_the_facts_are_complete(each):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", each.name)
    assert each.title and each.runtime and each.runtime_packages
    assert 20 < len(each.purpose) < 120 and each.purpose.endswith(".")
    assert re.fullmatch(r"\.[a-z]+", each.suffix)
    assert 0 < each.limits.max_abs_difference < 0.2
    assert 0.9 <= each.limits.top1_agreement <= 1
    compile(each.load, each.name, "exec")


def test_what_a_format_needs_is_optional_and_there_for_the_tests(each):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = set(project["optional-dependencies"].get(each.name, []))
    assert not needed & set((ROOT / "requirements.txt").read_text().splitlines())
    assert needed <= set((ROOT / "tests" / "requirements.txt").read_text().splitlines())
    assert each.pip_line is None


def test_listing_the_formats_loads_none_of_what_they_need():
    heavy = ["keras", "tensorflow", "onnx", "onnxruntime", "tf2onnx"]
    program = (
        "import sys; from cnnlab.exports.table import all_formats\n"
        "assert len(all_formats()) > 1 and all(each.pip_line is None or each.pip_line"
        " for each in all_formats().values())\n"
        f"print(sorted(set({heavy!r}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_a_file_computes_what_the_model_does(each, given, saved):
    path = saved(each)
    assert [file.name for file in path.parent.iterdir()] == [each.file]
    check = each.verify(path, given.images, given.expected)
    assert check["max_abs_difference"] <= each.limits.max_abs_difference
    assert check["top1_agreement"] >= each.limits.top1_agreement
    assert check["milliseconds_per_image"] > 0 and check["bytes"] == path.stat().st_size
    assert given.expected.max() > 0.5  # else any model would have agreed


def test_a_damaged_file_is_refused_in_one_sentence(each, given, saved, tmp_path):
    content = saved(each).read_bytes()
    path = tmp_path / each.file
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ExportError, match=f"be loaded by {each.runtime}.*isn't offered") as refused:
        each.verify(path, given.images[:4], given.expected[:4])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "said"), [([0.2, 0.8], "0.2 "), ([0.6, 0.4], "0.6 "), ([np.nan, 0], "nan ")]
)
def test_a_file_that_computes_something_else_is_refused(each, changed, said, tmp_path, monkeypatch):
    path = tmp_path / each.file
    path.write_bytes(b"loads")
    predicted = np.array([[1, 0], [1, 0], changed])
    monkeypatch.setattr(format_room, "predict_alone", lambda *_, **__: (predicted, [0.1]))
    expected = np.array([[1, 0], [1, 0], [0, 1]])
    with pytest.raises(ExportError, match=f"something else as {each.title}.* {said}") as refused:
        each.verify(path, np.zeros((3, 8, 8, 3), np.uint8), expected)
    assert "\n" not in str(refused.value)


def test_a_model_that_a_format_cannot_hold_leaves_nothing(each, given, tmp_path):
    class Strange:
        input_shape = given.clone.input_shape

        def save(self, filepath):
            filepath.write_bytes(b"half")
            raise NotImplementedError("no such layer")

        def export(self, filepath, format, **options):
            self.save(Path(filepath))

    with pytest.raises(ExportError, match="can't be written as .*NotImplementedError: no such"):
        each.save(Strange(), tmp_path / each.file, given.about)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(each, given, small_disk):
    with (small_disk / "ballast").open("wb") as ballast, pytest.raises(OSError):
        while True:
            ballast.write(bytes(2**14))
            ballast.flush()
    with pytest.raises(StorageError, match="The disk is full"):
        each.save(given.clone, small_disk / each.file, given.about)
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_full_disk_is_called_so_whatever_a_converter_makes_of_it(each, given, small_disk):
    def write(model, path, about):
        with path.open("wb") as file:
            try:
                while file.write(bytes(2**14)):
                    file.flush()
            except OSError as error:
                raise RuntimeError("can't save") from error

    with pytest.raises(StorageError, match="The disk is full"):
        replace(each, write=write).save(given.clone, small_disk / each.file, given.about)
    assert list(small_disk.iterdir()) == []


def test_missing_packages_are_said_with_the_line_that_installs_them(
    each, given, tmp_path, monkeypatch
):
    wanted = {each.name: ["no-such-package>=1,<2", "numpy>=2"]}
    monkeypatch.setattr(packages, "_optional_dependencies", lambda: wanted)
    assert each.pip_line == f"{sys.executable} -m pip install 'no-such-package>=1,<2'"
    with pytest.raises(ExportError, match=re.escape(f"run `{each.pip_line}`")):
        each.save(given.clone, tmp_path / each.file, given.about)
    assert list(tmp_path.iterdir()) == []


def test_an_unzipped_download_says_the_products_probabilities(each, given, saved, tmp_path):
    write_package(tmp_path / "model.zip", saved(each), package_texts(each, given.about))
    zipfile.ZipFile(tmp_path / "model.zip").extractall(tmp_path / "unzipped")
    Picture.fromarray(given.images[0]).save(tmp_path / "image.png")
    done = subprocess.run(
        [sys.executable, "-I", "unzipped/predict.py", "image.png"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    order = np.argsort(-given.expected[0])
    said = [f"{given.about.class_names[at]}: {given.expected[0][at]:.1%}" for at in order]
    assert done.stdout == "\n".join(said) + "\n"


def test_an_unknown_format_is_refused_with_those_that_there_are():
    with pytest.raises(BadInputError, match="one of keras, .*onnx.* Received: 'tflite'"):
        find_format("tflite")


def test_images_to_compare_are_spread_over_all_and_none_is_taken_twice():
    assert list(spread(3)) == [0, 1, 2]
    assert len(spread(1000)) == 64 and spread(1000)[-1] == 999
