"""The queue has an order of its own: users move runs that wait."""

from alembic import op
from sqlalchemy import Column, Integer

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    """Runs have a rank in the queue; those that are there wait as they came."""
    op.add_column("runs", Column("queue_rank", Integer, nullable=False, server_default="0"))
