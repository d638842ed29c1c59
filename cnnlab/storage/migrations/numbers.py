"""Whose a database is and which version of the tables it has; told before anything is written.

A SQLite file carries two numbers in its header: `application_id` says that it is cnnlab's,
`user_version` which migration it has seen. Any database says the latter in `alembic_version` too.
Databases from before there were numbers have neither, and are known by their tables.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, inspect, select
from sqlalchemy.engine.reflection import Inspector

from cnnlab import __version__
from cnnlab.domain.errors import ForeignDatabaseError
from cnnlab.storage.index.schema import alembic_version, metadata, versions

NEWEST = 5
"""The version that this program reads and writes: that of its newest migration."""

APPLICATION_ID = 0x636E6E6C  # 'cnnl'

_FIRST_COLUMNS = {
    "datasets": {"id", "name", "created_at", "summary"},
    "runs": {"id", "name", "dataset", "config", "status", "attempt", "last", "best", "sparkline"},
}
"""What the tables of the very first version had; those of another program hardly do."""


def find_number(connection: Connection, place: str) -> int | None:
    """The version of a database; nothing is written.

    Args:
        connection: to any database.
        place: where it is, in words.

    Returns:
        0 for one from before there were numbers, None for one without tables of ours.

    Raises:
        ForeignDatabaseError: it is another program's, or that of a later version of cnnlab.
    """
    is_file = connection.dialect.name == "sqlite"
    owner, number = _header(connection) if is_file else (0, 0)
    if owner not in (0, APPLICATION_ID):
        raise _foreign(place, f"its application_id is {owner}")
    if owner == APPLICATION_ID and number == NEWEST:
        return number  # the usual case, at the cost of two numbers
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    if owner != APPLICATION_ID and not _is_ours(inspector, tables, alone=is_file):
        if tables if is_file else tables & metadata.tables.keys():
            raise _foreign(place, f"its tables are {', '.join(sorted(tables)[:4])}")
        if number:
            raise _foreign(place, f"its user_version is {number}")
        return None
    number = max(number, _noted(connection, tables, place))
    if number > NEWEST:
        raise _newer(connection, tables, place, number)
    return number


def make_tables(connection: Connection) -> None:
    """Make the tables of the newest version in a database that has none."""
    metadata.create_all(connection)
    connection.execute(insert(alembic_version).values(version_num=f"{NEWEST:04}"))
    write_number(connection)


def write_number(connection: Connection) -> None:
    """Note that the tables are those of the newest version, and who made them so."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={NEWEST}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = {"number": NEWEST, "program": __version__, "reached_at": now}
    connection.execute(insert(versions).values(made))


def _header(connection: Connection) -> tuple[int, int]:
    names = ("application_id", "user_version")
    owner, number = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names)
    return owner, number


def _is_ours(inspector: Inspector, tables: set[str], *, alone: bool) -> bool:
    """Whether tables without our mark are ours: of an early version, or in PostgreSQL."""
    if alone and tables - metadata.tables.keys():
        return False
    return all(
        name in tables and columns <= {column["name"] for column in inspector.get_columns(name)}
        for name, columns in _FIRST_COLUMNS.items()
    )


def _noted(connection: Connection, tables: set[str], place: str) -> int:
    """The number that `alembic_version` says, 0 without one."""
    if alembic_version.name not in tables:
        return 0
    noted = connection.scalars(select(alembic_version.c.version_num)).all()
    if len(noted) > 1 or not all(each.isdecimal() for each in noted):
        raise _foreign(place, f"its alembic_version is {', '.join(noted)}")
    return int(noted[0]) if noted else 0


def _newer(
    connection: Connection, tables: set[str], place: str, number: int
) -> ForeignDatabaseError:
    program = None
    if versions.name in tables:
        made_so = select(versions.c.program).where(versions.c.number == number)
        program = connection.scalars(made_so).first()
    who = f"cnnlab {program}" if program else "a later version of cnnlab"
    return ForeignDatabaseError(
        f"The database {place} was made by {who} (its version is {number}; this is cnnlab "
        f"{__version__}, which knows those up to {NEWEST}): update cnnlab. Nothing was changed."
    )


def _foreign(place: str, seen: str) -> ForeignDatabaseError:
    return ForeignDatabaseError(
        f"The database {place} isn't cnnlab's ({seen:.200}): move it away or name another place, "
        "then try again; cnnlab makes its own from the folders. Nothing was changed."
    )
