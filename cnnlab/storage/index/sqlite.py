"""SQLite as it is used here: one file, its connections, and what lies beside it."""

import contextlib
import functools
import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from cnnlab.files import wait_for_lock
from cnnlab.storage.migrations.layout import Layout

_BUSY_SECONDS = 30
to_json = functools.partial(json.dumps, allow_nan=False)
"""PostgreSQL refuses NaN, so we all do."""


def is_missing(path: Path) -> bool:
    """Whether there is no SQLite file, or one without a single byte."""
    return not path.exists() or path.stat().st_size == 0


def opening(path: Path) -> contextlib.AbstractContextManager[None]:
    """Be alone with a SQLite file that isn't in WAL mode or lacks tables.

    A switch to WAL fails at once, however long the time-out, while anybody else reads.
    """
    return wait_for_lock(path.with_name(f"{path.name}.lock"))


def remove_database(path: Path) -> None:
    """Delete a SQLite file, if it is there, and what SQLite keeps beside it."""
    for file in (path, *beside(path)):
        file.unlink(missing_ok=True)


def beside(path: Path) -> list[Path]:
    """What SQLite itself may keep beside a file."""
    return [path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm")]


def free_name(path: Path) -> Path:
    """A name for a copy that is to be kept: none that was kept before is lost."""
    name, number = path, 1
    while any(file.exists() for file in (name, *beside(name))):
        number += 1
        name = path.with_name(f"{path.name}-{number}")
    return name


def make_engine(path: Path, layout: Layout) -> Engine:
    """Connections to a file that is there; they go over to one that takes its place."""
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _BUSY_SECONDS},
        json_serializer=to_json,
        execution_options={"layout": layout},
    )
    event.listen(engine, "do_connect", functools.partial(_connect, path))
    event.listen(engine, "connect", functools.partial(_configure, path))
    event.listen(engine, "checkout", functools.partial(_follow, path))
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if words := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
        connection.exec_driver_sql(words)


def _connect(
    path: Path, _: Dialect, __: ConnectionPoolEntry, ___: object, options: dict[str, Any]
) -> sqlite3.Connection:
    """Connect to a file that is there: SQLite would make an empty one of any name."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection: sqlite3.Connection = sqlite3.connect(address, uri=True, **options)
    return connection


def _configure(path: Path, connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    connection.execute("PRAGMA synchronous=FULL")
    entry.info["file"] = _identity(path)


def _follow(path: Path, _: sqlite3.Connection, entry: ConnectionPoolEntry, *__: object) -> None:
    """Let go of a file that isn't the database any more, because that was made again."""
    if entry.info["file"] != _identity(path):
        raise DisconnectionError("The database was made again.")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_dev, state.st_ino
