"""The curves of runs as one tidy table: a row for each run and epoch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cnnlab.documents.table_file import Counted, TableForm, table_pieces
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.people.person import Action
from cnnlab.files import write_pieces
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.tables.chosen import Chosen, choose
from cnnlab.lab.tables.epochs import EPOCH_COLUMNS, epoch_rows

_ENDINGS: dict[str, TableForm] = {".csv": "csv", ".parquet": "parquet"}


@asks(Action.VIEW)
def curves_csv(ids: Sequence[str]) -> str:
    """The metrics of every finished epoch as CSV, those of a study by arm and seed.

    Columns are the same for one run, several and a study: `study`, `arm`, `seed`, `run`, `name`,
    `status`, `epoch` (counted from 0), the metrics of an epoch record, and `gap` (clean train
    accuracy minus validation accuracy, 0..1). What isn't known is empty.

    Args:
        ids: of runs and studies, in the order in which they should stand.

    Raises:
        BadInputError: none is given.
        NotFoundError: one is no run and no study.
    """
    return b"".join(table_pieces(EPOCH_COLUMNS, epoch_rows(_chosen(ids)), "csv")).decode()


@asks(Action.VIEW)
def write_curves(ids: Sequence[str], to: Path) -> dict[str, Any]:
    """Write the same table to a file outside the home.

    Args:
        ids: of runs and studies.
        to: a path that ends in `.csv` or `.parquet`; a file there is replaced.

    Returns:
        JSON values: `file`, `bytes`, `rows` (the heading not counted).

    Raises:
        BadInputError: no id is given, or the path is that of another file.
        NotFoundError: one is no run and no study.
        StorageError: the file can't be written.
    """
    form = _ENDINGS.get(to.suffix.lower())
    if form is None or to.is_dir():
        raise BadInputError(
            f"--to must be a file that ends in {' or '.join(_ENDINGS)}. Received: {str(to)!r}"
        )
    rows = Counted(epoch_rows(_chosen(ids)))
    write_pieces(to, table_pieces(EPOCH_COLUMNS, rows, form))
    return {"file": str(to), "bytes": to.stat().st_size, "rows": rows.count}


def _chosen(ids: Sequence[str]) -> Chosen:
    if not ids:
        raise BadInputError("Name at least one run or study whose curves are wanted.")
    return choose(ids)
