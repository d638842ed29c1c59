"""Whatever a disk does to stored arrays, what comes of it is an error of ours, or the arrays."""

import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.domain.errors import DamagedError
from cnnlab.storage.arrays import read_arrays
from cnnlab.storage.attempts.evaluation import EvaluationFolder
from cnnlab.storage.attempts.explanation import ExplanationFolder
from cnnlab.storage.attempts.inside import ArraysFolder
from cnnlab.storage.guard import GuardFolder
from cnnlab.storage.page_check import read_expected
from cnnlab.storage.picture_table import TABLE, read_table

STORED = {"labels": np.arange(5), "shares": np.linspace(0, 1, 8, dtype=np.float32).reshape(2, 4)}

READERS = {
    "maps.npz": lambda folder: ExplanationFolder(folder).read_maps(),
    "arrays.npz": lambda folder: ArraysFolder(folder).read_arrays(),
    "predictions.npz": lambda folder: EvaluationFolder(folder).read_predictions(),
    "pictures.npz": lambda folder: GuardFolder(folder).read_pictures(0, 0),
    "expected.npz": read_expected,
    TABLE: read_table,
}
"""All who read such a file in a folder, by its name."""


@pytest.fixture(params=[np.savez, np.savez_compressed])
def written(request, tmp_path):
    path = tmp_path / "arrays.npz"
    request.param(path, **STORED)
    return path


def test_arrays_are_read_by_their_names(written):
    for found in (read_arrays(written), read_arrays(written, ("shares", "labels"))):
        assert found.keys() == STORED.keys()
        for name, expected in STORED.items():
            np.testing.assert_array_equal(found[name], expected)
    assert list(read_arrays(written, ("labels",))) == ["labels"]
    with pytest.raises(DamagedError, match="others"):
        read_arrays(written, ("others",))


@pytest.mark.parametrize("flipped", [0x01, 0x80, 0xFF])
def test_a_byte_that_fell_over_is_damage_or_changes_nothing(written, flipped):
    whole = written.read_bytes()
    refused = 0
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= flipped
        written.write_bytes(broken)
        try:
            found = read_arrays(written, STORED)
        except DamagedError:
            refused += 1
            continue
        assert all(np.array_equal(found[name], STORED[name]) for name in STORED), place
    assert refused > len(whole) / 3


@pytest.mark.parametrize("left", [0, 1, 30, 100, 200, -1])
def test_a_file_that_was_cut_off_is_damaged(written, left):
    written.write_bytes(written.read_bytes()[:left])
    with pytest.raises(DamagedError, match=r"arrays\.npz is damaged"):
        read_arrays(written)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_says_that_a_file_is_missing_or_what_packed_it_is_unknown(name, tmp_path):
    read = READERS[name]
    with pytest.raises(DamagedError, match=f"{name} is missing"):
        read(tmp_path)
    path = tmp_path / name
    np.savez(path, **{"0-0": np.zeros(3), "about": np.frombuffer(b"{}", np.uint8)})
    with_method(path, 99)
    with pytest.raises(DamagedError, match=f"{name} is damaged"):
        read(tmp_path)
    path.write_text(json.dumps("no archive at all"))
    with pytest.raises(DamagedError, match=f"{name} is damaged"):
        read(tmp_path)


def test_arrays_that_differ_in_length_are_damaged(tmp_path):
    files = EvaluationFolder(tmp_path)
    files.write_predictions(
        SimpleNamespace(positions=np.arange(2), labels=np.zeros(3), probabilities=np.zeros((3, 2)))
    )
    with pytest.raises(DamagedError, match="differ in length"):
        files.read_predictions()


def with_method(path, method):
    """Have the archive say of each member that it was compressed in this way."""
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = content.find(sign)
        while place >= 0:
            content[place + offset : place + offset + 2] = struct.pack("<H", method)
            place = content.find(sign, place + 1)
    path.write_bytes(content)
