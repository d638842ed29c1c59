"""The first numbered version: what any database before it lacks is added.

Those were brought up to date column by column, without a number. The tables stand here as they were
on that day; those of today are in `cnnlab/storage/index/schema.py`.
"""

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    false,
    inspect,
)
from sqlalchemy.schema import CreateColumn

revision = "0001"
down_revision = None

_TEXT = String().with_variant(String(collation="C"), "postgresql")
_METADATA = MetaData()

Table(
    "datasets",
    _METADATA,
    Column("id", _TEXT, primary_key=True),
    Column("name", _TEXT, nullable=False),
    Column("created_at", _TEXT, nullable=False),
    Column("summary", JSON, nullable=False),
)
Table(
    "runs",
    _METADATA,
    Column("id", _TEXT, primary_key=True),
    Column("name", _TEXT, nullable=False),
    Column("dataset", _TEXT, nullable=False),
    Column("config", JSON, nullable=False),
    Column("status", _TEXT, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", _TEXT, nullable=False),
    Column("started_at", _TEXT),
    Column("ended_at", _TEXT),
    Column("device", _TEXT),
    Column("message", _TEXT),
    Column("best_epoch", Integer),
    Column("last", JSON, nullable=False),
    Column("best", JSON, nullable=False),
    Column("sparkline", JSON, nullable=False),
    Column("losses", Integer, nullable=False, server_default="0"),
    Column("origin", JSON),
    Column("changed_by_hand", Boolean, nullable=False, server_default=false()),
    Column("study", _TEXT),
    Column("arm", _TEXT),
    Index("runs_by_status", "status", "id"),
    Index("runs_by_age", "created_at", "id"),
    Index("runs_by_study", "study"),
)
Table(
    "studies",
    _METADATA,
    Column("id", _TEXT, primary_key=True),
    Column("dataset", _TEXT, nullable=False),
    Column("created_at", _TEXT, nullable=False),
    Column("content", JSON, nullable=False),
    Index("studies_by_age", "created_at", "id"),
)
Table(
    "versions",
    _METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("program", _TEXT, nullable=False),
    Column("reached_at", _TEXT, nullable=False),
)


def upgrade() -> None:
    """Make the tables, columns and indices that are missing; what is there beyond them stays."""
    connection = op.get_bind()
    _METADATA.create_all(connection)
    inspector = inspect(connection)
    quote = connection.dialect.identifier_preparer.format_table
    for table in _METADATA.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                words = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {quote(table)} ADD COLUMN {words}")
        for index in table.indexes:
            index.create(connection, checkfirst=True)
