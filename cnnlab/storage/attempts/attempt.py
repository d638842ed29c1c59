"""One attempt of a run: a folder that is the truth about what happened.

config.json      the config, the dataset and what the worker needs
request.json     whether its model file is written
events.jsonl     started, epoch, dials: one fsynced line each
steps.jsonl      phase, step: for the live view, not fsynced
checkpoints/     training states after the last two, the best and other epochs, and within one
predictions/     what was said of the validation images after every epoch
model.keras      the model that a user downloads
familiarity.npz  what the training images are like to this model (see `storage.familiarity`)
result.json      how the attempt ended; its presence means it ended by itself
attempt.lock     held by the worker as long as it lives
heartbeat        a number that grows whenever the worker gets on
STOP             asks the worker to end after its current step
FENCED           a newer attempt has taken over: this one's worker ends and writes nothing more
dials.json       the dials that a user has turned: [{number, values}]
worker.log       what the worker printed
supervisor.json  the device it was given; why its worker was lost, if it was
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.errors import FencedError, StorageError
from cnnlab.domain.history import best_epoch
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.result import RunResult
from cnnlab.domain.records.training import (
    AskedTurn,
    EpochRecord,
    EventRow,
    StepRecord,
    WorkerFacts,
)
from cnnlab.files import disk_errors, read_json, sync, wait_for_lock, write_json
from cnnlab.storage.attempts.checkpoints import (
    Entry,
    list_checkpoints,
    remove_leftovers,
    save_checkpoint,
    save_within_epoch,
    share_checkpoints,
    sound_checkpoints,
)
from cnnlab.storage.attempts.journal import JournalWriter, iterate_journal, read_journal
from cnnlab.storage.attempts.predictions import (
    EpochPredictions,
    PredictionWriter,
    read_predictions,
    share_predictions,
)
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.package import PACKAGE


class Attempt(JobFolder):
    """Paths, state and control files of one attempt: the folder of a job of the kind `train`.

    Args:
        folder: the attempt's folder.
    """

    LOCK = "attempt.lock"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.config = folder / "config.json"
        self.events = folder / "events.jsonl"
        self.checkpoints = folder / "checkpoints"
        self.predictions = folder / "predictions"
        self.model = folder / "model.keras"
        self.package = folder / PACKAGE
        self.dials = folder / "dials.json"
        self._fenced = folder / "FENCED"

    @property
    def number(self) -> int:
        """From 1 on."""
        return int(self.folder.name.rpartition("-")[2])

    def recorder(self) -> "AttemptRecorder":
        """What its worker writes with."""
        return AttemptRecorder(self)

    def create(self, config: dict[str, Any]) -> None:
        """Make the folder with its config; an existing one stays as it is."""
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        if not self.config.exists():
            write_json(self.config, config)

    def continue_from(self, previous: "Attempt") -> bool:
        """Take over what an earlier attempt had brought to the disk, to go on from there.

        Its newest sound checkpoint that its history reaches decides: later epochs will be trained
        again. The checkpoints come last, so that an attempt that has any has the history that
        belongs to them. Where there is none yet, only the turns of the dials are taken over.

        Returns:
            Whether there was a checkpoint to go on from.
        """
        for folder in (previous.folder, previous.checkpoints):
            remove_leftovers(folder)
        records, kept = previous.history(), sound_checkpoints(previous.checkpoints)
        kept = [entry for entry in kept if _finished_epochs([entry]) <= len(records)]
        turns = previous.turns()  # all of them: each is made again at its own step
        if not kept and len(turns) <= len(self.turns()):
            return False
        if previous.dials.exists():
            write_json(self.dials, previous.asked_dials())
        share_predictions(previous.predictions, _finished_epochs(kept), self.predictions)
        self._begin_journal(turns, records[: _finished_epochs(kept)])
        share_checkpoints(previous.checkpoints, kept, self.checkpoints)
        return bool(kept)

    def fork_from(self, parent: "Attempt", epoch: int) -> None:
        """Take over what another run had after `epoch`, to go on from there in another way.

        Args:
            parent: attempt of the other run.
            epoch: 0-based, one of `parent.forkable_epochs()`.

        Raises:
            StorageError: the state after this epoch is missing or damaged.
        """
        records = parent.history()[: epoch + 1]
        wanted = {epoch, best_epoch(records)}
        sound = sound_checkpoints(parent.checkpoints)
        kept = [entry for entry in sound if "step" not in entry and entry["epoch"] in wanted]
        if epoch not in {entry["epoch"] for entry in kept}:
            raise StorageError(
                f"The state after epoch {epoch} is missing or damaged in {parent.checkpoints}: "
                "fork from another epoch."
            )
        share_predictions(parent.predictions, epoch + 1, self.predictions)
        self._begin_journal([], records)
        share_checkpoints(parent.checkpoints, kept, self.checkpoints)

    def _begin_journal(self, turns: list[DialTurn], records: list[EpochRecord]) -> None:
        """Write what had happened before this attempt; on the disk when this returns."""
        self.events.unlink(missing_ok=True)
        writer = JournalWriter(self.events, durable=False)
        for turn in turns:
            writer.append({"kind": "dials", **turn.to_json()})
        for record in records:
            writer.append({"kind": "epoch", "record": record})
        writer.close()
        with disk_errors(self.events):
            sync(self.events)
            sync(self.folder)

    def forkable_epochs(self) -> list[int]:
        """0-based epochs whose state is kept, oldest first."""
        return [entry["epoch"] for entry in list_checkpoints(self.checkpoints)]

    def read_config(self) -> dict[str, Any]:
        """The config as JSON values."""
        values: dict[str, Any] = read_json(self.config)
        return values

    def fence(self) -> None:
        """Say that a newer attempt has taken over, for good."""
        with disk_errors(self._fenced):
            self._fenced.touch()

    def is_fenced(self) -> bool:
        """Whether a newer attempt has taken over."""
        return self._fenced.exists()

    def _told(self) -> tuple[Path, ...]:
        return (self.events, self.steps)

    def ask_for_dials(self, values: dict[str, float]) -> int:
        """Ask the worker to turn dials; return the number of this turn, from 1.

        Args:
            values: new value by dotted config field; checked by who calls.
        """
        with wait_for_lock(self.folder / "dials.lock"):
            asked = self.asked_dials()
            write_json(self.dials, [*asked, {"number": len(asked) + 1, "values": values}])
        return len(asked) + 1

    def asked_dials(self) -> list[AskedTurn]:
        """All turns asked for, oldest first: `number`, `values`."""
        return read_json(self.dials) if self.dials.exists() else []

    def read_events(self) -> list[EventRow]:
        """All rows of `events.jsonl`: of a run that was resumed, those of its past as well."""
        return read_journal(self.events)

    def iterate_steps(self) -> Iterator[StepRecord]:
        """The running means inside all epochs, one after the other.

        Raises:
            StorageError: the file is damaged or can't be read.
        """
        return (row for row in iterate_journal(self.steps) if row["kind"] == "step")

    def turns(self) -> list[DialTurn]:
        """The turns that the worker has made, oldest first."""
        return [
            DialTurn(row["number"], row["step"], row["values"])
            for row in self.read_events()
            if row["kind"] == "dials"
        ]

    def read_result(self) -> RunResult | None:
        """How the attempt ended, or None if it didn't end by itself."""
        return read_json(self.result) if self.result.exists() else None

    def history(self) -> list[EpochRecord]:
        """Metrics of all finished epochs."""
        return [row["record"] for row in self.read_events() if row["kind"] == "epoch"]

    def read_predictions(self) -> EpochPredictions | None:
        """What was said of the validation images after each finished epoch.

        Returns:
            None where nothing is kept: before the first epoch, or of a run that an earlier version
            trained; of one that it began and this one went on with, only the later epochs.

        Raises:
            StorageError: a file is damaged or can't be read.
        """
        return read_predictions(self.predictions, len(self.history()))

    def started(self) -> WorkerFacts | None:
        """What the worker said of itself when training began; None before that."""
        facts = (row["facts"] for row in self.read_events() if row["kind"] == "started")
        return next(facts, None)


class AttemptRecorder(JobRecorder):
    """Writes what a training reports into its attempt's folder (a `RunRecorder`).

    Args:
        attempt: the attempt.
    """

    def __init__(self, attempt: Attempt) -> None:
        remove_leftovers(attempt.checkpoints)
        super().__init__(attempt)
        self._attempt = attempt
        self._dials_seen_at = 0
        self._predictions: PredictionWriter | None = None
        self._events = JournalWriter(attempt.events, durable=True)
        self.on_epoch: Callable[[EpochRecord], object] = lambda record: None

    def started(self, facts: WorkerFacts) -> None:
        """Record device, checksums and sizes at the start of training."""
        self._facts = facts
        self._events.append({"kind": "started", "facts": facts})

    def step(self, record: StepRecord) -> None:
        """Record the running means inside an epoch, for the live view."""
        self._steps.append({"kind": "step", **record})

    def epoch(self, record: EpochRecord) -> None:
        """Record a finished epoch; it is on the disk when this returns.

        `on_epoch` is told after that, which whoever follows the run within this process may set.
        """
        self._events.append({"kind": "epoch", "record": record})
        self.on_epoch(record)

    def predictions(self, epoch: int, predictions: Predictions) -> None:
        """Keep what was said of the validation images; on the disk when this returns.

        Raises:
            StorageError: the disk is full. That ends the run, which goes on when there is room: the
                state that is written next is larger, so that it would end a moment later.
        """
        if self._predictions is None:
            epochs = self._facts["epochs"]
            self._predictions = PredictionWriter(self._attempt.predictions, epochs)
        self._predictions.append(epoch, predictions)

    def checkpoint(self, epoch: int, arrays: dict[str, np.ndarray], is_best: bool) -> None:
        """Keep the training state after an epoch: the last two, the best and some others stay.

        Args:
            epoch: 0-based.
            arrays: every variable by its path.
            is_best: whether the epoch is the best so far.
        """
        save_checkpoint(self._attempt.checkpoints, epoch, arrays, is_best=is_best)

    def checkpoint_within(self, epoch: int, step: int, arrays: dict[str, np.ndarray]) -> None:
        """Keep the training state within an epoch, until the next one.

        Args:
            epoch: 0-based, the one that is being trained.
            step: how many of its steps are done.
            arrays: every variable by its path.
        """
        save_within_epoch(self._attempt.checkpoints, epoch, step, arrays)

    def should_stop(self) -> bool:
        """Whether the user asked the run to stop.

        Raises:
            FencedError: a newer attempt has taken over.
        """
        if self._attempt.is_fenced():
            raise FencedError("A newer attempt of this run has taken over.")
        return self._attempt.is_stop_asked()

    def go_on(self) -> None:
        """Return whatever is asked: a training that is stopped finishes its step first."""

    def asked_dials(self) -> list[AskedTurn]:
        """The turns asked for since the last call that returned any; cheap enough for each step.

        Returns:
            `number` and `values` of each, oldest first; those made by an earlier attempt included.
        """
        try:
            changed_at = self._attempt.dials.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        if changed_at == self._dials_seen_at:
            return []
        self._dials_seen_at = changed_at
        return self._attempt.asked_dials()

    def turned(self, turn: DialTurn) -> None:
        """Record that dials were turned; it is on the disk when this returns."""
        self._events.append({"kind": "dials", **turn.to_json()})

    def close(self) -> None:
        """Close the files."""
        self._events.close()
        if self._predictions is not None:
            self._predictions.close()
        super().close()


def _finished_epochs(kept: list[Entry]) -> int:
    """How many epochs were finished when the newest of these states was captured."""
    return kept[-1]["epoch"] + ("step" not in kept[-1]) if kept else 0
