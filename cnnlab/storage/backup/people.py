"""The register of people in a backup: a SQLite file of its own, whatever database it came from.

Who is signed in isn't kept: whoever was has to sign in again. Links come back ended: the backup
can't know which of them were revoked after it was made.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, delete, func, insert, select

from cnnlab.domain.errors import (
    BadInputError,
    ForeignDatabaseError,
    RunStateError,
    StorageError,
    UploadError,
)
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
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
                _copy(connection, kept, table, {}, {})

    open_database(to, "", fill, layout=REGISTER).dispose()
    with disk_errors(to):
        to.chmod(0o600)
        for left in to.parent.glob(f"{to.name}?*"):  # the lock under which it was made
            left.unlink()


def bring_people(kept: Path, register: Engine, beside: Path) -> None:
    """Fill a register that knows nobody with what a backup has kept; its own workspaces stay.

    No link opens anything before somebody shares the thing anew.

    Args:
        kept: the file of the backup; it is left as it is.
        register: the database to be filled.
        beside: a file that isn't there, where it may be brought up to this version.

    Raises:
        BadInputError: there is no such file.
        RunStateError: the register has accounts, or another workspace with the id or the title of
            one in the backup.
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
                filled.execute(delete(workspaces).where(workspaces.c.id == DEFAULT_WORKSPACE))
                there = {
                    workspaces.c.id: _known_already(connection, filled),
                    links.c.key_hash: set(filled.scalars(select(links.c.key_hash))),
                }
                for table in _KEPT:
                    changed = {"revoked": True} if table is links else {}
                    _copy(connection, filled, table, there, changed)
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


def _known_already(kept: Connection, register: Connection) -> set[str]:
    """Ids of the workspaces of a backup that came with it before; any other likeness is refused."""
    chosen = select(workspaces.c.id, workspaces.c.title, workspaces.c.title_key)
    there = {row.id: row.title_key for row in register.execute(chosen)}
    known = set()
    for row in kept.execute(chosen):
        if there.get(row.id) == row.title_key:
            known.add(row.id)
        elif row.id in there or row.title_key in there.values():
            raise RunStateError(
                f"There is another workspace here with the title or the id of {row.title!r}, which "
                "is in the backup: give this one another title, or delete it, and restore again."
            )
    return known


def _copy(
    source: Connection,
    target: Connection,
    table: Table,
    there: Mapping[Column[Any], set[str]],
    changed: Mapping[str, Any],
) -> None:
    """Copy all rows but those that are there; of the audit in order, as it counts by itself.

    Args:
        source: where they are.
        target: where they come to.
        table: that they are of.
        there: by column, the values of rows that are left out.
        changed: what they have in the target, by column, whatever they have in the source.
    """
    columns = [column for column in table.columns if column is not audit.c.number]
    order = [audit.c.number] if table is audit else []
    left_out = [column.not_in(there[column]) for column in table.columns if column in there]
    rows = source.execute(select(*columns).where(*left_out).order_by(*order))
    for some in rows.partitions(_AT_ONCE):
        target.execute(insert(table), [{**row._asdict(), **changed} for row in some])
