"""Runs belong to searches: each to one setting that was tried, a trial."""

from alembic import op
from sqlalchemy import Column, Integer, String

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Runs name their search and their trial; those that are there belong to none."""
    text = String().with_variant(String(collation="C"), "postgresql")
    op.add_column("runs", Column("search", text))
    op.add_column("runs", Column("trial", Integer))
    op.create_index("runs_by_search", "runs", ["search"])
