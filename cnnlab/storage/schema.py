"""The tables, and how a database of an earlier version is brought up to them.

What is added to a table later is nullable or has a server default, so that rows of an earlier
version have a value for it, and so that an earlier version can still add rows.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    false,
    inspect,
)
from sqlalchemy.schema import CreateColumn

metadata = MetaData()

# Sorted by code points on every database, whatever language its server speaks.
_Text = String().with_variant(String(collation="C"), "postgresql")

datasets = Table(
    "datasets",
    metadata,
    Column("id", _Text, primary_key=True),
    Column("name", _Text, nullable=False),
    Column("created_at", _Text, nullable=False),
    Column("summary", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", _Text, primary_key=True),
    Column("name", _Text, nullable=False),
    Column("dataset", _Text, nullable=False),
    Column("config", JSON, nullable=False),
    Column("status", _Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", _Text, nullable=False),
    Column("started_at", _Text),
    Column("ended_at", _Text),
    Column("device", _Text),
    Column("message", _Text),
    Column("best_epoch", Integer),
    Column("last", JSON, nullable=False),
    Column("best", JSON, nullable=False),
    Column("sparkline", JSON, nullable=False),
    Column("losses", Integer, key="lost_workers", nullable=False, server_default="0"),
    Column("origin", JSON),
    Column("changed_by_hand", Boolean, nullable=False, server_default=false()),
    Column("study", _Text),
    Column("arm", _Text),
    Index("runs_by_status", "status", "id"),
    Index("runs_by_age", "created_at", "id"),
    Index("runs_by_study", "study"),
)

studies = Table(
    "studies",
    metadata,
    Column("id", _Text, primary_key=True),
    Column("dataset", _Text, nullable=False),
    Column("created_at", _Text, nullable=False),
    Column("content", JSON, nullable=False),
    Index("studies_by_age", "created_at", "id"),
)


def complete(connection: Connection, wanted: MetaData = metadata) -> None:
    """Make the tables, columns and indices that are missing; what is there beyond them stays.

    Args:
        connection: in a transaction that nobody else makes tables at the same time.
        wanted: what has to be there.
    """
    wanted.create_all(connection)
    inspector = inspect(connection)
    quote = connection.dialect.identifier_preparer.format_table
    for table in wanted.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                words = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {quote(table)} ADD COLUMN {words}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)
