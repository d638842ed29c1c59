"""Users note of a run's model what they want to find it by."""

from alembic import op
from sqlalchemy import JSON, Column

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Runs have tags, none at first."""
    op.add_column("runs", Column("tags", JSON, nullable=False, server_default="[]"))
