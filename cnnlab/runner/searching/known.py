"""What the supervisor knows of a search that goes on; in memory, made again from the runs."""

from collections.abc import Callable, Sequence

from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Decisions, Search, Trial
from cnnlab.runner.searching.trials import History, Trials
from cnnlab.storage.runs.store import RunStore

ACTIVE = [status for status in Status if not status.is_ended]


class KnownSearch:
    """A search with its runs and trials; only what has changed is read again.

    Args:
        search: as it was launched.
        store: the runs.
        history: the epochs of a run so far.
        classes: of its dataset.

    Attributes:
        search: likewise.
        classes: likewise.
        nothing_more: why no further setting can be tried; empty where one may be.
        unsaved_seconds: for how long its runs have trained since that was noted.
    """

    def __init__(
        self, search: Search, store: RunStore, history: Callable[[Run], History], classes: int
    ) -> None:
        self.search = search
        self.classes = classes
        self.nothing_more = ""
        self.unsaved_seconds = 0.0
        self._store = store
        self._runs = {run.id: run for run in store.list(search=search.id)}
        self._active: Sequence[Run] = [
            run for run in self._runs.values() if not run.status.is_ended
        ]
        self._trials = Trials(search, history, classes)

    def see(self) -> None:
        """Take over what has become of the runs."""
        before = {run.id for run in self._active}
        self._active = self._store.list(*ACTIVE, search=self.search.id)
        self._runs |= {run.id: run for run in self._active}
        gone = before - {run.id for run in self._active}
        if gone:
            ended = self._store.load_all(sorted(gone))
            self._runs |= {run.id: run for run in ended}
            for deleted in gone - {run.id for run in ended}:
                self._runs.pop(deleted)

    def add(self, run: Run) -> None:
        """Know a run that was queued just now."""
        self._runs[run.id] = run
        self._active = [*self._active, run]

    @property
    def active(self) -> Sequence[Run]:
        """Its runs that haven't ended."""
        return self._active

    @property
    def trains(self) -> bool:
        """Whether any of its runs does."""
        return any(run.status is Status.RUNNING for run in self._active)

    def trials(self, decisions: Decisions) -> list[Trial]:
        """All trials in order.

        Raises:
            StorageError: a run's files can't be read at the moment.
        """
        return self._trials.of(decisions, self._runs.values())

    def active_of(self, trial: Trial) -> list[Run]:
        """The runs of a trial that haven't ended."""
        return [run for run in self._active if run.trial == trial.number]
