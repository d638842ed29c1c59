"""The first version, before which there was no register: `cnnlab/storage/people/schema.py`."""

revision, down_revision = "0001", None


def upgrade() -> None:
    """Nothing is older, so nothing is brought here."""
