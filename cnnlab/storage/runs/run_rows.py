"""Rows of all runs as a list needs them: the texts of the database, which nobody has read yet.

Configs and curves are most of a run, and reading their JSON is most of the time that a list of
10,000 takes: who keeps what it read before reads again only what has changed.
"""

import contextlib
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, ColumnElement, Engine, Text, cast, select

from cnnlab.storage.index.database import reading
from cnnlab.storage.index.schema import runs
from cnnlab.storage.index.sqlite import beside

_NAMED_AT_ONCE = 500
"""Of more runs than these the configs of all are read: a query names only so many."""

_TICK_NS = 10**8
"""Clocks of files go in steps; these are far smaller."""

_QUIET_NS = (10**9, 10**10, 10**11)
"""SQLite writes a change to its log, waits for the disk and only then shows it to readers: what is
read meanwhile is old, and no file changes any more. So it is read again after so long without a
change, the last time when hardly any disk waits still."""


class RunRow(NamedTuple):
    """A run as the database has it, without its config.

    Fields as in `Run`; `last`, `best`, `sparkline`, `origin` and `tags` are JSON texts.
    """

    id: str
    name: str
    dataset: str
    status: str
    created_at: str
    started_at: str | None
    ended_at: str | None
    device: str | None
    best_epoch: int | None
    study: str | None
    arm: str | None
    search: str | None
    trial: int | None
    changed_by_hand: bool
    note: str
    starred: bool
    last: str
    best: str
    sparkline: str
    origin: str | None
    tags: str


def read_rows(engine: Engine) -> list[RunRow]:
    """The rows of all runs, newest first.

    Raises:
        StorageError: the database can't be read.
    """
    columns = [_as_text(runs.c[name]) for name in RunRow._fields]
    query = select(*columns).order_by(runs.c.created_at.desc(), runs.c.id.desc())
    with reading(engine) as connection:
        return [RunRow._make(row) for row in connection.execute(query)]


def read_configs(engine: Engine, ids: Collection[str]) -> dict[str, str]:
    """The configs of some runs, JSON texts by id; what was deleted meanwhile is left out.

    Raises:
        StorageError: the database can't be read.
    """
    query = select(runs.c.id, _as_text(runs.c.config))
    if len(ids) <= _NAMED_AT_ONCE:
        query = query.where(runs.c.id.in_(ids))
    with reading(engine) as connection:
        return {run: text for run, text in connection.execute(query) if run in ids}


@dataclass(frozen=True)
class Stamp:
    """When the files of a SQLite database were written last.

    Attributes:
        files: inode, bytes and time of each.
        is_settled: whether whatever is written from now on gets another time.
        quiet: after how many of a few lengths of time they still weren't written again; with each,
            what was written may only now be shown to readers.
    """

    files: tuple[tuple[int, int, int], ...]
    is_settled: bool
    quiet: int


def database_stamp(engine: Engine) -> Stamp | None:
    """The stamp of a database, taken before it is read; None for one that has no files here."""
    if engine.url.get_backend_name() != "sqlite" or not engine.url.database:
        return None
    return file_stamp(Path(engine.url.database))


def file_stamp(database: Path) -> Stamp:
    """The stamp of a SQLite file, whether it is open or not."""
    files = []
    for path in (database, *beside(database)):
        with contextlib.suppress(FileNotFoundError):
            found = path.stat()
            # The index of the write-ahead log is written by readers too.
            files += [(found.st_ino, found.st_size, found.st_mtime_ns)] * (path.suffix != ".db-shm")
    newest = max((at for _, _, at in files), default=0)
    age = time.time_ns() - newest
    return Stamp(tuple(files), age > _TICK_NS, sum(age > least for least in _QUIET_NS))


def _as_text(column: Column[Any]) -> ColumnElement[Any]:
    """A driver that knows JSON would read it at once."""
    return cast(column, Text) if isinstance(column.type, JSON) else column
