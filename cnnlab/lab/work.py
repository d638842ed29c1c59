"""Work that a user asks for: asked, seen to until it ends, waited for, and taken back.

A supervisor leaves when it has nothing to do, and whoever asks or looks sees that there is one.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from cnnlab.domain.errors import StorageError
from cnnlab.files import remove_folder
from cnnlab.jobs.asking import ask, cancel, keep_queued
from cnnlab.jobs.kind import Kind
from cnnlab.jobs.state import JobState, stage_of
from cnnlab.lab.workplace import workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.job_folder import JobFolder

Request = TypeVar("Request")
Answer = TypeVar("Answer")

_POLL_SECONDS = 0.1
_log = logging.getLogger(__name__)


def ask_for(
    kind: Kind[Request, Any],
    files: JobFolder,
    request: Request,
    *,
    again: bool = True,
    anew: bool = False,
) -> bool:
    """Have something done, unless that was done or is being done.

    Args:
        kind: what is to be done.
        files: where; below the home.
        request: what exactly.
        again: whether to do it again where it didn't finish.
        anew: whether to do it again where it finished with another request.

    Returns:
        Whether this is what was or is done; else a worker has done, or is at, another request.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    home = workplace().home
    is_this = ask(home, kind, files, request, again=again, anew=anew)
    ensure_supervisor(home)
    return is_this


def seen_to(kind: Kind[Any, Answer], files: JobFolder, state: JobState[Answer]) -> JobState[Answer]:
    """The state, as somebody looks at it: work that hasn't ended is in the queue and served."""
    if not state.is_ended:
        home = workplace().home
        keep_queued(home, kind, files)
        ensure_supervisor(home)  # the one that was there may have left just now
    return state


def take_back(files: JobFolder) -> None:
    """End work that nobody wants any more; what has ended stays as it is.

    Raises:
        StorageError: the disk is full.
    """
    cancel(files)
    ensure_supervisor(workplace().home)


def delete_work(files: JobFolder) -> None:
    """Delete what was made, and what was asked for it; what is being made is cancelled.

    What can't be deleted is logged.
    """
    try:
        cancel(files)
        if stage_of(files).is_ended or not files.request.exists():
            remove_folder(files.folder)
    except StorageError as error:
        _log.warning("%s can't be deleted: %s", files.folder, error)


def wait_for(
    look: Callable[[], JobState[Answer] | None], on_phase: Callable[[str], object]
) -> JobState[Answer] | None:
    """Wait until work has ended.

    Args:
        look: says where it stands; None where it isn't there any more, which ends the waiting.
        on_phase: is told what is being done, each thing once.
    """
    told = ""
    while (state := look()) is not None and not state.is_ended:
        if state.phase != told:
            told = state.phase
            on_phase(told)
        time.sleep(_POLL_SECONDS)
    return state
