"""What a supervisor does in one workspace: runs, other jobs, searches, and who is told of them."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cnnlab.domain.run import Run
from cnnlab.runner.executors.port import Executor
from cnnlab.runner.jobs import JobQueue
from cnnlab.runner.keeping import Keeper
from cnnlab.runner.room import has_room_to_start
from cnnlab.runner.run_queue import RunQueue
from cnnlab.runner.silence import STALL_SECONDS
from cnnlab.runner.tracking import Tracker
from cnnlab.storage.home import Home, see_storage
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.searches import SearchStore

if TYPE_CHECKING:
    from cnnlab.runner.searching.searches import Searches


class Workspace:
    """One workspace as the supervisor serves it.

    Args:
        home: of the workspace.
        store: its runs.
        executor: where the workers of all workspaces run.
        stall_seconds: how long a worker may show no sign of life.
        clock: seconds on a clock that never jumps.

    Attributes:
        home: likewise.
        store: likewise.
        runs: its queue of runs.
        jobs: its queue of other work.
        tracker: tells other tools of its runs.
        keeper: has its datasets and ended runs put into the bucket.
        is_due: whether a round looks at it; of one that isn't what was last seen counts.
        has_room: whether there is room on its disk for any run to begin.
        errors: what couldn't be done in the last round.
    """

    def __init__(
        self,
        home: Home,
        store: RunStore,
        executor: Executor,
        *,
        stall_seconds: float = STALL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.home, self.store = home, store
        self._executor, self._clock = executor, clock
        self.tracker = Tracker(home, clock)
        self.keeper = Keeper(home, clock)
        self.runs = RunQueue(home, store, executor, self._tell, stall_seconds, clock)
        self.jobs = JobQueue(home, executor, stall_seconds, clock)
        self.is_due = self.has_room = True
        self.errors: list[Exception] = []
        self._search_store = SearchStore(home)
        self._searches: Searches | None = None
        self._has_searches = self._has_news = False

    @property
    def id(self) -> str:
        """Of the workspace."""
        return self.home.workspace

    @property
    def goes_on(self) -> bool:
        """Whether anything happens here without somebody asking for it, but for what waits."""
        return bool(self.runs.active or self.jobs.active or self._has_searches or self._has_news)

    def follow(self) -> None:
        """Take over the news of runs and searches; what can't be done is told in `errors`."""
        self.has_room, before = False, len(self.errors)
        self.attempt(self._see_disk)
        if len(self.errors) > before:  # whatever can't be seen would count as lost
            return
        self.attempt(lambda: self.runs.follow(self.errors))
        self._has_searches = False
        self.attempt(self._bring_searches_on)

    def send_news(self) -> None:
        """Have other tools told of what is new, and the bucket given what it lacks."""
        waits, kept = self.tracker.tick(), self.keeper.tick()
        self._has_news = waits or kept

    def attempt(self, step: Callable[[], object]) -> None:
        """Take a step; what fails is noted, and not in the way of the others."""
        try:
            step()
        except Exception as error:
            self.errors.append(error)

    def _tell(self, run: Run) -> None:
        self.tracker.note(run.id)
        self.keeper.note(run)

    def _see_disk(self) -> None:
        see_storage(self.home)
        self.has_room = has_room_to_start(self.home)

    def _bring_searches_on(self) -> None:
        """Have searches queue and stop runs.

        Most supervisors meet no search: what that takes is loaded with the first one.
        """
        due: Sequence[str] = self._search_store.due()
        self._has_searches = bool(due)
        if due and self._searches is None:
            from cnnlab.runner.searching.searches import Searches  # noqa: PLC0415 - Optuna

            self._searches = Searches(self.home, self._search_store, self.store, self._clock)
        if self._searches is not None:
            self._searches.tick(due, self._executor.capacity(), has_room=self.has_room)
