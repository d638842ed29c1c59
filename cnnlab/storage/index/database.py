"""The database: queue and index of what lies in the folders (SQLAlchemy Core).

By default it is a SQLite file in WAL mode with synchronous=FULL. Every transaction that writes
begins with BEGIN IMMEDIATE: one that starts as a reader and then writes fails at once while another
process writes, whatever the time-out. Readers begin plainly, so that no writer makes them wait.

`CNNLAB_DATABASE` names a PostgreSQL database instead. It belongs to one home folder alone.
"""

import contextlib
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, Delete, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from cnnlab.domain.errors import DamagedDatabaseError, ForeignDatabaseError, StorageError
from cnnlab.files import disk_errors, hide_folder, put_in_place
from cnnlab.storage.index.postgresql import DATABASE_VARIABLE, connect_to_server
from cnnlab.storage.index.schema import INDEX
from cnnlab.storage.index.sqlite import (
    free_name,
    is_missing,
    make_engine,
    opening,
    remove_database,
)
from cnnlab.storage.migrations.layout import Layout
from cnnlab.storage.migrations.numbers import find_number, make_tables
from cnnlab.storage.migrations.upgrade import upgrade

Fill = Callable[[Connection], None]
"""What brings rows into the tables of a new database, in the transaction that makes them."""

_LOCK_SECONDS = 30
_SCHEMA_LOCK = 0x636E6E6C6162  # 'cnnlab'; any number that nothing else takes
_DAMAGED_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOST_TABLE = "42P01"  # what PostgreSQL says of a table that isn't there
_log = logging.getLogger(__name__)


def open_database(
    path: Path,
    address: str | None = None,
    fill: Fill | None = None,
    *,
    layout: Layout = INDEX,
    schema: str = "",
) -> Engine:
    """Open a database, made with its tables if it isn't there.

    One of an earlier version is brought up to this one: a SQLite file after a copy was put beside
    it. Any number of processes may do this at the same moment: one does it, the others wait.

    Args:
        path: the SQLite file; an empty one counts as not there.
        address: SQLAlchemy URL of a PostgreSQL database to be taken instead; empty is none, and
            the default is what `CNNLAB_DATABASE` says.
        fill: is given a new database before anybody sees it.
        layout: the tables; by default those that list what lies in a home.
        schema: of a PostgreSQL database, made if it isn't there; empty is the one that its server
            takes by itself.

    Raises:
        ForeignDatabaseError: it is another program's or of a later version of cnnlab.
        StorageError: it is damaged or can't be opened; the message says what to do.
    """
    address = database_address() if address is None else address
    fill = fill or _leave_empty
    if address:
        return _open_postgresql(address, fill, layout, schema)
    with opening(path):
        if is_missing(path):
            fresh = make_beside(path, fill, layout)
            with disk_errors(path):
                remove_database(path)
                put_in_place(fresh, path)
        return _open_file(path, fill, layout)


def connect(path: Path, *, schema: str = "") -> Engine:
    """Connections to the database that `open_database` opens; it is neither looked at nor made.

    Args:
        path: the SQLite file, unless `CNNLAB_DATABASE` names a PostgreSQL database.
        schema: of that.

    Raises:
        StorageError: the address can't be read.
    """
    address = database_address()
    return connect_to_server(address, INDEX, schema) if address else make_engine(path, INDEX)


def database_address() -> str:
    """What `CNNLAB_DATABASE` says at this moment; empty is the SQLite file of the home folder."""
    return os.environ.get(DATABASE_VARIABLE, "").strip()


def make_beside(path: Path, fill: Fill, layout: Layout = INDEX) -> Path:
    """Make a SQLite file with all tables beside `path`, to be put in its place.

    Args:
        path: of the database; who calls is `opening` it.
        fill: is given the new one.
        layout: the tables.

    Returns:
        The new file, complete and alone.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    fresh = path.with_name(f"{path.name}.new")
    with disk_errors(fresh):
        remove_database(fresh)
        fresh.touch(mode=0o600)
    engine = make_engine(fresh, layout)
    try:
        _switch_to_wal(engine)
        with writing(engine) as connection:
            make_tables(connection, layout)
            fill(connection)
    finally:
        engine.dispose()  # its last connection brings everything into the one file
    return fresh


def check_owner(path: Path) -> None:
    """See whether a SQLite file is an index of ours; one that isn't there, or is damaged, may be.

    Raises:
        ForeignDatabaseError: it is another program's or of a later version of cnnlab.
    """
    if is_missing(path):
        return
    engine = make_engine(path, INDEX)
    try:
        with reading(engine) as connection:
            find_number(connection, INDEX, _place(engine.url))
    except ForeignDatabaseError:
        raise
    except StorageError as error:
        _log.info("%s", error)
    finally:
        engine.dispose()


def _leave_empty(_: Connection) -> None:
    """What nobody asked to be filled."""


def _open_file(path: Path, fill: Fill, layout: Layout) -> Engine:
    engine = make_engine(path, layout)
    try:
        _prepare(engine, path, fill, layout)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(engine: Engine, path: Path, fill: Fill, layout: Layout) -> None:
    with reading(engine) as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if found != "ok":
            raise _damaged(engine, found)
        number = find_number(connection, layout, _place(engine.url))
    _switch_to_wal(engine)
    if number == layout.newest:
        return
    if number is not None:
        kept = _keep_copy(engine, path, number)
        _log.warning(
            "The database %s was of version %d and is brought up to %d; as it was, it is kept as "
            "%s.", path, number, layout.newest, kept,
        )  # fmt: skip
    with writing(engine) as connection:
        _bring_up(connection, layout, number, fill)


def _switch_to_wal(engine: Engine) -> None:
    bare = engine.execution_options(begin="")  # the mode can't be changed within a transaction
    with _in_one_sentence(engine), bare.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _keep_copy(engine: Engine, path: Path, number: int) -> Path:
    """Copy the database as it is; on the disk when this returns."""
    kept = free_name(path.with_name(f"{path.name}.version-{number}"))
    part = path.with_name(f"{path.name}.copy")
    part.unlink(missing_ok=True)
    bare = engine.execution_options(begin="")
    with _in_one_sentence(engine), bare.connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(part),))
    with disk_errors(kept):
        part.chmod(0o600)
        put_in_place(part, kept)
    return kept


def _bring_up(connection: Connection, layout: Layout, number: int | None, fill: Fill) -> None:
    """Give a database the newest tables.

    Args:
        connection: in a transaction that nobody else changes tables in.
        layout: the tables.
        number: its version, None if it has no tables.
        fill: is given it if it has none.
    """
    if number is None:
        make_tables(connection, layout)
        fill(connection)
    elif number < layout.newest:
        upgrade(connection, layout)


def _open_postgresql(address: str, fill: Fill, layout: Layout, schema: str) -> Engine:
    engine = connect_to_server(address, layout, schema)
    with writing(engine) as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
        if schema:
            connection.execute(CreateSchema(schema, if_not_exists=True))
        number = find_number(connection, layout, _place(engine.url))
        _bring_up(connection, layout, number, fill)
    return engine


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; committed at the end.

    Raises:
        StorageError: the disk is full, the database is damaged or can't be reached, or another
            process writes for too long.
    """
    with _in_one_sentence(engine), engine.begin() as connection:
        yield connection


def delete_row(engine: Engine, query: Delete, folder: Path | None) -> bool:
    """Delete a row and its folder as one: an index takes in again a folder that it doesn't list.

    Args:
        engine: the database.
        query: deletes at most one row.
        folder: the row's own; it stays where no row is deleted. None leaves what there is.

    Returns:
        Whether there was such a row.

    Raises:
        StorageError: the database can't be written; row and folder are as they were.
    """
    hidden: Path | None = None
    try:
        with writing(engine) as connection:
            deleted = connection.execute(query).rowcount == 1
            if deleted and folder is not None and folder.exists():
                hidden = hide_folder(folder)
    except BaseException:
        if hidden and folder:
            hidden.rename(folder)
        raise
    if hidden:
        shutil.rmtree(hidden, ignore_errors=True)
    return deleted


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; it waits for no writer.

    Raises:
        StorageError: the database is damaged or can't be reached.
    """
    reader = engine.execution_options(begin="BEGIN")
    try:
        with _in_one_sentence(engine), reader.connect() as connection:
            yield connection
    except ValueError as error:  # a page that was lost inside a value
        raise _damaged(engine, str(error)) from error


def describe_database(engine: Engine) -> str:
    """What it is and where, without user and password."""
    kind = "SQLite" if _is_file(engine.url) else "PostgreSQL"
    return f"{kind}, {_place(engine.url)}"


@contextlib.contextmanager
def _in_one_sentence(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _in_words(engine, error.orig or error) from error


def _in_words(engine: Engine, error: BaseException) -> StorageError:
    cause = str(error).strip().partition("\n")[0]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the lower byte is the primary code
    is_table_lost = getattr(error, "sqlstate", "") == _LOST_TABLE or cause.startswith(
        "no such table"
    )
    if code in _DAMAGED_CODES or is_table_lost:
        return _damaged(engine, cause)
    hint = "the disk has room" if _is_file(engine.url) else "its server runs"
    return StorageError(
        f"The database {_place(engine.url)} can't be used: {cause}. What was stored before is "
        f"kept; see that {hint}, then try again."
    )


def _damaged(engine: Engine, cause: str) -> DamagedDatabaseError:
    cause = cause.removeprefix("*** in database main ***").strip().replace("\n", " ")
    layout: Layout = engine.get_execution_options().get("layout", INDEX)
    return DamagedDatabaseError(
        f"The database {_place(engine.url)} is damaged ({cause:.200}): {layout.if_damaged}."
    )


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _place(url: URL) -> str:
    """Where a database is, without user and password."""
    if _is_file(url):
        return str(url.database)
    host = url.host or url.query.get("host", "this machine")
    return f"{url.database} on {host} ({DATABASE_VARIABLE})"
