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
from cnnlab.storage.migrations.layout import Layout

_NUMBER, _REACHED = "alembic_version", "versions"


def find_number(connection: Connection, layout: Layout, place: str) -> int | None:
    """The version of a database; nothing is written.

    Args:
        connection: to any database.
        layout: which of ours it has to be.
        place: where it is, in words.

    Returns:
        0 for one from before there were numbers, None for one without such tables.

    Raises:
        ForeignDatabaseError: it is another program's, another one of ours, or that of a later
            version of cnnlab.
    """
    is_file = connection.dialect.name == "sqlite"
    owner, number = _header(connection) if is_file else (0, 0)
    if owner not in (0, layout.application_id):
        raise _foreign(layout, place, f"its application_id is {owner}")
    if owner == layout.application_id and number == layout.newest:
        return number  # the usual case, at the cost of two numbers
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    if owner != layout.application_id and not _is_ours(inspector, layout, tables, alone=is_file):
        if tables if is_file else tables & layout.metadata.tables.keys():
            raise _foreign(layout, place, f"its tables are {', '.join(sorted(tables)[:4])}")
        if number:
            raise _foreign(layout, place, f"its user_version is {number}")
        return None
    number = max(number, _noted(connection, layout, tables, place))
    if number > layout.newest:
        raise _newer(connection, layout, tables, place, number)
    return number


def make_tables(connection: Connection, layout: Layout) -> None:
    """Make the tables of the newest version in a database that has none."""
    layout.metadata.create_all(connection)
    number = layout.metadata.tables[_NUMBER]
    connection.execute(insert(number).values(version_num=f"{layout.newest:04}"))
    write_number(connection, layout)


def write_number(connection: Connection, layout: Layout) -> None:
    """Note that the tables are those of the newest version, and who made them so."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id={layout.application_id}")
        connection.exec_driver_sql(f"PRAGMA user_version={layout.newest}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = {"number": layout.newest, "program": __version__, "reached_at": now}
    connection.execute(insert(layout.metadata.tables[_REACHED]).values(made))


def _header(connection: Connection) -> tuple[int, int]:
    names = ("application_id", "user_version")
    owner, number = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names)
    return owner, number


def _is_ours(inspector: Inspector, layout: Layout, tables: set[str], *, alone: bool) -> bool:
    """Whether tables without our mark are ours: of an early version, or in PostgreSQL."""
    if alone and tables - layout.metadata.tables.keys():
        return False
    return all(
        name in tables and columns <= {column["name"] for column in inspector.get_columns(name)}
        for name, columns in layout.first_columns.items()
    )


def _noted(connection: Connection, layout: Layout, tables: set[str], place: str) -> int:
    """The number that `alembic_version` says, 0 without one."""
    if _NUMBER not in tables:
        return 0
    noted = connection.scalars(select(layout.metadata.tables[_NUMBER].c.version_num)).all()
    if len(noted) > 1 or not all(each.isdecimal() for each in noted):
        raise _foreign(layout, place, f"its alembic_version is {', '.join(noted)}")
    return int(noted[0]) if noted else 0


def _newer(
    connection: Connection, layout: Layout, tables: set[str], place: str, number: int
) -> ForeignDatabaseError:
    program = None
    if _REACHED in tables:
        reached = layout.metadata.tables[_REACHED]
        made_so = select(reached.c.program).where(reached.c.number == number)
        program = connection.scalars(made_so).first()
    who = f"cnnlab {program}" if program else "a later version of cnnlab"
    return ForeignDatabaseError(
        f"The database {place} was made by {who} (its version is {number}; this is cnnlab "
        f"{__version__}, which knows those up to {layout.newest}): update cnnlab. Nothing was "
        "changed."
    )


def _foreign(layout: Layout, place: str, seen: str) -> ForeignDatabaseError:
    return ForeignDatabaseError(
        f"The database {place} isn't cnnlab's ({seen:.200}): {layout.otherwise}. Nothing was "
        "changed."
    )
