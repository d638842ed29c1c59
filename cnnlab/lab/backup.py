"""A lab as one file, and a lab made of it again."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.workplace import workplace
from cnnlab.storage.backup.restoring import restore_backup
from cnnlab.storage.backup.writing import counts, write_backup
from cnnlab.storage.index.rebuild import list_what_is_new

Progress = Callable[[int, int], None]


@asks(Action.ADMINISTER)
def back_up(to: Path, on_progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Write all datasets, runs, studies and searches into one file; whatever trains goes on.

    Args:
        to: the file, or a folder that it gets a name in.
        on_progress: is told how many bytes of about how many are done.

    Returns:
        `file`, `bytes`, the number of `datasets`, `runs`, `studies`, `searches`, and `left_out`,
        what was deleted meanwhile.

    Raises:
        BadInputError: `to` is a file that is no backup, or its folder isn't there.
        StorageError: the disk has no room for it or can't be written.
    """
    written = write_backup(workplace().home, to.expanduser().absolute(), on_progress)
    said = {"file": str(written.file), "bytes": written.bytes, "left_out": written.left_out}
    return said | counts(written.manifest.things)


@asks(Action.ADMINISTER)
def restore(
    source: Path, *, merge: bool = False, on_progress: Progress = lambda done, total: None
) -> dict[str, Any]:
    """Bring what a backup holds into the home; what is there is never replaced.

    Args:
        source: the backup.
        merge: whether the home may hold something already.
        on_progress: is told how many bytes of how many are done.

    Returns:
        `file`, `bytes`, the number of new `datasets`, `runs`, `studies`, `searches`,
        `there_already`, which stay as they are, `made_at`, and `left_out`, folders that can't be
        listed, with the reason.

    Raises:
        UploadError: it is no backup, damaged, or built to do harm; nothing was changed.
        BadInputError: the home isn't empty.
        StorageError: the disk has no room for it or can't be written.
    """
    home = workplace().home
    with contextlib.ExitStack() as held:
        restored = restore_backup(
            home, source.expanduser(), merge=merge, held=held, on_progress=on_progress
        )
        found = list_what_is_new(home)
    return {
        "file": str(source),
        "bytes": source.expanduser().stat().st_size,
        "made_at": restored.manifest.made_at,
        "there_already": restored.there_already,
        "left_out": [f"{lost.folder}: {lost.reason}" for lost in found.left_out],
        **counts(restored.brought),
    }
