"""The images of an imported dataset: a Parquet index and the packs that hold their bytes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from json.encoder import encode_basestring_ascii
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from cnnlab.datasets.importing.packs import read_packed
from cnnlab.datasets.lineage import lineage_hash, read_lineage
from cnnlab.datasets.pictures.appearance import Copies
from cnnlab.datasets.pictures.decode import DEEP_COLORS, open_image
from cnnlab.datasets.pictures.pixels import DEEP_MODES
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.lineage import IMAGES_COUNTED, PICTURES_COUNTED, Generation
from cnnlab.domain.data.split import SPLITS, TRAIN, assign_lineage, part_numbers
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import StorageError
from cnnlab.files import write_atomically

INDEX_FILE = "index.parquet"
_LOOKS_FILE = "looks.npy"
_COPIES_FILE = "copies.npz"
_CLASSES_KEY = b"cnnlab.classes"
_RANGE_KEY = b"cnnlab.value_range"
_RULE_KEY = b"cnnlab.split_rule"
_LINEAGE = b"lineage"
_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("label", pa.int32()),
        ("split", pa.string()),
        ("shard", pa.int32()),
        ("offset", pa.int64()),
        ("length", pa.int32()),
        ("sha256", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("mode", pa.string()),
    ]
)

# Columns with few different values; to look for them in the others takes memory for nothing.
_REPEATED = ["label", "split", "shard", "mode"]


def content_hash(
    images: Iterable[tuple[str, str, str | None, str]],
    value_range: ValueRange | None = None,
    lineage: bytes = b"",
) -> str:
    """Hex hash of what a dataset holds, however it was packed.

    Args:
        images: file, class name, own split and sha256 of the bytes of every image, in the order of
            the index.
        value_range: which deep values are black and white; the same files show something else
            with another one.
        lineage: hash of what the parts rest on besides, see `lineage_hash`.
    """
    digest = hashlib.sha256(b"" if value_range is None else str(value_range).encode())
    for image in images:
        # As `json.dumps` writes a list, several times as fast.
        texts = ["null" if text is None else encode_basestring_ascii(text) for text in image]
        digest.update(f"[{', '.join(texts)}]".encode())
    digest.update(lineage)
    return digest.hexdigest()


def write_index(
    folder: Path,
    rows: Sequence[tuple],
    class_names: Sequence[str],
    value_range: ValueRange | None = None,
    *,
    has_lineage: bool = False,
) -> None:
    """Write the index of a dataset.

    Args:
        folder: the dataset's folder.
        rows: one for each image, in the order of the schema's columns.
        class_names: in the order of the labels.
        value_range: which deep values are black and white, where there are deep images.
        has_lineage: whether it is a version, whose folder also has what `write_lineage` writes.

    Raises:
        StorageError: it can't be written.
    """
    columns = list(zip(*rows, strict=True))
    metadata = {
        _CLASSES_KEY: json.dumps(list(class_names)).encode(),
        _RULE_KEY: _LINEAGE if has_lineage else str(IMAGES_COUNTED).encode(),
    }
    if value_range is not None:
        metadata[_RANGE_KEY] = json.dumps(value_range).encode()
    schema = _SCHEMA.with_metadata(metadata)
    arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    write_atomically(
        folder / INDEX_FILE, lambda file: pq.write_table(table, file, use_dictionary=_REPEATED)
    )
    pa.default_memory_pool().release_unused()  # what it keeps is more than the index


# `pa.array` and `to_numpy` load pandas, which takes longer than importing a small dataset.
def _array(values: Sequence[str | int | None], kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        builder = pa.lib.StringBuilder()
        builder.append_values(values)
        return builder.finish()
    numbers = np.array(values, f"i{kind.bit_width // 8}")
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def _read(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as file:  # `read_table` loads pandas as well
        table = file.read()
    pa.default_memory_pool().release_unused()
    return table


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """The values of a column of integers without gaps."""
    dtype = f"i{column.type.bit_width // 8}"
    parts = [
        np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset :][: len(chunk)]
        for chunk in column.chunks
    ]
    return np.concatenate([np.empty(0, dtype), *parts])


def write_looks(folder: Path, looks: np.ndarray) -> None:
    """Write what the images of a dataset look like: (N,) of `LOOK`, in the order of the index.

    Raises:
        StorageError: they can't be written.
    """
    write_atomically(folder / _LOOKS_FILE, lambda file: np.save(file, looks))


def write_copies(folder: Path, copies: Copies) -> None:
    """Write which images of a dataset show the same picture.

    Raises:
        StorageError: they can't be written.
    """
    write_atomically(
        folder / _COPIES_FILE,
        lambda file: np.savez(file, group=copies.group, is_exact=copies.is_exact),
    )


class ImageIndex:
    """Reads what an import wrote; rows are numbered in the index's fixed order.

    Keeps no file open, so that it can be shared by threads and thrown away at any time.
    """

    def __init__(self, folder: Path) -> None:
        """Read the index of the dataset in `folder`.

        Raises:
            StorageError: it is missing or damaged.
        """
        self.folder = folder
        path = folder / INDEX_FILE
        try:
            self._table = _read(path)
            classes = json.loads(self._table.schema.metadata[_CLASSES_KEY])
            ends = json.loads(self._table.schema.metadata.get(_RANGE_KEY, b"null"))
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"{path} is missing or damaged; delete the dataset and import it again"
            ) from error
        self.class_names: tuple[str, ...] = tuple(classes)
        self.value_range: ValueRange | None = None if ends is None else ValueRange(*ends)

    def __len__(self) -> int:
        return self._table.num_rows

    @cached_property
    def files(self) -> list[str]:
        """Path of every image inside the upload."""
        return self._table["file"].to_pylist()

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) int32, positions in `class_names`."""
        return _numbers(self._table["label"])

    @cached_property
    def given_splits(self) -> list[str | None]:
        """The upload's own split of every image, None where it didn't say."""
        return self._table["split"].to_pylist()

    @cached_property
    def hashes(self) -> list[str]:
        """sha256 of every image's encoded bytes, hex."""
        return self._table["sha256"].to_pylist()

    @cached_property
    def sizes_px(self) -> np.ndarray:
        """(N, 2) int32, width and height."""
        return np.stack([_numbers(self._table[name]) for name in ("width", "height")], axis=1)

    @cached_property
    def places(self) -> np.ndarray:
        """(N, 3) int64: shard, offset and length in bytes of every image."""
        return np.stack(
            [_numbers(self._table[name]) for name in ("shard", "offset", "length")],
            axis=1,
            dtype=np.int64,
        )

    @cached_property
    def is_deep(self) -> np.ndarray:
        """(N,) bool, whether an image has more than 8 bits a channel."""
        return np.isin(
            np.array(self._table["mode"].to_pylist(), object), [*DEEP_MODES, DEEP_COLORS]
        )

    def modes(self, rows: np.ndarray) -> set[str]:
        """Pillow's modes of images before any conversion.

        Args:
            rows: (M,) int.
        """
        # Of an array of numpy pyarrow would ask pandas, which the server doesn't load for that.
        places = np.ascontiguousarray(rows, np.int64)
        chosen = pa.Array.from_buffers(pa.int64(), len(places), [None, pa.py_buffer(places)])
        return set(self._table["mode"].take(chosen).to_pylist())

    @cached_property
    def looks(self) -> np.ndarray | None:
        """(N,) of `LOOK`; None in a dataset that an earlier version imported."""
        return np.load(self.looks_path) if self.looks_path.exists() else None

    @property
    def looks_path(self) -> Path:
        """Where the looks are."""
        return self.folder / _LOOKS_FILE

    @cached_property
    def copies(self) -> Copies:
        """Which images show the same picture; none are known of an earlier version's dataset."""
        path = self.folder / _COPIES_FILE
        if not path.exists():
            return Copies(np.full(len(self), -1, np.int32), np.zeros(0, bool))
        with np.load(path) as stored:
            return Copies(stored["group"], stored["is_exact"])

    @cached_property
    def generations(self) -> tuple[Generation, ...]:
        """What the parts of the images rest on; the last ones are these images.

        Raises:
            StorageError: what a version keeps of those before it is missing or damaged.
        """
        rule = self._table.schema.metadata.get(_RULE_KEY, str(PICTURES_COUNTED).encode())
        if rule == _LINEAGE:
            return read_lineage(self.folder)
        given = part_numbers(self.given_splits)
        return (Generation.first(self.labels, given, self.copies.group, int(rule)),)

    @cached_property
    def fingerprint(self) -> str:
        """Hex hash of what the dataset holds, whose first digits its id ends with.

        Raises:
            StorageError: what a version keeps of those before it is missing or damaged.
        """
        labels = [self.class_names[label] for label in self.labels]
        images = zip(self.files, labels, self.given_splits, self.hashes, strict=True)
        return content_hash(images, self.value_range, lineage_hash(self.generations))

    @property
    def owned(self) -> set[str]:
        """The splits besides training that the upload brought: no run draws them."""
        return {SPLITS[part] for part in self.generations[0].owned}

    @property
    def own_splits(self) -> np.ndarray:
        """(N,) the split of each image by the upload and the user, `train` where they don't say.

        All train where the upload brought no splits: what they say then is where a few images
        are, and the others are drawn.
        """
        given = self.given_splits if self.owned else [None] * len(self)
        return np.array([split or TRAIN for split in given])

    def split(self, fractions: SplitFractions) -> np.ndarray:
        """(N,) of `train`, `validation` or `test`; a version keeps those of the one before.

        Raises:
            DatasetError: no image is left to train or to validate on.
            StorageError: what a version keeps of those before it is missing or damaged.
        """
        return assign_lineage(self.generations, fractions)

    def read_bytes(self, row: int) -> bytes:
        """The image as it was uploaded.

        Raises:
            StorageError: its pack is missing or damaged.
        """
        return read_packed(self.folder, *map(int, self.places[row]))

    def open(self, row: int, at_least_px: int | None = None) -> Image.Image:
        """The decoded image, upright, of mode `L` or `RGB` (see `open_image`)."""
        return open_image(self.read_bytes(row), at_least_px, self.value_range)

    def thumbnail(self, row: int, size_px: int) -> Image.Image:
        """The image shrunk to fit a square of `size_px`; its shape is kept."""
        image = self.open(row, at_least_px=size_px)
        image.thumbnail((size_px, size_px), Image.Resampling.BILINEAR)
        return image

    def write_changed(
        self,
        into: Path,
        rows: np.ndarray,
        labels: Sequence[str],
        splits: Sequence[str | None],
        class_names: Sequence[str],
        value_range: ValueRange | None,
    ) -> None:
        """Write the index of some of these images with other labels and splits, for a version.

        Args:
            into: folder of the new version.
            rows: (M,) int, the images that it has.
            labels: (M,) their class names.
            splits: (M,) their own splits, or None.
            class_names: in the order of the new labels.
            value_range: which deep values are black and white.
        """
        changed = self.entries(rows, labels, splits, class_names)
        write_index(into, changed, class_names, value_range, has_lineage=True)

    def entries(
        self,
        rows: np.ndarray,
        labels: Sequence[str],
        splits: Sequence[str | None],
        class_names: Sequence[str],
    ) -> list[tuple]:
        """What `write_index` takes for some of these images with other labels and splits.

        Args:
            rows: (M,) int, the images.
            labels: (M,) their class names.
            splits: (M,) their own splits, or None.
            class_names: in the order of the new labels.
        """
        numbers = {name: number for number, name in enumerate(class_names)}
        columns = self._table.take(pa.array(rows)).to_pydict()
        columns["label"] = [numbers[name] for name in labels]
        columns["split"] = list(splits)
        return list(zip(*(columns[field.name] for field in _SCHEMA), strict=True))

    def write_looks_of(self, into: Path, rows: np.ndarray, copies: Copies) -> None:
        """Write the looks of some of these images, if they are known."""
        if self.looks is None:
            return
        write_looks(into, self.looks[rows])
        write_copies(into, copies)
