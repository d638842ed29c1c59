"""A home that can't be written: why, and what to do, in words; and how its database is read."""

import contextlib
import errno
import os
import pwd
import secrets
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from cnnlab.domain.errors import StorageError
from cnnlab.domain.words import data_size
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import reading

FULL_BYTES = 8 * 1024**2
"""With less than this a disk counts as full: no run is started."""

_PROBE_BYTES = 4096
_WAYS = ("mode=ro", "immutable=1")
"""The first needs the files that SQLite keeps beside a database, or room to make them. The second
takes the file as it is, without what wasn't brought into it yet."""


def why_unwritable(home: Home) -> str:
    """Why the home can't be written at the moment, in a few sentences; empty where it can.

    It is tried out: the rights of a folder say nothing of a disk that is read-only, or full.
    """
    probe = home.root / f".probe-{secrets.token_hex(6)}"
    try:
        with probe.open("wb") as file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as error:
        return _words(home, error)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
    return _full(home) if home.free_bytes() < FULL_BYTES else ""


def open_to_read(path: Path, why: str) -> Engine:
    """Open a SQLite file of which nothing, and beside which nothing, can be written.

    Args:
        path: the file.
        why: what is said to whoever would write.

    Raises:
        StorageError: it can't be read either.
    """
    problem = StorageError(why)
    for way in _WAYS:
        address = f"sqlite:///file:{quote(str(path))}?{way}&uri=true"
        engine = create_engine(address, poolclass=NullPool)
        event.listen(engine, "begin", lambda connection: _refuse_writing(connection, why))
        try:
            with reading(engine) as connection:
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        except StorageError as error:
            problem = error
        else:
            return engine
    raise problem


def _refuse_writing(connection: Connection, why: str) -> None:
    if not connection.get_execution_options().get("begin"):
        raise StorageError(why)


def _words(home: Home, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(home)
    rest = "What it holds can be looked at; nothing can be changed."
    if error.errno == errno.EROFS:
        disk = _mount_point(home.root)
        return (
            f"The folder {home.root} is on a disk that is read-only. {rest} Make the disk writable "
            f"(mount -o remount,rw {disk}), or set CNNLAB_HOME to another folder and start again."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"The folder {home.root} belongs to {_name(home.root.stat().st_uid)}, and this program "
            f"runs as {_name(os.geteuid())}, who may not write there. {rest} Give that user the "
            "right to write, or set CNNLAB_HOME to another folder and start again."
        )
    return f"The folder {home.root} can't be written ({error.strerror}). {rest}"


def _full(home: Home) -> str:
    return (
        f"The disk of {home.root} is full: {data_size(home.free_bytes())} free. What is stored can "
        "be looked at and deleted: delete runs or datasets that nobody needs, or make room "
        "elsewhere on the disk. Runs that the full disk stopped go on by themselves then."
    )


def _mount_point(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if os.path.ismount(parent))


def _name(user: int) -> str:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(user).pw_name
    return f"user {user}"
