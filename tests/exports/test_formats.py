"""What every format promises; a new one joins by being there."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL
import pytest
from PIL import Image as Picture

from cnnlab.datasets.pictures.decode import without_decoder_warnings
from cnnlab.datasets.pictures.squares import _square
from cnnlab.domain.errors import BadInputError, ExportError, StorageError
from cnnlab.exports import formats, packages
from cnnlab.exports.agreement import compare, require_agreement
from cnnlab.exports.format import Group
from cnnlab.exports.model_format import ModelFormat
from cnnlab.exports.table import KERAS, all_formats, find_format, find_model_format
from cnnlab.files import file_bytes
from cnnlab.storage.package import write_package
from cnnlab.training.judging.reference import reference_probabilities
from tests.exports.odd_pictures import odd_files

ROOT = Path(__file__).parent.parent.parent

# Converters are programs of others, and warn of themselves.
pytestmark = pytest.mark.filterwarnings("ignore")


# A fresh TensorFlow takes five seconds: of the formats that need one the check starts it for Keras'
# alone, and loads the others' files where TensorFlow is already.
STARTING_TENSORFLOW = {"saved_model", "weights"}
# What is written in another rounding differs in nothing else; in the check it is compared by the
# matrix.
LIKE_ANOTHER = {"litert_float16", "litert_dynamic", "litert_int8"}


def by_hand(names, left_out):
    marks = {True: [pytest.mark.exhaustive], False: []}
    return [pytest.param(name, marks=marks[name in left_out]) for name in names]


MODELS = [each.name for each in all_formats().values() if isinstance(each, ModelFormat)]
COMPUTING = [name for name in MODELS if find_model_format(name).load is not None]


@pytest.fixture(params=MODELS)
def each(request):
    return _installed(find_model_format(request.param))


@pytest.fixture(params=by_hand(MODELS, set(MODELS) - {KERAS, "onnx"}))
def slow_to_write(request):
    return _installed(find_model_format(request.param))


@pytest.fixture(params=by_hand(COMPUTING, STARTING_TENSORFLOW | LIKE_ANOTHER))
def computing(request):
    return _installed(find_model_format(request.param))


def _installed(chosen):
    if chosen.pip_line:
        pytest.skip(f"{chosen.title} needs packages that only the whole matrix installs")
    return chosen


@pytest.fixture(params=by_hand(COMPUTING, set(COMPUTING) - {"litert", "onnx"}))
def fast_to_load(request):
    return _installed(find_model_format(request.param))


@pytest.fixture(scope="module")
def saved(given, tmp_path_factory):
    """Writes the tiny model in a format, once for all tests."""
    paths = {}

    def save(each):
        if each.name not in paths:
            path = tmp_path_factory.mktemp(each.name) / each.file
            each.save(given.source, path)
            paths[each.name] = path
        return paths[each.name]

    return save


def test_every_file_is_a_format_and_keras_comes_first():
    files = {path.stem for path in Path(formats.__file__).parent.glob("[!_]*.py")}
    assert set(all_formats()) == files and len(files) > 1
    assert next(iter(all_formats())) == "keras"


@pytest.mark.parametrize("name", all_formats())
def test_the_facts_are_complete(name):
    each = find_format(name)
    assert each.name == name and re.fullmatch(r"[a-z][a-z0-9_]*", each.name)
    assert each.title and each.runtime
    assert 20 < len(each.purpose) < 120 and each.purpose.endswith(".")
    assert re.fullmatch(r"(\.[a-z]+)+", each.suffix)
    assert isinstance(each, ModelFormat) or each.group is not Group.MODEL
    if isinstance(each, ModelFormat):
        assert 0 < each.limits.max_abs_difference < 0.5
        assert 0.9 <= each.limits.top1_agreement <= 1
        assert bool(each.not_verified) == (each.load is None)
        compile(each.load or "", each.name, "exec")


TESTED_BY_HAND = {"openvino", "coreml"}
"""Formats whose packages only the whole matrix installs."""


@pytest.mark.parametrize("name", all_formats())
def test_what_a_format_needs_is_optional_and_there_for_the_tests(name):
    each = find_format(name)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = set(project["optional-dependencies"].get(each.extra or each.name, []))
    assert not needed & set((ROOT / "requirements.txt").read_text().splitlines())
    if name not in TESTED_BY_HAND:
        assert needed <= set((ROOT / "tests" / "requirements.txt").read_text().splitlines())
        assert each.pip_line is None


def test_listing_the_formats_loads_none_of_what_they_need():
    heavy = ["keras", "tensorflow", "onnx", "onnxruntime", "tf2onnx", "ai_edge_litert", "openvino"]
    program = (
        "import sys; from cnnlab.exports.table import all_formats\n"
        "assert len(all_formats()) > 1 and all(each.pip_line is None or each.pip_line"
        " for each in all_formats().values())\n"
        f"print(sorted(set({heavy!r}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_a_file_computes_what_the_model_does(computing, given, saved):
    path, compared = saved(computing), given.compared()
    assert [file.name for file in path.parent.iterdir()] == [computing.file]
    texts = computing.texts(given.about)
    with computing.begun_alone() as run:
        ran = run(path, texts, compared.files)
    check = compare(ran, compared, given.about.class_names, file_bytes(path))
    require_agreement(computing.title, computing.limits, check)
    assert check["images"] == check["of_images"] == len(given.images)
    assert check["milliseconds_per_image"] > 0 and check["bytes"] == file_bytes(path)
    most_mb = 200 if computing.extra == "litert" else 4000
    assert 20 < check["memory_bytes"] / 2**20 < most_mb  # not that of the process that started it
    assert given.expected.max() > 0.5  # else any model would have agreed


def test_files_of_every_odd_kind_get_the_products_probabilities(fast_to_load, given, saved):
    files, rules = list(odd_files().values()), given.about.image.model_dump()
    assert len(files) >= 60
    with without_decoder_warnings():
        images = [_square(each, {"folder": "", "value_range": None, **rules}) for each in files]
    expected = reference_probabilities(given.clone, np.stack(images), lambda: None)
    texts = fast_to_load.texts(given.about)
    with fast_to_load.begun_alone() as run:
        ran = run(saved(fast_to_load), texts, files)
    furthest = fast_to_load.limits.max_abs_difference
    np.testing.assert_allclose(ran.predicted, expected, rtol=0, atol=furthest)
    assert np.abs(expected - expected.mean(axis=0)).max() > 0.1  # else any pixels would have done


@pytest.mark.parametrize("name", sorted(STARTING_TENSORFLOW))
def test_a_file_for_tensorflow_computes_what_the_model_does(name, given, saved):
    chosen, program = find_model_format(name), {}
    exec(chosen.load, program)
    predicted = program["load"](str(saved(chosen)))(given.images)
    np.testing.assert_allclose(
        predicted, given.expected, rtol=0, atol=chosen.limits.max_abs_difference
    )


def test_a_damaged_file_is_refused_in_one_sentence(fast_to_load, given, saved, tmp_path):
    computing = fast_to_load
    path = tmp_path / computing.file
    if saved(computing).is_dir():
        shutil.copytree(saved(computing), path)
    else:
        shutil.copy(saved(computing), path)
    for file in [file for file in path.rglob("*") if file.is_file()] or [path]:
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2])
    texts, pictures = computing.texts(given.about), given.compared(4).files
    said = f"be loaded by {computing.runtime}.*isn't offered"
    with computing.begun_alone() as run, pytest.raises(ExportError, match=said) as refused:
        run(path, texts, pictures)
    assert "\n" not in str(refused.value)


def test_a_model_that_a_format_cannot_hold_leaves_nothing(each, given, tmp_path):
    class Strange:
        input_shape = given.clone.input_shape

        @property
        def layers(self):
            raise NotImplementedError("no such layer")

        def save(self, filepath):
            filepath.write_bytes(b"half")
            raise NotImplementedError("no such layer")

        def export(self, filepath, format, **options):
            self.save(Path(filepath))

    with pytest.raises(ExportError, match="can't be written as .*NotImplementedError: no such"):
        each.save(replace(given.source, model=Strange()), tmp_path / each.file)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(slow_to_write, given, small_disk):
    with (small_disk / "ballast").open("wb") as ballast, pytest.raises(OSError):
        while True:
            ballast.write(bytes(2**14))
            ballast.flush()
    with pytest.raises(StorageError, match="The disk is full"):
        slow_to_write.save(given.source, small_disk / slow_to_write.file)
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


@pytest.mark.parametrize("kind", [RuntimeError, shutil.Error])
def test_a_full_disk_is_called_so_whatever_a_converter_makes_of_it(kind, given, small_disk):
    chosen = find_model_format(KERAS)

    def write(source, path):
        with path.open("wb") as file:
            try:
                while file.write(bytes(2**14)):
                    file.flush()
            except OSError as error:
                raise kind("can't save") from error

    with pytest.raises(StorageError, match="The disk is full"):
        replace(chosen, write=write).save(given.source, small_disk / chosen.file)
    assert list(small_disk.iterdir()) == []


def test_missing_packages_are_said_with_the_line_that_installs_them(
    each, given, tmp_path, monkeypatch
):
    wanted = {each.extra or each.name: ["no-such-package>=1,<2", "numpy>=2", "pillow<3,>=2"]}
    monkeypatch.setattr(packages, "_optional_dependencies", lambda: wanted)
    assert each.pip_line == (
        f"{sys.executable} -m pip install 'no-such-package>=1,<2' 'pillow<3,>=2'"
    )
    with pytest.raises(ExportError) as refused:
        each.save(given.source, tmp_path / each.file)
    assert str(refused.value) == (
        f"{each.title} needs the package no-such-package, which isn't installed and pillow <3,>=2, "
        f"of which {PIL.__version__} is installed: run `{each.pip_line}`, then try again."
    )
    assert list(tmp_path.iterdir()) == []


def test_an_unzipped_download_says_the_products_probabilities(computing, given, saved, tmp_path):
    write_package(tmp_path / "model.zip", saved(computing), computing.texts(given.about))
    zipfile.ZipFile(tmp_path / "model.zip").extractall(tmp_path / "unzipped")
    Picture.fromarray(given.images[0]).save(tmp_path / "image.png")
    done = subprocess.run(
        [sys.executable, "-I", "unzipped/predict.py", "image.png"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = dict(re.findall(r"(.*?(?:\n<b>)?): ([\d.]+)%\n", done.stdout))
    assert len(said) == 3 and list(map(float, said.values())) == sorted(
        map(float, said.values()), reverse=True
    )
    expected = dict(zip(given.about.class_names, given.expected[0], strict=True))
    furthest = 0.0005 + computing.limits.max_abs_difference  # they are rounded to a tenth
    for name, percent in said.items():
        assert float(percent) / 100 == pytest.approx(expected[name], abs=furthest)


def test_an_unknown_format_is_refused_with_those_that_there_are():
    with pytest.raises(BadInputError, match="one of keras, .*onnx.* Received: 'tflite'"):
        find_format("tflite")
