"""Deleting a whole home: that of a workspace which nobody wants any more."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.schema import DropSchema

from cnnlab.files import hide_folder
from cnnlab.storage.bucket.notes import any_note, note_workspace_deleted
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import writing


def remove_home(home: Home, engine: Engine, unlist: Callable[[], None]) -> None:
    """Delete a home, on both of its disks, and what a PostgreSQL database lists of it.

    Deleting many files takes a while, and as long as the workspace is listed somebody makes its
    home anew: so it goes out of sight first, then from the list, and its files last.

    Args:
        home: of a workspace, but not that of the installation.
        engine: its database; of no use afterwards.
        unlist: takes the workspace from the list; where it can't, the home is there again.

    Raises:
        StorageError: database or folder can't be written.
    """
    hidden: list[tuple[Path, Path]] = []
    in_bucket = any_note(home)
    try:
        _hide(home, hidden)
        unlist()
    except BaseException:
        for folder, trash in reversed(hidden):
            if folder.exists():  # made anew meanwhile, and empty
                shutil.rmtree(folder, ignore_errors=True)
            trash.rename(folder)
        raise
    _hide(home, hidden)  # what was made anew meanwhile
    try:
        if in_bucket is not None:
            note_workspace_deleted(home, in_bucket)
        if engine.dialect.name == "postgresql":
            with writing(engine) as connection:
                connection.execute(DropSchema(home.schema, cascade=True, if_exists=True))
    finally:
        engine.dispose()
        for _, trash in hidden:
            shutil.rmtree(trash, ignore_errors=True)


def _hide(home: Home, hidden: list[tuple[Path, Path]]) -> None:
    """Rename the home's folders, and note for each what it is called now."""
    for folder in dict.fromkeys((home.root, home.own)):
        if folder.exists():
            hidden.append((folder, hide_folder(folder)))
