"""Maps written into a folder: what the files are called, what is in them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.errors import BadInputError
from cnnlab.lab.explaining import files
from cnnlab.storage.attempts.explanation import StoredMaps
from tests.made_explanations import CHECK, LAYER


@pytest.fixture
def explained(monkeypatch):
    """Two pictures of one name."""
    told = {"class": "dark", "method": "hirescam", "against": 0.0, "miss": None, "row": None}
    pictures = [
        {**told, "file": file, "predicted": "dark", "probability": 0.9}
        for file in ("x/a b.png", "y/a b.png")
    ]
    answer = {"pictures": pictures, "refused": [], "check": CHECK, "layer": LAYER, "seconds": 1.0}
    values = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    maps = StoredMaps(values, np.full((2, 48, 48, 1), 90, np.uint8))
    monkeypatch.setattr(files, "explain_files", lambda *_, **__: (answer, maps))
    return values


def test_each_picture_has_its_map_over_it_and_in_numbers(explained, tmp_path):
    folder = tmp_path / "new" / "maps"
    found = lab.write_explanations("run", [Path("x"), Path("y")], folder, "hirescam")
    names = [one.overlay.name for one in found.written]
    assert names == ["a-b.png.hirescam.png", "a-b.png.hirescam-2.png"]
    for one, values in zip(found.written, explained, strict=True):
        np.testing.assert_array_equal(np.load(one.values), values)
        with Image.open(one.overlay) as overlay:
            assert overlay.size == (288, 288), "whole times as large, to be seen"
    again = lab.write_explanations("run", [Path("x")], folder, "hirescam")
    assert again.written[0].overlay.name == "a-b.png.hirescam-3.png", "nothing is written over"


def test_a_long_name_of_large_characters_is_cut_to_what_a_disk_takes(
    explained, tmp_path, monkeypatch
):
    answer, maps = files.explain_files()
    answer["pictures"][0]["file"] = answer["pictures"][1]["file"] = "图" * 80 + ".png"
    monkeypatch.setattr(files, "explain_files", lambda *_, **__: (answer, maps))
    found = lab.write_explanations("run", [Path("x")], tmp_path, "hirescam")
    assert [one.overlay.name for one in found.written] == [
        "图" * 50 + ".hirescam.png", "图" * 50 + ".hirescam-2.png"
    ]  # fmt: skip


def test_a_file_is_no_folder(explained, tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadInputError, match="is a file: name a folder"):
        lab.write_explanations("run", [Path("x")], file, "hirescam")
