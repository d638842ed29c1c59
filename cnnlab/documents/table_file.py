"""A table as CSV or Parquet, in pieces: one of any length needs little memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cnnlab.documents.csv_text import csv_text
from cnnlab.domain.batches import in_batches
from cnnlab.files import Pieces

TableForm = Literal["csv", "parquet"]
TABLE_FORMS: tuple[TableForm, ...] = get_args(TableForm)

Kind = Literal["text", "integer", "number", "flag"]
Value = str | int | float | bool | None
Row = Sequence[Value]

_ROWS_AT_ONCE = 5_000
"""So many of the widest rows are some 10 MB; a group of rows in a Parquet file has as many."""

_ARROW: dict[Kind, str] = {
    "text": "string", "integer": "int64", "number": "float64", "flag": "bool",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: the unit stands in it, or in `meaning`.
        kind: of its values, None aside.
        meaning: one sentence.
    """

    name: str
    kind: Kind
    meaning: str


class Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row


def table_pieces(
    columns: Sequence[Column], rows: Iterable[Row], form: TableForm
) -> Iterator[bytes]:
    """The bytes of a table, in pieces; rows are asked for as they are written.

    Args:
        columns: of the table.
        rows: a value for each column; what doesn't fit the column's kind is left empty.
        form: of the file.
    """
    fitted = (tuple(map(_fitted, columns, row)) for row in rows)
    return _parquet(columns, fitted) if form == "parquet" else _csv(columns, fitted)


def description(tables: dict[str, Sequence[Column]]) -> bytes:
    """What each column of each table means, as CSV."""
    rows = [
        (table, column.name, column.kind, column.meaning)
        for table, columns in tables.items()
        for column in columns
    ]
    return csv_text([("table", "column", "kind", "meaning"), *rows]).encode()


def _csv(columns: Sequence[Column], rows: Iterator[Row]) -> Iterator[bytes]:
    yield csv_text([[column.name for column in columns]]).encode()
    for some in in_batches(rows, _ROWS_AT_ONCE):
        yield csv_text(some).encode()


def _parquet(columns: Sequence[Column], rows: Iterator[Row]) -> Iterator[bytes]:
    # A server whose users take no tables along as Parquet does without: it costs 30 MB.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema(
        [(column.name, pa.type_for_alias(_ARROW[column.kind])) for column in columns]
    )
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for some in in_batches(rows, _ROWS_AT_ONCE):
            arrays = [
                pa.array(values, field.type)
                for values, field in zip(zip(*some, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield sink.take()
    yield sink.take()


class _Sink(Pieces):
    """What Parquet's writer needs besides: to know where it is."""

    closed = False

    def __init__(self) -> None:
        super().__init__()
        self._written = 0

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._written += len(piece)
        return super().write(piece)

    def tell(self) -> int:
        """Bytes so far."""
        return self._written


def _fitted(column: Column, value: Value) -> Value:
    """A value as its column has it: a run of another version may have one of another kind."""
    if value is None:
        return None
    if column.kind == "text":
        return str(value)
    if isinstance(value, str) or (column.kind == "flag") is not isinstance(value, bool):
        return None
    if column.kind == "integer":
        return int(value) if value == int(value) else None
    return float(value) if column.kind == "number" else value
