"""Making the database again from the folders, which are the truth about datasets and runs.

Where it is missing, or lists nothing of what lies in the folders, that is done by whoever opens it.
"""

import contextlib
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select

from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.files import disk_errors, put_in_place, take_lock, write_atomically
from cnnlab.storage.datasets import dataset_row
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import (
    check_owner,
    database_address,
    make_beside,
    open_database,
    reading,
    writing,
)
from cnnlab.storage.index.inventory import Inventory, take_inventory, visible_folders
from cnnlab.storage.index.schema import datasets, runs, studies
from cnnlab.storage.index.sqlite import beside, free_name, is_missing, opening
from cnnlab.storage.studies import study_row

_log = logging.getLogger(__name__)


def open_index(home: Home, address: str | None = None) -> Engine:
    """Open the database; what it doesn't list of the folders, because it was lost, comes back.

    What was taken in is logged, and noted in the home for the pages to say.

    Args:
        home: the home folder.
        address: as for `open_database`.

    Raises:
        ForeignDatabaseError: the database is another program's or of a later version of cnnlab.
        StorageError: it is damaged or can't be opened; the message says what to do.
    """
    found: list[Inventory] = []

    def fill(connection: Connection) -> None:
        if _unlisted(connection, home):
            found.append(_take_in(connection, home))

    engine = open_database(home.database, address, fill, schema=home.schema)
    try:
        with reading(engine) as connection:
            is_lost = bool(_unlisted(connection, home))
        if is_lost:
            with writing(engine) as connection:
                fill(connection)
        for inventory in found:
            _tell(home, inventory)
    except BaseException:
        engine.dispose()
        raise
    return engine


def ensure_index(home: Home, address: str | None = None) -> None:
    """Make the SQLite file again if it has vanished under those who have it open.

    They go over to the new one by themselves.

    Raises:
        StorageError: it can't be made.
    """
    address = database_address() if address is None else address
    if not address and is_missing(home.database):
        open_index(home, address).dispose()


def list_what_is_new(home: Home, address: str | None = None) -> Inventory:
    """Have the index list the folders that it doesn't know; what it lists stays as it is.

    Args:
        home: the home folder.
        address: as for `open_database`.

    Returns:
        What is listed now and wasn't before.

    Raises:
        StorageError: the database can't be written.
    """
    engine = open_database(home.database, address, schema=home.schema)
    try:
        with writing(engine) as connection:
            found = take_inventory(home)
            rows = _rows(found)
            for table in rows:
                known = set(connection.scalars(select(table.c.id)))
                rows[table] = [row for row in rows[table] if row["id"] not in known]
            for table, new in rows.items():
                if new:
                    connection.execute(insert(table), new)
    finally:
        engine.dispose()
    listed = {row["id"] for new in rows.values() for row in new}
    return replace(
        found,
        datasets=[one for one in found.datasets if one.id in listed],
        runs=[one for one in found.runs if one.id in listed],
        studies=[one for one in found.studies if one.id in listed],
    )


def _unlisted(connection: Connection, home: Home) -> list[Table]:
    """The tables without a single row whose folder holds something."""
    folders = {datasets: home.datasets, runs: home.runs, studies: home.studies}
    return [
        table
        for table, folder in folders.items()
        if connection.scalar(select(table.c.id).limit(1)) is None and visible_folders(folder)
    ]


def _take_in(connection: Connection, home: Home) -> Inventory:
    """Fill the tables that list nothing of what is there."""
    if connection.dialect.name == "postgresql":  # what others have begun to add counts
        connection.exec_driver_sql("LOCK TABLE datasets, runs, studies IN SHARE ROW EXCLUSIVE MODE")
    empty = _unlisted(connection, home)
    found = take_inventory(home)
    _fill(connection, found, empty)
    return replace(
        found,
        datasets=found.datasets if datasets in empty else [],
        runs=found.runs if runs in empty else [],
        studies=found.studies if studies in empty else [],
    )


def _tell(home: Home, found: Inventory) -> None:
    if not (found.datasets or found.runs or found.studies):
        return
    words = f"The index was lost and is made again from the folders: {found.words}."
    _log.warning("%s", words)
    try:
        write_atomically(home.page_note, lambda file: file.write(words.encode()))
    except StorageError as error:  # it was logged
        _log.warning("%s", error)


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
        ForeignDatabaseError: the database is another program's or of a later version of cnnlab.
        StorageError: the new database can't be written; the old one is as it was.
    """
    address = database_address() if address is None else address
    with _without_supervisor(home):
        found = take_inventory(home)
        if not address:
            with opening(home.database):
                check_owner(home.database)
                return found, _make_anew(home.database, found)
        engine = open_database(home.database, address, schema=home.schema)
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


def _fill(
    connection: Connection, found: Inventory, tables: Iterable[Table] = (datasets, runs, studies)
) -> None:
    """Let tables list what was found, and nothing else."""
    rows = _rows(found)
    for table in tables:
        connection.execute(delete(table))
        if rows[table]:
            connection.execute(insert(table), rows[table])


def _rows(found: Inventory) -> dict[Table, list[dict[str, Any]]]:
    return {
        datasets: [dataset_row(dataset) for dataset in found.datasets],
        runs: [asdict(run) for run in found.runs],
        studies: [study_row(study) for study in found.studies],
    }


def _make_anew(path: Path, found: Inventory) -> Path | None:
    """Replace a SQLite file; return where the old one lies now."""
    fresh = make_beside(path, lambda connection: _fill(connection, found))
    with disk_errors(path):
        kept = _set_aside(path) if path.exists() else None
        put_in_place(fresh, path)
    return kept


def _set_aside(path: Path) -> Path:
    """Rename a SQLite file and those that belong to it."""
    kept = free_name(path.with_name(f"{path.name}.before-rebuild"))
    for file, target in zip((*beside(path), path), (*beside(kept), kept), strict=True):
        if file.exists():
            file.rename(target)
    return kept
