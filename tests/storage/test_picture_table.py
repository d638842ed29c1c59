"""The table of what models say of many pictures: written whole, read back, damaged."""

import numpy as np
import pytest

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.storage.picture_table import THUMBNAILS, read_table, read_thumbnail, write_table
from tests.made_tables import made_table


@pytest.fixture
def table(tmp_path):
    table, thumbnails = made_table()
    (tmp_path / THUMBNAILS).write_bytes(thumbnails)
    write_table(tmp_path, table)
    return read_table(tmp_path)


def test_what_was_said_is_read_back(table):
    first, second, refused = table.rows()
    assert first["predictions"][0]["top"] == [
        {"class": "dark", "probability": 0.75, "calibrated": 0.625},
        {"class": "bright", "probability": 0.25, "calibrated": 0.375},
    ]
    assert (first["row"], first["file"], second["row"]) == (0, "a.png", 1)
    assert first["predictions"][0]["class"] == "dark"
    assert second["predictions"][0]["class"] == "bright"
    assert refused == {"row": 2, "file": "c.txt", "predictions": [], "reason": "not an image"}
    assert [row["row"] for row in table.rows([1, 0])] == [1, 0]


def test_unlike_is_what_is_farther_than_the_limit_of_its_run(table):
    first, second, _ = table.rows()
    known = [row["predictions"][0]["familiarity"] for row in (first, second)]
    assert [one["is_unlike"] for one in known] == [False, True]
    assert known[0]["distance"] == 0.5
    assert known[0]["false_alarms"] == 0.05
    other = [row["predictions"][1]["familiarity"] for row in (first, second)]
    assert other == [None, None]
    assert first["predictions"][1]["top"][0]["calibrated"] is None


def test_each_picture_made_small_is_found_and_those_that_are_none_are_not(table, tmp_path):
    assert read_thumbnail(tmp_path, table, 0) == b"first"
    assert read_thumbnail(tmp_path, table, 1) == b"second"
    for row in (-1, 2, 3):
        with pytest.raises(NotFoundError):
            read_thumbnail(tmp_path, table, row)


@pytest.mark.parametrize("left", [0, 10, 400])
def test_a_damaged_table_is_an_error_of_ours(table, tmp_path, left):
    path = tmp_path / "table.npz"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(StorageError):
        read_table(tmp_path)


def test_a_missing_table_is_an_error_of_ours(tmp_path):
    with pytest.raises(StorageError):
        read_table(tmp_path)


def test_numbers_keep_their_types(table):
    assert table.labels.dtype == np.int16
    assert table.probabilities.dtype == np.float32
