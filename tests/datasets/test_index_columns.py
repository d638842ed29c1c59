"""The index as numpy reads it says what the Parquet file says, and never anything else."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnlab.datasets.index import INDEX_FILE, ImageIndex, write_index
from cnnlab.datasets.index_columns import read_columns
from cnnlab.datasets.index_parquet import read_parquet
from cnnlab.domain.data.value_range import ValueRange

ROOT = Path(__file__).parents[2]
ROWS = [
    ("Katze/ä 😺.png", 0, "test", 0, 0, 120, "0a" * 32, 24, 20, "RGB"),
    ("dog/1.png", 1, None, 1, 5_000_000_000, 90, "ff" * 32, 30, 40, "I;16"),
    ("dog/2.png", 1, None, 1, 5_000_000_090, 91, "1b" * 32, 31, 41, "RGB"),
]


@pytest.fixture
def folder(tmp_path):
    write_index(tmp_path, ROWS, ["Katze", "dog"], ValueRange(10.5, 4000), has_lineage=True)
    return tmp_path


def plain(columns) -> dict[str, object]:
    """What columns say, to be compared."""
    return {
        "about": (columns.class_names, columns.value_range, columns.rule),
        "texts": (columns.files.to_list(), columns.hashes.to_list()),
        "repeated": (columns.splits.to_list(), columns.modes.to_list()),
        "numbers": [
            (array.tolist(), array.dtype)
            for array in (columns.labels, columns.places, columns.sizes_px)
        ],
    }


def test_both_files_say_the_same(folder):
    beside = read_columns(folder / INDEX_FILE)
    assert plain(beside) == plain(read_parquet(folder / INDEX_FILE))
    assert beside.value_range == ValueRange(10.5, 4000)
    assert (beside.class_names, beside.rule) == (("Katze", "dog"), "lineage")
    index = ImageIndex(folder)
    everything = index.entries(
        np.arange(3), ["Katze", "dog", "dog"], index.given_splits, ["Katze", "dog"]
    )
    assert everything == ROWS
    assert index.is_deep.tolist() == [False, True, False]
    assert index.modes(np.array([0, 2])) == {"RGB"}


@pytest.mark.parametrize("there", [None, b"", b"PK nonsense", "cut", "changed"])
def test_what_is_missing_or_damaged_is_made_again(folder, there):
    beside = folder / "index.npz"
    whole = beside.read_bytes()
    beside.unlink()
    if there is not None:
        changed = whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]
        beside.write_bytes({"cut": whole[:-40], "changed": changed}.get(there, there))
    assert ImageIndex(folder).files == [row[0] for row in ROWS]
    assert beside.read_bytes() == whole


def test_what_belongs_to_another_index_is_not_believed(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_index(other, ROWS[1:], ["Katze", "dog"])
    (folder / INDEX_FILE).write_bytes((other / INDEX_FILE).read_bytes())
    assert len(ImageIndex(folder)) == 2
    assert plain(read_columns(folder / INDEX_FILE)) == plain(read_columns(other / INDEX_FILE))


def test_a_folder_that_takes_nothing_is_read_all_the_same(folder):
    beside = folder / "index.npz"
    beside.unlink()
    beside.mkdir()  # which nothing replaces, whoever asks
    (beside / "something").touch()
    assert len(ImageIndex(folder)) == 3


def test_an_index_is_read_without_arrow(folder):
    program = (
        "import sys; from pathlib import Path; from cnnlab.datasets.index import ImageIndex;"
        f"print(len(ImageIndex(Path({str(folder)!r})).files), 'pyarrow' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["3", "False"]
