"""A whole installation as one folder, and made of it again: its workspaces, and who is in them."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import BadInputError, NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.files import disk_errors, sync
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.register import register, register_if_made
from cnnlab.lab.backup import back_up, restore
from cnnlab.lab.upkeep.everywhere import workspace_titles
from cnnlab.storage.backup.people import bring_people, keep_people
from cnnlab.storage.home import open_home

PEOPLE = "people.db"

Progress = Callable[[int, int], None]


@asks(Action.ADMINISTER)
def back_up_all(to: Path, on_progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Write a folder with one file for each workspace and the register; whatever trains goes on.

    Args:
        to: an existing folder, in which the backup gets a folder of its own. That appears whole at
            the end.
        on_progress: is told how many bytes of about how many of one workspace are done.

    Returns:
        `folder`, `bytes`, and `workspaces`: what `back_up` says of each, with its `title`.

    Raises:
        BadInputError: `to` isn't a folder.
        StorageError: the disk has no room for it or can't be written.
    """
    to = to.expanduser().absolute()
    if not to.is_dir():
        raise BadInputError(f"The folder {to} isn't there: make it, or name another.")
    name = f"cnnlab-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    beside, folder = to / f".{name}-{secrets.token_hex(4)}", to / name
    with disk_errors(folder):
        beside.mkdir(mode=0o700)
        try:
            told = [
                found | {"file": str(folder / Path(found["file"]).name)}
                for found in _back_up_each(beside, on_progress)
            ]
            if known := register_if_made():
                keep_people(known.engine, beside / PEOPLE)
            sync(beside)
            beside.rename(folder)
            sync(to)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        size = sum(file.stat().st_size for file in folder.iterdir())
    return {"folder": str(folder), "bytes": size, "workspaces": told}


def _back_up_each(folder: Path, on_progress: Progress) -> list[dict[str, Any]]:
    told = []
    for workspace, title in workspace_titles().items():
        try:
            with acting_as(replace(LOCAL, workspace=workspace)):
                found = back_up(folder / f"{workspace}.zip", on_progress)
        except NotFoundError:  # deleted just now
            continue
        told.append({"workspace": workspace, "title": title} | found)
    return told


@asks(Action.ADMINISTER)
def restore_all(
    source: Path, *, merge: bool = False, on_progress: Progress = lambda done, total: None
) -> dict[str, Any]:
    """Bring what a backup of an installation holds into this one; nothing is replaced.

    Nobody is signed in afterwards, and links that were shared have ended.

    Args:
        source: the folder that `back_up_all` has made.
        merge: whether the installation may hold something already: to go on with what broke off.
        on_progress: is told how many bytes of how many of one workspace are done.

    Returns:
        `folder`, `people` (how many accounts it has now), and `workspaces`: what `restore` says of
        each, with its `title`.

    Raises:
        BadInputError: it is no such folder, or the installation isn't empty.
        UploadError: a file of it is damaged; what came before it is there.
        RunStateError: people have accounts here already, and nothing is to be merged; or another
            workspace has the id or title of one in the backup.
        StorageError: the disk has no room for it or can't be written.
    """
    source = source.expanduser().absolute()
    first = source / f"{DEFAULT_WORKSPACE}.zip"
    if not first.is_file():
        raise BadInputError(f"{source} isn't a folder that `backup --all` has made.")
    told = [
        {"workspace": DEFAULT_WORKSPACE} | _restore(DEFAULT_WORKSPACE, first, merge, on_progress)
    ]
    if (source / PEOPLE).exists() and not (merge and _has_people()):
        beside = open_home().installation / f".people-{os.getpid()}-{secrets.token_hex(4)}.db"
        bring_people(source / PEOPLE, register().engine, beside)
    titles = workspace_titles()
    for workspace in titles.keys() - {DEFAULT_WORKSPACE}:
        if (file := source / f"{workspace}.zip").exists():
            told.append(_restore(workspace, file, merge, on_progress))
    for found in told:
        found["title"] = titles[found["workspace"]]
    known = register_if_made()
    return {
        "folder": str(source),
        "people": len(known.accounts.all()) if known else 0,
        "workspaces": told,
    }


def _restore(workspace: str, file: Path, merge: bool, on_progress: Progress) -> dict[str, Any]:
    with acting_as(replace(LOCAL, workspace=workspace)):
        found = restore(file, merge=merge, on_progress=on_progress)
    return {"workspace": workspace} | found


def _has_people() -> bool:
    known = register_if_made()
    return known is not None and bool(known.accounts.all())
