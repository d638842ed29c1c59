"""The tables, as they are today: what a new database is made of.

Whoever changes them adds a step to `cnnlab/storage/migrations/versions/` that brings the databases
of all users there, and raises `newest` at the end of this file. What is added to a table is
nullable or has a server default, so that the rows that are there have a value for it.
"""

from pathlib import Path

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, Table, false

from cnnlab.storage.migrations.layout import TEXT, Layout, add_version_tables

metadata = MetaData()

datasets = Table(
    "datasets",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("summary", JSON, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("dataset", TEXT, nullable=False),
    Column("config", JSON, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("started_at", TEXT),
    Column("ended_at", TEXT),
    Column("device", TEXT),
    Column("message", TEXT),
    Column("best_epoch", Integer),
    Column("last", JSON, nullable=False),
    Column("best", JSON, nullable=False),
    Column("sparkline", JSON, nullable=False),
    Column("losses", Integer, key="lost_workers", nullable=False, server_default="0"),
    Column("origin", JSON),
    Column("changed_by_hand", Boolean, nullable=False, server_default=false()),
    Column("study", TEXT),
    Column("arm", TEXT),
    Column("search", TEXT),
    Column("trial", Integer),
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("note", TEXT, nullable=False, server_default=""),
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
    Column("id", TEXT, primary_key=True),
    Column("dataset", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("content", JSON, nullable=False),
    Index("studies_by_age", "created_at", "id"),
)

add_version_tables(metadata)

REBUILD_COMMAND = "python -m cnnlab doctor --rebuild-index"

INDEX = Layout(
    metadata,
    newest=5,
    application_id=0x636E6E6C,  # 'cnnl'
    folder=Path(__file__).parents[1] / "migrations",
    first_columns={
        "datasets": {"id", "name", "created_at", "summary"},
        "runs": {
            "id", "name", "dataset", "config", "status", "attempt", "last", "best", "sparkline",
        },
    },
    otherwise="move it away or name another place, then try again; cnnlab makes its own from the "
    "folders",
    if_damaged=f"make it again from the folders with `{REBUILD_COMMAND}`",
)  # fmt: skip
