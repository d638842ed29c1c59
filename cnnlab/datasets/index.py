"""The images of an imported dataset: a Parquet index and the packs that hold their bytes."""

import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from cnnlab.datasets.decode import open_image
from cnnlab.datasets.packs import read_packed
from cnnlab.domain.errors import StorageError

INDEX_FILE = "index.parquet"
_CLASSES_KEY = b"cnnlab.classes"
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


def write_index(folder: Path, rows: Sequence[tuple], class_names: Sequence[str]) -> None:
    """Write the index of a dataset.

    Args:
        folder: the dataset's folder.
        rows: one for each image, in the order of the schema's columns.
        class_names: in the order of the labels.

    Raises:
        StorageError: it can't be written.
    """
    columns = list(zip(*rows, strict=True))
    schema = _SCHEMA.with_metadata({_CLASSES_KEY: json.dumps(list(class_names)).encode()})
    table = pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
    path = folder / INDEX_FILE
    try:
        with path.open("wb") as file:
            pq.write_table(table, file)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}; make room") from error


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
            self._table = pq.read_table(path)
            classes = json.loads(self._table.schema.metadata[_CLASSES_KEY])
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"{path} is missing or damaged; delete the dataset and import it again"
            ) from error
        self.class_names: tuple[str, ...] = tuple(classes)

    def __len__(self) -> int:
        return self._table.num_rows

    @cached_property
    def files(self) -> list[str]:
        """Path of every image inside the upload."""
        return self._table["file"].to_pylist()

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) int32, positions in `class_names`."""
        return self._table["label"].to_numpy()

    @cached_property
    def given_splits(self) -> list[str | None]:
        """The upload's own split of every image, None where it didn't say."""
        return self._table["split"].to_pylist()

    @cached_property
    def sizes_px(self) -> np.ndarray:
        """(N, 2) int32, width and height."""
        return np.stack([self._table[name].to_numpy() for name in ("width", "height")], axis=1)

    @cached_property
    def places(self) -> np.ndarray:
        """(N, 3) int64: shard, offset and length in bytes of every image."""
        return np.stack(
            [self._table[name].to_numpy() for name in ("shard", "offset", "length")],
            axis=1,
            dtype=np.int64,
        )

    def read_bytes(self, row: int) -> bytes:
        """The image as it was uploaded.

        Raises:
            StorageError: its pack is missing or damaged.
        """
        return read_packed(self.folder, *map(int, self.places[row]))

    def open(self, row: int, at_least_px: int | None = None) -> Image.Image:
        """The decoded image, upright, of mode `L` or `RGB` (see `open_image`)."""
        return open_image(self.read_bytes(row), at_least_px)

    def thumbnail(self, row: int, size_px: int) -> Image.Image:
        """The image shrunk to fit a square of `size_px`; its shape is kept."""
        image = self.open(row, at_least_px=size_px)
        image.thumbnail((size_px, size_px), Image.Resampling.BILINEAR)
        return image
