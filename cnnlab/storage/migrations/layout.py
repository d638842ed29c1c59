"""What one of our databases holds, of which version: what tells them apart and brings them up."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table

TEXT = String().with_variant(String(collation="C"), "postgresql")
"""Sorted by code points on every database, whatever language its server speaks."""


@dataclass(frozen=True)
class Layout:
    """The tables of a database, and how it is known and brought up.

    Attributes:
        metadata: the tables, as they are today: what a new database is made of.
        newest: the version that this program reads and writes: that of its newest migration.
        application_id: a number in the header of a SQLite file that says which of ours it is.
        folder: whose `versions/` holds the steps from each version to the next.
        first_columns: of tables what they had in the very first version, which those of another
            program hardly have.
        otherwise: what is to be done where another program's database is in its place.
        if_damaged: what is to be done where it is damaged.
    """

    metadata: MetaData
    newest: int
    application_id: int
    folder: Path
    first_columns: Mapping[str, Set[str]]
    otherwise: str
    if_damaged: str


def add_version_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add what says how far the tables of a database are, as Alembic keeps it, and since when.

    Returns:
        The table with the version's number, and that with which version of cnnlab has brought the
        database to which version of its tables.
    """
    number = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
    reached = Table(
        "versions",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("program", TEXT, nullable=False),
        Column("reached_at", TEXT, nullable=False),
    )
    return number, reached
