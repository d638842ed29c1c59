"""Users note more of a run than tags: a text of their own, and a star."""

from alembic import op
from sqlalchemy import Boolean, Column, String, false

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Runs have a note, empty at first, and a star, which none has."""
    text = String().with_variant(String(collation="C"), "postgresql")
    op.add_column("runs", Column("note", text, nullable=False, server_default=""))
    op.add_column("runs", Column("starred", Boolean, nullable=False, server_default=false()))
