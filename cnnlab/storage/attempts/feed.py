"""What a run writes, row by row as it comes, for those who watch it."""

from cnnlab.domain.records.training import (
    EpochRecord,
    EventRow,
    ProgressRow,
    TurnRecord,
    WorkerFacts,
)
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import JournalReader


class AttemptFeed:
    """The rows of one attempt so far; `read` takes over those that are new.

    Attributes:
        history: records of all finished epochs.
        facts: what the worker said at the start; None before that.
        turns: the dials turned so far, as `DialTurn.to_json` gives them.
        next_step: number of rows in the step file so far.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.history: list[EpochRecord] = []
        self.facts: WorkerFacts | None = None
        self.turns: list[TurnRecord] = []
        self._events = JournalReader[EventRow](attempt.events)
        self._steps = JournalReader[ProgressRow](attempt.steps)
        self._open_epoch: list[tuple[int, ProgressRow]] = []

    @property
    def next_step(self) -> int:
        """Where a watcher stands who has everything."""
        return self._steps.next_row

    def read(self) -> bool:
        """Take over what was written since the last call; say whether there was anything.

        Raises:
            StorageError: a file is damaged.
        """
        first = self._steps.next_row
        steps = self._steps.read()
        events = self._events.read()
        for event in events:
            if event["kind"] == "epoch":
                self.history.append(event["record"])
            elif event["kind"] == "started":
                self.facts = event["facts"]
            elif event["kind"] == "dials":
                self.turns.append(
                    {"number": event["number"], "step": event["step"], "values": event["values"]}
                )
        self._open_epoch += [(first + index, row) for index, row in enumerate(steps)]
        if events and self.history:  # points inside a finished epoch are no longer drawn
            self._open_epoch = [
                (number, row) for number, row in self._open_epoch if self._is_current(row)
            ]
        return bool(steps or events)

    def steps_between(self, first: int, end: int) -> list[ProgressRow]:
        """Rows `first` to before `end` of the step file, those of finished epochs left out."""
        return [row for number, row in self._open_epoch if first <= number < end]

    def _is_current(self, row: ProgressRow) -> bool:
        return row["kind"] != "step" or row["epoch"] >= len(self.history)
