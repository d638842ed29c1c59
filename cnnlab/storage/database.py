"""The database: queue and index of what lies in the folders (SQLAlchemy Core).

SQLite in WAL mode with synchronous=FULL. Every transaction that writes begins with BEGIN IMMEDIATE:
one that starts as a reader and then writes fails at once while another process writes, whatever the
time-out. Readers begin plainly, so that no writer makes them wait.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    false,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from cnnlab.domain.errors import StorageError

metadata = MetaData()

datasets = Table(
    "datasets",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("summary", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("dataset", String, nullable=False),
    Column("config", JSON, nullable=False),
    Column("status", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", String, nullable=False),
    Column("started_at", String),
    Column("ended_at", String),
    Column("device", String),
    Column("message", String),
    Column("best_epoch", Integer),
    Column("last", JSON, nullable=False),
    Column("best", JSON, nullable=False),
    Column("sparkline", JSON, nullable=False),
    Column("losses", Integer, nullable=False, server_default="0"),
    Column("origin", JSON),
    Column("changed_by_hand", Boolean, nullable=False, server_default=false()),
    Index("runs_by_status", "status", "id"),
)


def open_database(path: Path) -> Engine:
    """Open the SQLite file, made with its tables if it isn't there.

    Raises:
        StorageError: the file is no database or can't be opened.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    with writing(engine) as connection:
        metadata.create_all(connection)
    return engine


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write; committed at the end.

    Raises:
        StorageError: the disk is full, the file is damaged, or another process writes for too long.
    """
    with _in_one_sentence(engine), engine.begin() as connection:
        yield connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; it waits for no writer.

    Raises:
        StorageError: the file is damaged.
    """
    reader = engine.execution_options(only_reads=True)
    with _in_one_sentence(engine), reader.connect() as connection:
        yield connection


@contextlib.contextmanager
def _in_one_sentence(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise StorageError(
            f"The database {engine.url.database} can't be used: {error.orig}. What was stored "
            "before is kept; see that the disk has room, then try again."
        ) from error


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _configure(connection: object, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
