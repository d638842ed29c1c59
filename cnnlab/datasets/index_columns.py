"""What a dataset's index says, column by column, and as a file that numpy reads.

A dataset is kept with a Parquet file. To read that takes pyarrow: 30 MB of a process and a third
of a second of its start, whatever the index says. So the columns stand beside it once more.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from cnnlab.domain.data.value_range import ValueRange
from cnnlab.files import BROKEN_ZIP, write_atomically

COLUMNS_FILE = "index.npz"
"""Beside the Parquet file, from which it is made again."""

_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Texts:
    """Texts one after the other, which take less memory than a list of them.

    Attributes:
        joined: (bytes,) uint8, UTF-8.
        ends: (N,) int64, where each ends, in characters.
    """

    joined: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        """These texts."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        return cls(np.frombuffer("".join(texts).encode(), np.uint8), np.cumsum(lengths))

    def to_list(self) -> list[str]:
        """The texts."""
        joined = self.joined.tobytes().decode()
        return [joined[begin:end] for begin, end in pairwise([0, *self.ends.tolist()])]


@dataclass(frozen=True)
class Repeated:
    """A few texts, or None, that stand again and again.

    Attributes:
        values: the different ones.
        numbers: (N,) int32, positions in `values`.
    """

    values: tuple[str | None, ...]
    numbers: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> "Repeated":
        """These texts."""
        numbers: dict[str | None, int] = {}
        found = [numbers.setdefault(text, len(numbers)) for text in texts]
        return cls(tuple(numbers), np.array(found, np.int32))

    def to_list(self) -> list[str | None]:
        """The texts."""
        return [self.values[number] for number in self.numbers.tolist()]

    def of_rows(self, rows: np.ndarray) -> set[str | None]:
        """The different texts of (M,) int rows."""
        return {self.values[number] for number in np.unique(self.numbers[rows]).tolist()}


@dataclass(frozen=True)
class IndexColumns:
    """The index of a dataset, in its fixed order.

    Attributes:
        class_names: in the order of the labels.
        value_range: which deep values are black and white, where there are deep images.
        rule: which copies count as one in a split, or `lineage` in a version.
        files: path of every image inside the upload.
        labels: (N,) int32, positions in `class_names`.
        splits: the upload's own split, None where it doesn't say.
        places: (N, 3) int64: shard, offset and length in bytes.
        hashes: sha256 of the encoded bytes, hex.
        sizes_px: (N, 2) int32, width and height.
        modes: Pillow's, before any conversion.
    """

    class_names: tuple[str, ...]
    value_range: ValueRange | None
    rule: str
    files: Texts
    labels: np.ndarray
    splits: Repeated
    places: np.ndarray
    hashes: Texts
    sizes_px: np.ndarray
    modes: Repeated

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of_rows(
        cls,
        rows: Sequence[tuple],
        class_names: Sequence[str],
        value_range: ValueRange | None,
        rule: str,
    ) -> "IndexColumns":
        """The columns of at least one image.

        Args:
            rows: file, label, split, shard, offset, length, sha256, width, height and mode of each.
            class_names: see the attributes.
            value_range: likewise.
            rule: likewise.
        """
        files, labels, splits, shards, offsets, lengths, hashes, widths, heights, modes = zip(
            *rows, strict=True
        )
        return cls(
            class_names=tuple(class_names),
            value_range=value_range,
            rule=rule,
            files=Texts.of(files),
            labels=np.array(labels, np.int32),
            splits=Repeated.of(splits),
            places=np.stack([shards, offsets, lengths], axis=1, dtype=np.int64),
            hashes=Texts.of(hashes),
            sizes_px=np.stack([widths, heights], axis=1, dtype=np.int32),
            modes=Repeated.of(modes),
        )


def write_columns(columns: IndexColumns, index: Path) -> None:
    """Write columns beside the file that says the same.

    Args:
        columns: what it says.
        index: the Parquet file.

    Raises:
        StorageError: they can't be written, or `index` can't be read.
    """
    about = json.dumps({
        "of": _mark(index),
        "classes": columns.class_names,
        "value_range": columns.value_range,
        "rule": columns.rule,
        "splits": columns.splits.values,
        "modes": columns.modes.values,
    })  # fmt: skip
    arrays = {
        "about": np.frombuffer(about.encode(), np.uint8),
        "files": columns.files.joined,
        "file_ends": columns.files.ends,
        "labels": columns.labels,
        "splits": columns.splits.numbers,
        "places": columns.places,
        "hashes": columns.hashes.joined,
        "hash_ends": columns.hashes.ends,
        "sizes_px": columns.sizes_px,
        "modes": columns.modes.numbers,
    }
    write_atomically(
        index.with_name(COLUMNS_FILE), lambda file: np.savez(file, allow_pickle=False, **arrays)
    )


def read_columns(index: Path) -> IndexColumns | None:
    """What stands beside the index; None where that is missing, damaged or of another index.

    Args:
        index: the Parquet file.
    """
    try:
        # A file of its own: numpy leaves one open where it can't be read as a zip.
        with index.with_name(COLUMNS_FILE).open("rb") as file, np.load(file) as stored:
            about = json.loads(stored["about"].tobytes())
            if about["of"] != _mark(index):
                return None
            ends = about["value_range"]
            return IndexColumns(
                class_names=tuple(about["classes"]),
                value_range=None if ends is None else ValueRange(*ends),
                rule=about["rule"],
                files=Texts(stored["files"], stored["file_ends"]),
                labels=stored["labels"],
                splits=Repeated(tuple(about["splits"]), stored["splits"]),
                places=stored["places"],
                hashes=Texts(stored["hashes"], stored["hash_ends"]),
                sizes_px=stored["sizes_px"],
                modes=Repeated(tuple(about["modes"]), stored["modes"]),
            )
    except (OSError, KeyError, TypeError, ValueError, *BROKEN_ZIP):
        return None  # the index itself says the same, or what is wrong


def _mark(index: Path) -> list[int]:
    """Length and CRC-32 of a file: to find them takes a small part of what reading Parquet does."""
    length = crc = 0
    with index.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            length, crc = length + len(piece), zlib.crc32(piece, crc)
    return [length, crc]
