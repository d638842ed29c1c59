"""A table in pieces, as CSV and as Parquet: the same values, and never all of them at once."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from cnnlab.documents import table_file
from cnnlab.documents.table_file import Column, Counted, description, table_pieces

COLUMNS = (
    Column("name", "text", "A name."),
    Column("count", "integer", "A count."),
    Column("share", "number", "0..1."),
    Column("is_on", "flag", "Whether."),
)


def read(rows, form):
    content = b"".join(table_pieces(COLUMNS, rows, form))
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode(), newline="")))
    return pq.read_table(io.BytesIO(content))


def test_parquet_has_the_values_with_their_kinds():
    found = read([("a", 3, 0.1, True), ("=b", None, 1, False)], "parquet")
    assert [str(kind) for kind in found.schema.types] == ["string", "int64", "double", "bool"]
    assert found.to_pylist() == [
        {"name": "a", "count": 3, "share": 0.1, "is_on": True},
        {"name": "=b", "count": None, "share": 1.0, "is_on": False},
    ]


def test_csv_has_the_same_and_no_formula():
    rows = read([("=1+1", 3, 0.1, True), ("@a\nb", None, 1, False)], "csv")
    assert rows == [
        ["name", "count", "share", "is_on"],
        ["'=1+1", "3", "0.1", "True"],
        ["'@a\nb", "", "1.0", "False"],
    ]


def test_what_is_of_another_kind_is_left_out():
    odd = [(4, "four", "0.5", 1), (True, 2.5, False, "yes"), ("x", 2.0, 1, None)]
    assert read(odd, "parquet").to_pylist() == [
        {"name": "4", "count": None, "share": None, "is_on": None},
        {"name": "True", "count": None, "share": None, "is_on": None},
        {"name": "x", "count": 2, "share": 1.0, "is_on": None},
    ]


@pytest.mark.parametrize("form", table_file.TABLE_FORMS)
def test_rows_are_asked_for_piece_by_piece(form, monkeypatch):
    monkeypatch.setattr(table_file, "_ROWS_AT_ONCE", 10)
    rows = Counted(("x", number, 0.5, None) for number in range(25))
    asked = []
    for piece in table_pieces(COLUMNS, rows, form):
        asked += [rows.count] * bool(piece)
    assert asked[-1] == 25 and 10 in asked and 20 in asked
    whole = read((("x", number, 0.5, None) for number in range(25)), form)
    counts = whole["count"].to_pylist() if form == "parquet" else [int(row[1]) for row in whole[1:]]
    assert counts == list(range(25))


@pytest.mark.parametrize("form", table_file.TABLE_FORMS)
def test_a_table_without_rows_has_its_columns(form):
    found = read([], form)
    names = found.column_names if form == "parquet" else found[0]
    assert names == [column.name for column in COLUMNS]


def test_columns_are_described():
    told = description({"things": COLUMNS}).decode()
    assert "things,share,number,0..1." in told.splitlines()
