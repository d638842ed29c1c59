"""A dataset's index as the Parquet file that it is kept as.

Whoever only reads an index needs this module once: see `index_columns.py`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cnnlab.datasets.index_columns import IndexColumns, Repeated, Texts
from cnnlab.domain.data.lineage import PICTURES_COUNTED
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import StorageError
from cnnlab.files import write_atomically

_CLASSES_KEY = b"cnnlab.classes"
_RANGE_KEY = b"cnnlab.value_range"
_RULE_KEY = b"cnnlab.split_rule"
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


def write_parquet(columns: IndexColumns, path: Path) -> None:
    """Write an index.

    Raises:
        StorageError: it can't be written.
    """
    metadata = {
        _CLASSES_KEY: json.dumps(columns.class_names).encode(),
        _RULE_KEY: columns.rule.encode(),
    }
    if columns.value_range is not None:
        metadata[_RANGE_KEY] = json.dumps(columns.value_range).encode()
    schema = _SCHEMA.with_metadata(metadata)
    arrays = [
        _array(values, field.type) for values, field in zip(_in_order(columns), schema, strict=True)
    ]
    table = pa.Table.from_arrays(arrays, schema=schema)
    write_atomically(path, lambda file: pq.write_table(table, file, use_dictionary=_REPEATED))
    pa.default_memory_pool().release_unused()  # what it keeps is more than the index


def _in_order(columns: IndexColumns) -> list[np.ndarray | Sequence[str | None]]:
    shards, offsets, lengths = columns.places.T
    widths, heights = columns.sizes_px.T
    return [
        columns.files.to_list(),
        columns.labels,
        columns.splits.to_list(),
        shards,
        offsets,
        lengths,
        columns.hashes.to_list(),
        widths,
        heights,
        columns.modes.to_list(),
    ]


# `pa.array` and `to_numpy` load pandas, which takes longer than importing a small dataset.
def _array(values: np.ndarray | Sequence[str | None], kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        builder = pa.lib.StringBuilder()
        builder.append_values(values)
        return builder.finish()
    numbers = np.ascontiguousarray(values, f"i{kind.bit_width // 8}")
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def read_parquet(path: Path) -> IndexColumns:
    """Read an index.

    Raises:
        StorageError: it is missing or damaged.
    """
    try:
        with pq.ParquetFile(path) as file:  # `read_table` loads pandas as well
            table = file.read()
        columns = _columns(table)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{path} is missing or damaged; delete the dataset and import it again"
        ) from error
    del table
    pa.default_memory_pool().release_unused()
    return columns


def _columns(table: pa.Table) -> IndexColumns:
    metadata = table.schema.metadata
    ends = json.loads(metadata.get(_RANGE_KEY, b"null"))
    places = [_numbers(table[name]) for name in ("shard", "offset", "length")]
    return IndexColumns(
        class_names=tuple(json.loads(metadata[_CLASSES_KEY])),
        value_range=None if ends is None else ValueRange(*ends),
        rule=metadata.get(_RULE_KEY, str(PICTURES_COUNTED).encode()).decode(),
        files=Texts.of(table["file"].to_pylist()),
        labels=_numbers(table["label"]),
        splits=Repeated.of(table["split"].to_pylist()),
        places=np.stack(places, axis=1, dtype=np.int64),
        hashes=Texts.of(table["sha256"].to_pylist()),
        sizes_px=np.stack([_numbers(table[name]) for name in ("width", "height")], axis=1),
        modes=Repeated.of(table["mode"].to_pylist()),
    )


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """The values of a column of integers without gaps, apart from what Arrow keeps of them."""
    dtype = f"i{column.type.bit_width // 8}"
    parts = [
        np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset :][: len(chunk)]
        for chunk in column.chunks
    ]
    return np.concatenate([np.empty(0, dtype), *parts])
