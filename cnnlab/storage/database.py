"""The database: queue and index of what lies in the folders (SQLAlchemy Core).

By default it is a SQLite file in WAL mode with synchronous=FULL. Every transaction that writes
begins with BEGIN IMMEDIATE: one that starts as a reader and then writes fails at once while another
process writes, whatever the time-out. Readers begin plainly, so that no writer makes them wait.

`CNNLAB_DATABASE` names a PostgreSQL database instead. It belongs to one home folder alone.
"""

import contextlib
import functools
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from cnnlab.domain.errors import StorageError
from cnnlab.files import wait_for_lock
from cnnlab.storage.schema import complete

DATABASE_VARIABLE = "CNNLAB_DATABASE"
REBUILD_COMMAND = "python -m cnnlab doctor --rebuild-index"

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
_SCHEMA_LOCK = 0x636E6E6C6162  # 'cnnlab'; any number that nothing else takes
_DAMAGED_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_to_json = functools.partial(json.dumps, allow_nan=False)  # PostgreSQL refuses NaN, so we all do


def open_database(path: Path, address: str | None = None) -> Engine:
    """Open the database, made with its tables if it isn't there.

    A database of an earlier version gets the columns that it lacks; one of a later version serves
    as it is. Any number of processes may do this at the same moment.

    Args:
        path: the SQLite file.
        address: SQLAlchemy URL of a PostgreSQL database to be taken instead; empty is none, and
            the default is what `CNNLAB_DATABASE` says.

    Raises:
        StorageError: it is damaged or can't be opened; the message says what to do.
    """
    address = database_address() if address is None else address
    if address:
        return _open_postgresql(address)
    with opening(path):
        return make_database(path)


def database_address() -> str:
    """What `CNNLAB_DATABASE` says at this moment; empty is the SQLite file of the home folder."""
    return os.environ.get(DATABASE_VARIABLE, "").strip()


def opening(path: Path) -> contextlib.AbstractContextManager[None]:
    """Be alone with a SQLite file that isn't in WAL mode or has no tables yet.

    A switch to WAL fails at once, however long the time-out, while anybody else reads.
    """
    return wait_for_lock(path.with_name(f"{path.name}.lock"))


def make_database(path: Path) -> Engine:
    """Open a SQLite file; who calls is `opening` it.

    Raises:
        StorageError: it is damaged or can't be opened.
    """
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS}, json_serializer=_to_json
    )
    event.listen(engine, "connect", functools.partial(_configure, path))
    event.listen(engine, "checkout", functools.partial(_follow, path))
    event.listen(engine, "begin", _begin)
    try:
        _prepare(engine)
    except StorageError:
        engine.dispose()
        raise
    return engine


def _prepare(engine: Engine) -> None:
    bare = engine.execution_options(begin="")  # the mode can't be changed within a transaction
    with _in_one_sentence(engine), bare.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if found != "ok":
            raise StorageError(_damaged(engine.url, found))
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    with writing(engine) as connection:
        complete(connection)


def _open_postgresql(address: str) -> Engine:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = URL.create("unreadable")
    if url.get_backend_name() not in ("postgresql", "postgres") or "@" in (url.host or ""):
        raise StorageError(
            f"{DATABASE_VARIABLE} must be like postgresql+psycopg://user:password@host/database, "
            "with @ : / # % in the password written as %40 %3A %2F %23 %25."
        )
    query = {"connect_timeout": str(_CONNECT_SECONDS)} | url.query
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg", query=query),
            pool_pre_ping=True,
            json_serializer=_to_json,
        )
    except ImportError as error:
        raise StorageError(
            f'{DATABASE_VARIABLE} needs the driver of PostgreSQL: pip install "psycopg[binary]".'
        ) from error
    with writing(engine) as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
        complete(connection)
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
        raise StorageError(_damaged(engine.url, str(error))) from error


def describe_database(engine: Engine) -> str:
    """What it is and where, without user and password."""
    kind = "SQLite" if _is_file(engine.url) else "PostgreSQL"
    return f"{kind}, {_place(engine.url)}"


@contextlib.contextmanager
def _in_one_sentence(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(_sentence(engine.url, error.orig or error)) from error


def _sentence(url: URL, error: BaseException) -> str:
    cause = str(error).strip().partition("\n")[0]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the lower byte is the primary code
    if code in _DAMAGED_CODES or cause.startswith("no such table"):
        return _damaged(url, cause)
    hint = "the disk has room" if _is_file(url) else "its server runs"
    return (
        f"The database {_place(url)} can't be used: {cause}. What was stored before is kept; see "
        f"that {hint}, then try again."
    )


def _damaged(url: URL, cause: str) -> str:
    cause = cause.removeprefix("*** in database main ***").strip().replace("\n", " ")
    return (
        f"The database {_place(url)} is damaged ({cause:.200}): make it again from the folders "
        f"with `{REBUILD_COMMAND}`."
    )


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _place(url: URL) -> str:
    """Where a database is, without user and password."""
    if _is_file(url):
        return str(url.database)
    host = url.host or url.query.get("host", "this machine")
    return f"{url.database} on {host} ({DATABASE_VARIABLE})"


def _begin(connection: Connection) -> None:
    if words := connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"):
        connection.exec_driver_sql(words)


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
