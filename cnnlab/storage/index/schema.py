"""The tables, as they are today: what a new database is made of.

Whoever changes them adds a step to `cnnlab/storage/migrations/versions/` that brings the databases
of all users there, and raises `NEWEST`. What is added to a table is nullable or has a server
default, so that the rows that are there have a value for it.
"""

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
)

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
    Column("search", _Text),
    Column("trial", Integer),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("note", _Text, nullable=False, server_default=""),
    Column("starred", Boolean, nullable=False, server_default=false()),
    Column("queue_rank", Integer, nullable=False, server_default="0"),
    Index("runs_by_status", "status", "id"),
    Index("runs_by_age", "created_at", "id"),
    Index("runs_by_study", "study"),
    Index("runs_by_search", "search"),
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

# How far the tables of a database are, as Alembic keeps it; see `cnnlab/storage/migrations/`.
alembic_version = Table(
    "alembic_version", metadata, Column("version_num", String(32), primary_key=True)
)

versions = Table(
    "versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("program", _Text, nullable=False),
    Column("reached_at", _Text, nullable=False),
)
"""Which version of cnnlab has brought the database to which version of its tables, and when."""
