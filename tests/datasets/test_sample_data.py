import importlib.util
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlab.datasets.importing.importing import import_images

SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("draw", SAMPLE / "draw.py")
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    path = tmp_path_factory.mktemp("sample") / "six_signs.zip"
    draw.draw_zip(path)
    return path


def pixels(path):
    with zipfile.ZipFile(path) as archive:
        return {
            name: np.asarray(Image.open(io.BytesIO(archive.read(name)))).astype(int)
            for name in archive.namelist()
        }


def test_the_script_draws_what_is_bundled(drawn):
    again, bundled = pixels(drawn), pixels(SAMPLE / "six_signs.zip")
    assert list(again) == list(bundled)
    for name, image in bundled.items():
        assert image.shape == (40, 40, 3)
        # Other builds of Pillow round lines and JPEG a little differently.
        assert np.abs(image - again[name]).mean() < 4


def test_it_is_small_and_imports_without_a_warning(tmp_path):
    assert (SAMPLE / "six_signs.zip").stat().st_size < 1_000_000
    imported = import_images(SAMPLE / "six_signs.zip", tmp_path, processes=1)
    signs = ("anchor", "fish", "house", "key", "leaf", "umbrella")
    assert imported.classes == dict.fromkeys(signs, 80)
    assert imported.splits == {"train": 120, "validation": 360, "test": 0}
    assert (imported.skipped, imported.warnings) == ((), ())
