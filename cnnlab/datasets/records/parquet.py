"""Parquet files with encoded images, as Hugging Face stores them: read row group by row group."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from cnnlab.datasets import limits
from cnnlab.datasets.records.record import Record, split_in
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.errors import UploadError
from cnnlab.domain.words import data_size

_IMAGE_NAMES = ("image", "img", "picture", "photo", "imagebytes", "bytes", "jpg", "png")
_LABEL_NAMES = ("label", "labels", "class", "category", "target", "finelabel", "y", "labelname")
_ROWS = 32
_MAX_GROUP_BYTES = 2**30


def read_parquet(path: Path, name: str) -> Iterator[Record]:
    """The images of a Parquet file with their labels.

    The column of images is the one that the file calls so (`huggingface` in its metadata), else one
    of a struct with `bytes`, else one of bytes; labels are the names that the file has for them.

    Raises:
        UploadError: it is damaged, too large, or has no such column.
    """
    shown = printable(name.rpartition("/")[2])
    broken = (pa.ArrowException, OSError, MemoryError, ValueError, TypeError, OverflowError)
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            image, label, names = _columns(file.schema_arrow, shown)
            _check_limits(file, shown)
            wanted = [column for column in (image, label) if column]
            for group in range(file.num_row_groups):
                batches = file.iter_batches(_ROWS, [group], wanted, use_threads=False)
                for batch in batches:
                    yield from _records(batch, image, label, names, split_in(name))
    except UploadError:
        raise
    except broken as error:
        raise UploadError(
            f"The file {shown} is a damaged or incomplete Parquet file; download or make it again"
        ) from error


def _columns(schema: pa.Schema, shown: str) -> tuple[str, str | None, list[str]]:
    """The column of images, that of labels, and the names of classes."""
    features = _features(schema)
    kinds = {name: features.get(name, {}).get("_type") for name in schema.names}
    holds_bytes = [
        field.name
        for field in schema
        if (types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0)
        or types.is_binary(field.type)
        or types.is_large_binary(field.type)
    ]
    images = sorted(
        (name for name in holds_bytes),
        key=lambda name: (kinds[name] != "Image", _rank(name, _IMAGE_NAMES)),
    )
    if not images:
        raise UploadError(
            f"The file {shown} has no column of images; it needs one of encoded images, such as "
            "Hugging Face's 'image', and one of labels"
        )
    labels = sorted(
        (name for name in schema.names if name not in holds_bytes),
        key=lambda name: (_rank(name, _LABEL_NAMES), kinds[name] != "ClassLabel"),
    )
    labels = [
        name
        for name in labels
        if kinds[name] == "ClassLabel" or _rank(name, _LABEL_NAMES) < len(_LABEL_NAMES)
    ]
    if not labels:
        raise UploadError(
            f"The file {shown} has no column of labels beside {images[0]!r}; it needs one called "
            "'label' with one class for each image"
        )
    names = features.get(labels[0], {}).get("names", [])
    return images[0], labels[0], [str(one) for one in names] if isinstance(names, list) else []


def _features(schema: pa.Schema) -> dict[str, dict[str, Any]]:
    """What Hugging Face's own metadata says of the columns, nothing where there is none."""
    try:
        said = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: one for name, one in said.items() if isinstance(one, dict)}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _rank(name: str, likeliest: tuple[str, ...]) -> int:
    bare = "".join(character for character in name.casefold() if character.isalnum())
    return likeliest.index(bare) if bare in likeliest else len(likeliest)


def _check_limits(file: pq.ParquetFile, shown: str) -> None:
    if file.metadata.num_rows > limits.MAX_ENTRIES:
        raise UploadError(
            f"The file {shown} holds more than {limits.MAX_ENTRIES:,} images; import fewer of its "
            "parts or raise CNNLAB_MAX_ENTRIES"
        )
    for group in range(file.num_row_groups):
        of_group = file.metadata.row_group(group)
        unpacked = sum(
            of_group.column(n).total_uncompressed_size for n in range(of_group.num_columns)
        )
        if not 0 <= unpacked <= _MAX_GROUP_BYTES:
            raise UploadError(
                f"The file {shown} has a row group of more than {data_size(_MAX_GROUP_BYTES)}; "
                "write it again with fewer rows in each"
            )


def _records(
    batch: pa.RecordBatch, image: str, label: str | None, names: list[str], split: str | None
) -> Iterator[Record]:
    labels = batch.column(label).to_pylist() if label else [None] * batch.num_rows
    for picture, said in zip(batch.column(image).to_pylist(), labels, strict=True):
        content = picture.get("bytes") if isinstance(picture, dict) else picture
        yield Record(content or b"", _label(said, names), split)


def _label(said: object, names: list[str]) -> str:
    """The class; none where there is no label, or where there are several."""
    if isinstance(said, list):
        return _label(said[0], names) if len(said) == 1 else ""
    if said is None or (isinstance(said, int) and not isinstance(said, bool) and said < 0):
        return ""
    if names and isinstance(said, int):
        return names[said] if said < len(names) else ""
    return str(said)
