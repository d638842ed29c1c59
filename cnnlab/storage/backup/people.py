"""The register of people in a backup: a SQLite file of its own, whatever database it came from.

Who is signed in isn't kept: whoever was has to sign in again.
"""

import shutil
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select

from cnnlab.domain.errors import (
    BadInputError,
    ForeignDatabaseError,
    RunStateError,
    StorageError,
    UploadError,
)
from cnnlab.files import disk_errors
from cnnlab.storage.index.database import open_database, reading, writing
from cnnlab.storage.people.schema import (
    REGISTER,
    audit,
    links,
    members,
    people,
    workspaces,
)

_KEPT = (workspaces, people, members, links, audit)
_AT_ONCE = 1000


def keep_people(register: Engine, to: Path) -> None:
    """Write the register into a file that isn't there yet; its owner alone can read it.

    Args:
        register: its database.
        to: the file.

    Raises:
        StorageError: the register can't be read, or the file not written.
    """

    def fill(kept: Connection) -> None:
        with reading(register) as connection:
            for table in _KEPT:
                _copy(connection, kept, table)

    open_database(to, "", fill, layout=REGISTER).dispose()
    with disk_errors(to):
        to.chmod(0o600)
        for left in to.parent.glob(f"{to.name}?*"):  # the lock under which it was made
            left.unlink()


def bring_people(kept: Path, register: Engine, beside: Path) -> None:
    """Fill a register that knows nobody with what a backup has kept.

    Args:
        kept: the file of the backup; it is left as it is.
        register: the database to be filled.
        beside: a file that isn't there, where it may be brought up to this version.

    Raises:
        BadInputError: there is no such file.
        RunStateError: the register has accounts.
        ForeignDatabaseError: it is another program's file or of a later version.
        UploadError: it is damaged or empty.
        StorageError: the register can't be written.
    """
    if not kept.is_file():
        raise BadInputError(f"There is no file {kept}: name a folder that `backup --all` has made.")
    try:
        with disk_errors(beside):
            shutil.copyfile(kept, beside)
        source = _opened(kept, beside)
        try:
            with reading(source) as connection, writing(register) as filled:
                _check_nobody(filled)
                filled.execute(delete(workspaces))
                for table in _KEPT:
                    _copy(connection, filled, table)
        finally:
            source.dispose()
    finally:
        for file in beside.parent.glob(f"{beside.name}*"):
            file.unlink(missing_ok=True)


def _opened(kept: Path, beside: Path) -> Engine:
    """The copy of a backup's file, brought up to this version."""
    damaged = UploadError(f"{kept} is damaged: take another backup.")
    try:
        source = open_database(beside, "", layout=REGISTER)
        with reading(source) as connection:
            listed = connection.execute(select(workspaces.c.id)).first()
    except ForeignDatabaseError:
        raise
    except StorageError as error:
        raise damaged from error
    if listed is None:  # an empty file was taken for one that isn't there, and made
        source.dispose()
        raise damaged
    return source


def _check_nobody(register: Connection) -> None:
    if register.execute(select(func.count()).select_from(people)).scalar_one():
        raise RunStateError(
            "People have accounts here already: a backup of people goes into an installation that "
            "knows nobody."
        )


def _copy(source: Connection, target: Connection, table: Table) -> None:
    """Copy all rows; those of the audit in their order, as it counts by itself."""
    columns = [column for column in table.columns if column is not audit.c.number]
    order = [audit.c.number] if table is audit else []
    rows = source.execute(select(*columns).order_by(*order))
    for some in rows.partitions(_AT_ONCE):
        target.execute(insert(table), [row._asdict() for row in some])
