"""Making the database again from the folders, which are the truth about datasets and runs."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection, delete, insert

from cnnlab.domain.errors import RunStateError
from cnnlab.files import disk_errors, put_in_place, take_lock
from cnnlab.storage.database import (
    database_address,
    make_database,
    open_database,
    opening,
    writing,
)
from cnnlab.storage.datasets import dataset_row
from cnnlab.storage.home import Home
from cnnlab.storage.inventory import Inventory, take_inventory
from cnnlab.storage.schema import datasets, runs, studies
from cnnlab.storage.studies import study_row

_BESIDE_THE_FILE = ("-journal", "-wal", "-shm")  # what SQLite itself keeps beside a database


def rebuild_index(home: Home, address: str | None = None) -> tuple[Inventory, Path | None]:
    """Make the database again from the folders.

    A SQLite file is made anew and the old one kept beside it; processes that have it open go over
    to the new one by themselves. The tables of a PostgreSQL database are filled anew in one
    transaction.

    Args:
        home: the home folder.
        address: as for `open_database`.

    Returns:
        What it was made from, and where the old SQLite file lies now, or None if there was none.

    Raises:
        RunStateError: a supervisor is at work.
        StorageError: the new database can't be written; the old one is as it was.
    """
    address = database_address() if address is None else address
    with _without_supervisor(home):
        found = take_inventory(home)
        if not address:
            with opening(home.database):
                return found, _make_anew(home.database, found)
        engine = open_database(home.database, address)
        with writing(engine) as connection:
            _fill(connection, found)
        engine.dispose()
        return found, None


@contextlib.contextmanager
def _without_supervisor(home: Home) -> Iterator[None]:
    lock = take_lock(home.supervisor_lock)
    if lock is None:
        pid = home.supervisor_lock.read_text().strip() or "PID"
        raise RunStateError(
            "A supervisor is at work and would write to the old database: end it with "
            f"`kill {pid}`, then try again. What trains goes on meanwhile."
        )
    try:
        yield
    finally:
        os.close(lock)


def _fill(connection: Connection, found: Inventory) -> None:
    rows = {
        datasets: [dataset_row(dataset) for dataset in found.datasets],
        runs: [asdict(run) for run in found.runs],
        studies: [study_row(study) for study in found.studies],
    }
    for table, values in rows.items():
        connection.execute(delete(table))
        if values:
            connection.execute(insert(table), values)


def _make_anew(path: Path, found: Inventory) -> Path | None:
    """Replace a SQLite file; return where the old one lies now."""
    fresh = path.with_name(f"{path.name}.rebuilding")
    with disk_errors(fresh):
        for file in (fresh, *_beside(fresh)):
            file.unlink(missing_ok=True)
    engine = make_database(fresh)
    with writing(engine) as connection:
        _fill(connection, found)
    engine.dispose()  # its last connection brings everything into the one file
    with disk_errors(path):
        kept = _set_aside(path) if path.exists() else None
        put_in_place(fresh, path)
    return kept


def _set_aside(path: Path) -> Path:
    """Rename a SQLite file and those that belong to it; none that was kept before is lost."""
    kept, number = path.with_name(f"{path.name}.before-rebuild"), 1
    while any(file.exists() for file in (kept, *_beside(kept))):
        number += 1
        kept = path.with_name(f"{path.name}.before-rebuild-{number}")
    for file, target in zip((*_beside(path), path), (*_beside(kept), kept), strict=True):
        if file.exists():
            file.rename(target)
    return kept


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in _BESIDE_THE_FILE]
