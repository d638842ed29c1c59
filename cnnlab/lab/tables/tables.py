"""Tables of runs, epochs, steps and studies: in a folder, or as one zip."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.documents.table_file import (
    TABLE_FORMS,
    Column,
    Counted,
    Row,
    TableForm,
    description,
    table_pieces,
)
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Action
from cnnlab.files import Pieces, disk_errors, write_pieces
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.tables.chosen import Chosen, choose
from cnnlab.lab.tables.epochs import EPOCH_COLUMNS, STEP_COLUMNS, epoch_rows, step_rows
from cnnlab.lab.tables.runs import RUN_COLUMNS, run_rows
from cnnlab.lab.tables.studies import STUDY_COLUMNS, study_rows

DESCRIPTION = "columns.csv"
"""Lies beside the tables and says what each column means."""

_STEPS = "steps"


@dataclass(frozen=True)
class _Table:
    columns: Sequence[Column]
    rows: Callable[[Chosen], Iterator[Row]]


_TABLES = {
    "runs": _Table(RUN_COLUMNS, run_rows),
    "epochs": _Table(EPOCH_COLUMNS, epoch_rows),
    _STEPS: _Table(STEP_COLUMNS, step_rows),
    "studies": _Table(STUDY_COLUMNS, study_rows),
}


@asks(Action.VIEW)
def write_tables(
    ids: Sequence[str], to: Path, form: str = "csv", *, has_steps: bool = True
) -> dict[str, Any]:
    """Write `runs`, `epochs`, `steps` and `studies` into a folder outside the home.

    Rows are read as they are written, so that a home of any size needs little memory.

    Args:
        ids: of runs and studies; none means everything in the home.
        to: a folder, made where it is missing; tables of these names in it are replaced.
        form: `csv` or `parquet`.
        has_steps: whether the steps are written, which are by far the most rows.

    Returns:
        JSON values: `folder`, `format`, `tables` [{`table`, `file`, `rows`, `bytes`}].

    Raises:
        BadInputError: there is no such form, or the path is that of a file.
        NotFoundError: one of the ids is no run and no study.
        StorageError: a table can't be written, or what is named is damaged.
    """
    chosen, wanted = choose(ids), _wanted(has_steps=has_steps)
    known = _checked(form)
    if to.exists() and not to.is_dir():
        raise BadInputError(
            f"--to must be a folder, which needn't be there yet. Received: {str(to)!r}"
        )
    with disk_errors(to):
        to.mkdir(exist_ok=True)
    written = []
    for name, table in wanted.items():
        rows, path = Counted(table.rows(chosen)), to / f"{name}.{known}"
        write_pieces(path, table_pieces(table.columns, rows, known))
        written.append(
            {"table": name, "file": str(path), "rows": rows.count, "bytes": path.stat().st_size}
        )
    write_pieces(to / DESCRIPTION, [_described(wanted)])
    return {"folder": str(to), "format": known, "tables": written}


@asks(Action.VIEW)
def tables_zip(
    ids: Sequence[str], form: str = "csv", *, has_steps: bool = False
) -> Iterator[bytes]:
    """The same tables as one zip, in pieces, made while it is sent.

    Raises:
        BadInputError: there is no such form.
        NotFoundError: one of the ids is no run and no study.
    """
    return _zipped(choose(ids), _wanted(has_steps=has_steps), _checked(form))


@asks(Action.VIEW)
def tables_name(ids: Sequence[str]) -> str:
    """What that is called in a download."""
    return f"{ids[0]}-tables.zip" if len(ids) == 1 else "cnnlab-tables.zip"


def _wanted(*, has_steps: bool) -> dict[str, _Table]:
    return {name: table for name, table in _TABLES.items() if has_steps or name != _STEPS}


def _checked(form: str) -> TableForm:
    if form not in TABLE_FORMS:
        raise BadInputError(
            f"The format must be one of {', '.join(TABLE_FORMS)}. Received: {form[:80]!r}"
        )
    return form


def _described(tables: dict[str, _Table]) -> bytes:
    return description({name: table.columns for name, table in tables.items()})


def _zipped(chosen: Chosen, tables: dict[str, _Table], form: TableForm) -> Iterator[bytes]:
    pieces = Pieces()
    kind = zipfile.ZIP_DEFLATED if form == "csv" else zipfile.ZIP_STORED
    with zipfile.ZipFile(pieces, "w", kind, compresslevel=1) as archive:
        for name, table in tables.items():
            with archive.open(f"{name}.{form}", "w", force_zip64=True) as member:
                for piece in table_pieces(table.columns, table.rows(chosen), form):
                    member.write(piece)
                    yield pieces.take()
        archive.writestr(DESCRIPTION, _described(tables))
    yield pieces.take()
