"""The folder of one piece of work of a worker: all that anybody knows of it lies here.

request.json     what is to be done; typed by the job's kind (see `cnnlab.jobs`)
steps.jsonl      phase, progress: for whoever watches, not fsynced
result.json      how it ended; its presence means that there is nothing more to do
STARTED          a worker was given the job, whether it lives or not
job.lock         held by a worker of this machine as long as it lives; holds its process id
heartbeat        a number that grows whenever the worker gets on
STOP             asks the worker to end
worker.log       what the worker printed
supervisor.json  what the supervisor noted: how often a worker was lost
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import CancelledError
from cnnlab.domain.records.training import ProgressRow
from cnnlab.files import disk_errors, is_locked, read_json, remove_file_or_folder
from cnnlab.storage.attempts.journal import JournalWriter

CANCELLED = "Cancelled: nothing was stored."


class JobFolder:
    """Paths, state and control files of one job; any process may hold one.

    Args:
        folder: the job's folder.
    """

    LOCK = "job.lock"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.request = folder / "request.json"
        self.steps = folder / "steps.jsonl"
        self.result = folder / "result.json"
        self.lock = folder / self.LOCK
        self.log = folder / "worker.log"
        self.note = folder / "supervisor.json"
        self.start_mark = folder / "STARTED"
        self._heartbeat = folder / "heartbeat"
        self._stop = folder / "STOP"

    def recorder(self) -> "JobRecorder":
        """What its worker writes with."""
        return JobRecorder(self)

    def is_alive(self) -> bool:
        """Whether the job's worker lives."""
        return is_locked(self.lock)

    def mark_started(self, *, started: bool = True) -> None:
        """Note that a worker is given the job, or that the job waits for another one."""
        with disk_errors(self.start_mark):
            if started:
                self.start_mark.touch()
            else:
                self.start_mark.unlink(missing_ok=True)

    def was_started(self) -> bool:
        """Whether a worker was given the job, whatever became of it."""
        return self.start_mark.exists()

    def ask_to_stop(self) -> None:
        """Ask the worker to end after its current step; asking twice is the same."""
        with disk_errors(self._stop):
            self.folder.mkdir(parents=True, exist_ok=True)  # the worker may not have begun yet
            self._stop.touch()

    def is_stop_asked(self) -> bool:
        """Whether the worker was asked to stop."""
        return self._stop.exists()

    def beat(self, count: int) -> None:
        """Show a sign of life; not brought to the disk, because only the living matter."""
        with disk_errors(self._heartbeat):
            self._heartbeat.write_text(str(count))

    def signs_of_life(self) -> tuple[Any, ...]:
        """Something that changes whenever the worker gets on; counters, never a clock."""
        beat = self._heartbeat.read_text() if self._heartbeat.exists() else ""
        return (beat, *(file.stat().st_size for file in self._told() if file.exists()))

    def _told(self) -> tuple[Path, ...]:
        """The files to which a worker appends."""
        return (self.steps,)

    def read_result(self) -> Mapping[str, Any] | None:
        """How the job ended, or None if it didn't end by itself."""
        return read_json(self.result) if self.result.exists() else None

    def forget_tries(self) -> None:
        """Remove all that earlier tries left, the request aside, so that the next is the first.

        Only for whoever holds the lock.

        Raises:
            StorageError: the folder can't be written.
        """
        with disk_errors(self.folder):
            for file in (
                self.result,
                self.steps,
                self.note,
                self.start_mark,
                self._heartbeat,
                self._stop,
            ):
                file.unlink(missing_ok=True)

    def remove_unfinished(self) -> None:
        """Remove the files and folders that a killed worker would have renamed into place."""
        with disk_errors(self.folder):
            for unfinished in self.folder.glob(".*"):
                remove_file_or_folder(unfinished)

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of the worker's log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 200 * lines))
            text = file.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class JobRecorder:
    """Writes what a worker reports of a job into its folder.

    Args:
        files: the job's folder.
    """

    def __init__(self, files: JobFolder) -> None:
        self._files = files
        self._beats = 0
        self._steps = JournalWriter(files.steps, durable=False)

    def phase(self, text: str) -> None:
        """Record what the worker is doing, in words.

        Raises:
            CancelledError: nobody wants the job any more.
        """
        self.go_on()
        self._tell({"kind": "phase", "text": text})

    def progress(self, done: int, total: int) -> None:
        """Record how much of the current phase is done.

        Raises:
            CancelledError: nobody wants the job any more.
        """
        self.go_on()
        self._tell({"kind": "progress", "done": done, "total": total})

    def _tell(self, row: ProgressRow) -> None:
        self._steps.append(row)

    def beat(self) -> None:
        """Show a sign of life between two records.

        Raises:
            CancelledError: nobody wants the job any more.
        """
        self.go_on()
        self._beats += 1
        self._files.beat(self._beats)

    def go_on(self) -> None:
        """Return if the job is still wanted.

        Raises:
            CancelledError: it isn't.
        """
        if self._files.is_stop_asked():
            raise CancelledError(CANCELLED)

    def close(self) -> None:
        """Close the files."""
        self._steps.close()
