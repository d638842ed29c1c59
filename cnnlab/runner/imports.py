"""Imports that run in a process of their own, so that no upload can harm the server.

uploads/<token>/          one folder for each upload
    upload                the file as it came
    labels.csv            the labels that came with it, if any
    progress.jsonl        {stage, done, total} a few times a second
    result.json           what the import command printed: the dataset
    messages.txt          its messages; the last line says why it failed
    CANCELLED             the user has changed his mind
"""

import contextlib
import json
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnlab.files import is_locked, take_lock
from cnnlab.runner.process import start_process

_CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class ImportState:
    """Where an import stands.

    Attributes:
        stage: `reading` or a stage of the search for copies.
        done: images read so far, or what else the stage counts.
        total: images to read, likewise; 0 while that is unknown.
        dataset: the id of the dataset once it is imported.
        error: why it failed, in one sentence, if it did.
        started_at: seconds since the epoch; 0 while that is unknown.
    """

    stage: str = "reading"
    done: int = 0
    total: int = 0
    dataset: str | None = None
    error: str | None = None
    started_at: float = 0.0

    @property
    def is_ended(self) -> bool:
        """Whether there is a dataset or an error."""
        return self.dataset is not None or self.error is not None


def start_import(folder: Path, source: Path, *, home: Path, options: list[str]) -> None:
    """Start the import command on `source`, its output kept in `folder`.

    Args:
        folder: the upload's folder.
        source: zip or folder with the images.
        home: the home folder.
        options: further words of the command line (`--name`, `--labels`).
    """
    lock = take_lock(folder / "import.lock")
    if lock is None:
        return  # it runs already
    try:
        for name in ("result.json", "messages.txt", "progress.jsonl", _CANCELLED):
            (folder / name).unlink(missing_ok=True)
        progress = str(folder / "progress.jsonl")
        pid = start_process(
            "cnnlab",
            ["import", str(source), "--json", "--progress", progress, *options],
            home=home,
            stdout=folder / "result.json",
            stderr=folder / "messages.txt",
            pass_fds=[lock],
        )
        os.ftruncate(lock, 0)
        os.write(lock, str(pid).encode())
    finally:
        os.close(lock)


def cancel_import(folder: Path) -> None:
    """End an import; it takes away what it has written. One that has ended stays as it is."""
    lock = folder / "import.lock"
    if is_locked(lock):  # so the pid in it is still its own
        (folder / _CANCELLED).touch()
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.killpg(int(lock.read_text()), signal.SIGTERM)


def read_import(folder: Path) -> ImportState:
    """Where the import whose output is kept in `folder` stands."""
    lock = folder / "import.lock"
    alive = is_locked(lock)  # before the rest, so that no end is missed
    progress = _last_row(folder / "progress.jsonl")
    stands = ImportState(
        progress.get("stage", "reading"),
        progress.get("done", 0),
        progress.get("total", 0),
        started_at=lock.stat().st_mtime if lock.exists() else 0.0,  # written at the start only
    )
    if alive:
        return stands
    result = _last_row(folder / "result.json")
    if "dataset" in result:
        return replace(stands, dataset=result["dataset"])
    if (folder / _CANCELLED).exists():
        return replace(stands, error="Cancelled: nothing was stored.")
    return replace(stands, error=_last_line(folder / "messages.txt"))


def _last_row(path: Path) -> dict[str, Any]:
    """The last whole line of a file as JSON, or nothing."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in reversed(lines):
        try:
            return json.loads(line)
        except ValueError:
            continue  # the process was ended while it wrote this line
    return {}


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else []
    told = [line for line in lines if line.strip()]
    return told[-1] if told else "The import was ended from outside: start it again."
