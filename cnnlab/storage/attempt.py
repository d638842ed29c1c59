"""One attempt of a run: a folder that is the truth about what happened.

config.json      the config, the dataset and what the worker needs
events.jsonl     started, epoch: one fsynced line each
steps.jsonl      phase, step: for the live view, not fsynced
checkpoints/     training state after the last two epochs and the best one
model.keras      the model that a user downloads
result.json      how the attempt ended; its presence means it ended by itself
attempt.lock     held by the worker as long as it lives
STOP             asks the worker to end after its current step
worker.log       what the worker printed
"""

from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.files import disk_errors, is_locked, read_json, write_json
from cnnlab.storage.checkpoints import copy_checkpoints, save_checkpoint, sound_checkpoints
from cnnlab.storage.journal import JournalWriter, read_journal


class Attempt:
    """Paths, state and control files of one attempt; any process may hold one.

    Args:
        folder: the attempt's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.json"
        self.events = folder / "events.jsonl"
        self.steps = folder / "steps.jsonl"
        self.checkpoints = folder / "checkpoints"
        self.model = folder / "model.keras"
        self.package = folder / "model.zip"
        self.result = folder / "result.json"
        self.lock = folder / "attempt.lock"
        self.log = folder / "worker.log"
        self._stop = folder / "STOP"

    def create(self, config: dict[str, Any]) -> None:
        """Make the folder with its config; an existing one stays as it is."""
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        if not self.config.exists():
            write_json(self.config, config)

    def continue_from(self, previous: "Attempt") -> bool:
        """Take over what an earlier attempt had brought to the disk, to go on from there.

        Its last sound checkpoint decides: later epochs will be trained again. The checkpoints come
        last, so that an attempt that has any has the history that belongs to them.

        Returns:
            Whether there was anything to take over.
        """
        kept = sound_checkpoints(previous.checkpoints)
        if not kept:
            return False
        self.events.unlink(missing_ok=True)
        writer = JournalWriter(self.events, durable=True)
        for record in previous.history()[: kept[-1]["epoch"] + 1]:
            writer.append({"kind": "epoch", "record": record})
        writer.close()
        copy_checkpoints(previous.checkpoints, kept, self.checkpoints)
        return True

    def read_config(self) -> dict[str, Any]:
        """The config as JSON values."""
        return read_json(self.config)

    def is_alive(self) -> bool:
        """Whether the attempt's worker lives."""
        return is_locked(self.lock)

    def ask_to_stop(self) -> None:
        """Ask the worker to end after its current step; asking twice is the same."""
        with disk_errors(self._stop):
            self.folder.mkdir(parents=True, exist_ok=True)  # the worker may not have begun yet
            self._stop.touch()

    def is_stop_asked(self) -> bool:
        """Whether the worker was asked to stop."""
        return self._stop.exists()

    def signs_of_life(self) -> tuple[int, ...]:
        """Something that changes whenever the worker reports anything."""
        files = (self.events, self.steps)
        return tuple(file.stat().st_size if file.exists() else 0 for file in files)

    def history(self) -> list[dict[str, Any]]:
        """Metrics of all finished epochs, as JSON values."""
        return [row["record"] for row in read_journal(self.events) if row["kind"] == "epoch"]

    def started(self) -> dict[str, Any]:
        """What the worker said of itself when training began; empty before that."""
        rows = read_journal(self.events)
        return next((row["facts"] for row in rows if row["kind"] == "started"), {})

    def read_result(self) -> dict[str, Any] | None:
        """How the attempt ended, or None if it didn't end by itself."""
        return read_json(self.result) if self.result.exists() else None

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of the worker's log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 200 * lines))
            text = file.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


class AttemptRecorder:
    """Writes what a training reports into its attempt's folder (a `RunRecorder`)."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._events = JournalWriter(attempt.events, durable=True)
        self._steps = JournalWriter(attempt.steps, durable=False)

    def phase(self, text: str) -> None:
        """Record what the worker is doing, for the live view."""
        self._steps.append({"kind": "phase", "text": text})

    def started(self, facts: dict[str, Any]) -> None:
        """Record device, checksums and sizes at the start of training."""
        self._events.append({"kind": "started", "facts": facts})

    def step(self, record: dict[str, Any]) -> None:
        """Record the running means inside an epoch, for the live view."""
        self._steps.append({"kind": "step", **record})

    def epoch(self, record: Any) -> None:  # noqa: ANN401 - an EpochRecord
        """Record a finished epoch; it is on the disk when this returns."""
        self._events.append({"kind": "epoch", "record": record.to_json()})

    def checkpoint(self, epoch: int, arrays: dict[str, np.ndarray], is_best: bool) -> None:
        """Keep the training state after an epoch: the last two and the best one stay.

        Args:
            epoch: 0-based.
            arrays: every variable by its path.
            is_best: whether the epoch is the best so far.
        """
        save_checkpoint(self._attempt.checkpoints, epoch, arrays, is_best=is_best)

    def should_stop(self) -> bool:
        """Whether the user asked the run to stop."""
        return self._attempt.is_stop_asked()

    def close(self) -> None:
        """Close the files."""
        self._events.close()
        self._steps.close()
