"""The searches that go on: their trials queued, ended early, and closed by a study.

Each round begins with what the runs say and what was decided before, so that any of it may be done
again: a decision is on the disk before anything follows from it, and what follows (a run that is
queued, one that is asked to stop, a study that is made) is looked for first. Nobody else decides
meanwhile: the search's lock is held.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError, DamagedError, NotFoundError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Decisions, SearchStatus, Trial, TrialState
from cnnlab.domain.study import new_study_id
from cnnlab.domain.words import counted
from cnnlab.runner.devices import ALL_GPUS, CPU, Capacity
from cnnlab.runner.searching.ending import end_runs
from cnnlab.runner.searching.known import ACTIVE, KnownSearch
from cnnlab.runner.searching.next_setting import next_setting
from cnnlab.runner.searching.trials import History
from cnnlab.searching.best import best_trial
from cnnlab.searching.closing import WINNER, closing_study, is_start
from cnnlab.searching.patience import why_no_more
from cnnlab.searching.pruning import why_hopeless
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home
from cnnlab.storage.runs.queueing import numbered, queue_missing
from cnnlab.storage.runs.store import RunStore
from cnnlab.storage.searches import SearchStore
from cnnlab.storage.studies import StudyStore

FIRST_FAILURES, FAILURES_IN_A_ROW = 5, 10
"""So many failed trials at the start, or one after the other, end a search."""

_SAVE_SECONDS = 10.0
"""How often it is noted for how long a search has trained: a kill loses no more of that."""

_ENDED_WITH = "Stopped with its search."
_WINNER_GONE = "The runs of its winner were deleted before they could be confirmed."


class Searches:
    """Brings searches to their end.

    Args:
        home: the home folder.
        searches: that there are.
        runs: the queue.
        clock: seconds on a clock that never jumps.
    """

    def __init__(
        self, home: Home, searches: SearchStore, runs: RunStore, clock: Callable[[], float]
    ) -> None:
        self._home = home
        self._searches = searches
        self._runs = runs
        self._studies = StudyStore(home, runs.engine)
        self._datasets = DatasetStore(home, runs.engine)
        self._clock = clock
        self._known: dict[str, KnownSearch] = {}
        self._looked_at: float | None = None

    def tick(self, due: Sequence[str], capacity: Capacity, *, has_room: bool) -> None:
        """Do what is due.

        Args:
            due: ids of the searches that go on, or whose runs are to be ended.
            capacity: of the devices.
            has_room: whether there is room on the disk for any run to begin.

        Raises:
            Exception: the first of what couldn't be done; the rest was.
        """
        now, before = self._clock(), self._looked_at
        self._looked_at = now
        passed = 0.0 if before is None else now - before
        errors = []
        for ended in self._known.keys() - set(due):
            try:
                self._forget(ended)
            except Exception as error:
                errors.append(error)
        for search in due:
            try:
                self._bring_on(search, passed, capacity, has_room=has_room)
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _forget(self, search: str) -> None:
        """A search that a user stopped, or deleted: what wasn't noted yet is."""
        known = self._known[search]
        if known.unsaved_seconds and self._home.search(search).is_dir():
            lock = self._searches.try_alone(search)
            if lock is None:
                return  # a user is at it, who may wait for what we do next: so not now
            try:
                self._decide(known, self._searches.decisions(search))
            except (NotFoundError, DamagedError):  # nothing is left to note it in
                known.unsaved_seconds = 0.0
            finally:
                os.close(lock)
        self._known.pop(search)

    def _bring_on(self, search: str, passed: float, capacity: Capacity, *, has_room: bool) -> None:
        lock = self._searches.try_alone(search)
        if lock is None:
            return  # a user stops it, or the like
        try:
            decisions = self._searches.decisions(search)
            if not decisions.status.is_live:
                if decisions.ends_runs:
                    self._end_all(search, decisions)
                return
            try:
                if decisions.status is SearchStatus.CONFIRMING:
                    self._confirm(search, decisions)
                else:
                    self._look_after(self._know(search), decisions, passed, capacity, has_room)
            except (BadInputError, DamagedError) as error:  # it would be so in each round
                self._fail(search, str(error))
        finally:
            os.close(lock)

    def _look_after(
        self,
        known: KnownSearch,
        decisions: Decisions,
        passed: float,
        capacity: Capacity,
        has_room: bool,
    ) -> None:
        known.see()
        if known.trains:
            known.unsaved_seconds += passed
        if known.unsaved_seconds >= _SAVE_SECONDS:
            decisions = self._decide(known, decisions)
        self._search(known, decisions, _slots(known, capacity) if has_room else 0)

    def _fail(self, search: str, why: str) -> None:
        """End a search that can't go on, such as one with a file that can't be read."""
        message = f"The search can't go on: {why}"
        decisions = self._searches.decisions(search)
        failed = replace(decisions, status=SearchStatus.FAILED, message=message, ends_runs=True)
        self._searches.decide(search, failed)

    def _end_all(self, search: str, decisions: Decisions) -> None:
        """End what a search still has: it failed, or whoever stopped it didn't get that far."""
        runs = self._runs.list(*ACTIVE, search=search)
        if decisions.study:
            runs += self._runs.list(*ACTIVE, study=decisions.study)
        end_runs(self._home, self._runs, runs, _ENDED_WITH)
        self._searches.decide(search, replace(decisions, ends_runs=False))

    def _know(self, search: str) -> KnownSearch:
        known = self._known.get(search)
        if known is None:
            found = self._searches.load(search)
            classes = max(2, len(self._dataset(found.dataset).classes))
            known = KnownSearch(found, self._runs, self._history, classes)
            self._known[search] = known
        return known

    def _dataset(self, dataset: str) -> Dataset:
        try:
            return self._datasets.load(dataset)
        except NotFoundError as error:
            if not self._home.dataset(dataset).is_dir():
                raise
            raise StorageError(f"The dataset {dataset!r} isn't listed yet.") from error

    def _history(self, run: Run) -> History:
        """The epochs of a run so far: of its newest attempt that has begun."""
        if not run.last:
            return []
        attempts = (Attempt(self._home.attempt(run.id, n)) for n in range(run.attempt, 0, -1))
        return next((one.history() for one in attempts if one.events.exists()), [])

    def _decide(self, known: KnownSearch, decisions: Decisions, **changes: Any) -> Decisions:  # noqa: ANN401 - fields of Decisions
        seconds = decisions.seconds + known.unsaved_seconds
        decided = replace(decisions, **changes, seconds=seconds)
        self._searches.decide(known.search.id, decided)
        known.unsaved_seconds = 0.0
        return decided

    def _search(self, known: KnownSearch, decisions: Decisions, slots: int) -> None:
        """End trials early, queue what is missing and new ones, or close the search."""
        decisions = self._prune(known, decisions)
        trials = self._tend(known, decisions)
        if why := _failing(trials, decisions.forgiven):
            failed = {"status": SearchStatus.FAILED, "message": why}
            self._decide(known, decisions, **failed, ends_runs=bool(known.active))
            return
        known.nothing_more = known.nothing_more or why_no_more(known.search, trials)
        number = decisions.next_trial(trial.number for trial in trials)
        if _may_go_on(known, decisions, number) and not known.nothing_more:
            if len(known.active) >= slots:
                return
            # One a round: what chooses takes its time, and other runs shouldn't wait for it.
            setting = next_setting(known.search, trials, number, known.classes)
            if not isinstance(setting, str):
                self._queue(known, number, setting)
                return
            known.nothing_more = setting
        if not known.active:
            self._close(known, decisions, trials)

    def _prune(self, known: KnownSearch, decisions: Decisions) -> Decisions:
        """Decide which trials are ended early."""
        trials = known.trials(decisions)
        hopeless = {
            trial.number: why
            for trial in trials
            if trial.state is TrialState.RUNNING
            and (why := why_hopeless(known.search, trial, trials))
        }
        if not hopeless:
            return decisions
        return self._decide(known, decisions, pruned=decisions.pruned | hopeless)

    def _tend(self, known: KnownSearch, decisions: Decisions) -> list[Trial]:
        """End what is left of trials that are over, queue what others lack; return all of them."""
        for trial in known.trials(decisions):
            if trial.state in (TrialState.PRUNED, TrialState.FAILED):
                end_runs(self._home, self._runs, known.active_of(trial), trial.words)
            elif trial.state is TrialState.RUNNING:
                self._queue(known, trial.number, trial.values, there=trial.runs)
        return known.trials(decisions)

    def _queue(
        self,
        known: KnownSearch,
        number: int,
        values: dict[str, Any],
        there: dict[int, str] | None = None,
    ) -> None:
        """Queue the runs of a trial that aren't there yet."""
        search = known.search
        missing = [seed for seed in search.seeds if seed not in (there or {})]
        title = f"trial {number}" if number else "start setting"
        for seed, run, created_at in numbered(missing):
            named = title if len(search.seeds) == 1 else f"{title}, seed {seed}"
            queued = Run(
                id=run,
                name=f"{named} · {search.name}",
                dataset=search.dataset,
                config=search.config(values, seed).model_dump(mode="json"),
                status=Status.QUEUED,
                created_at=created_at,
                search=search.id,
                trial=number,
            )
            self._runs.create(queued)
            known.add(queued)

    def _close(self, known: KnownSearch, decisions: Decisions, trials: Sequence[Trial]) -> None:
        """Nothing more is tried: decide what becomes of the winner."""
        search = known.search
        winner = best_trial(search, trials)
        if winner is None:
            why = "No trial is complete, so there is nothing to confirm."
            self._decide(known, decisions, status=SearchStatus.FAILED, message=why)
            return
        if is_start(search, winner):
            complete = sum(trial.state is TrialState.COMPLETE for trial in trials)
            message = (
                f"Of {counted(complete, 'complete trial')} the start setting itself is the best: "
                "there is nothing to confirm."
            )
            ended = {"status": SearchStatus.FINISHED, "message": message}
            self._decide(known, decisions, **ended, winner=winner.number)
            self._known.pop(search.id)  # it may go on at once, with more trials
            return
        study = self._tested_before(winner, decisions)
        earlier = tuple(one for one in decisions.earlier_studies if one != study)
        study = study or new_study_id(datetime.now(UTC), secrets.token_hex(2))
        confirming = {"status": SearchStatus.CONFIRMING, "message": known.nothing_more}
        chosen = {"winner": winner.number, "study": study, "earlier_studies": earlier}
        self._decide(known, decisions, **confirming, **chosen)

    def _tested_before(self, winner: Trial, decisions: Decisions) -> str | None:
        """The closing study that this winner had before the search went on: it isn't run again."""
        for study in decisions.earlier_studies:
            try:
                arms = self._studies.load(study).arms
            except NotFoundError:  # deleted
                continue
            if any(arm.name == WINNER and arm.changes == winner.values for arm in arms):
                return study
        return None

    def _confirm(self, search: str, decisions: Decisions) -> None:
        """Make the closing study with its runs, and see whether they have ended."""
        study = str(decisions.study)
        try:
            closing = self._studies.load(study)
        except NotFoundError:
            known = self._know(search)
            trials = known.trials(decisions)
            winner = next((one for one in trials if one.number == decisions.winner), None)
            if winner is None:
                failed = {"status": SearchStatus.FAILED, "message": _WINNER_GONE}
                self._decide(known, decisions, **failed)
                return
            created_at = datetime.now(UTC).isoformat(timespec="milliseconds")
            closing = closing_study(known.search, winner, study, created_at)
            self._studies.create(closing)
        queue_missing(self._runs, closing)
        runs = self._runs.list(study=study)
        if all(run.status.is_ended for run in runs):
            finished = replace(decisions, status=SearchStatus.FINISHED)
            self._searches.decide(search, finished)
            self._known.pop(search, None)  # it may go on at once, with more trials


def _may_go_on(known: KnownSearch, decisions: Decisions, number: int) -> bool:
    """Whether the budget has room for another trial, which would have this number."""
    search = known.search
    spent = decisions.seconds + known.unsaved_seconds
    has_time = search.minutes is None or spent < 60 * search.minutes
    return has_time and number < search.most_trials


def _failing(trials: Sequence[Trial], forgiven: int) -> str:
    """Why a search ends because of its trials: a sentence, or empty."""
    ended = [
        trial
        for trial in trials
        if trial.number >= forgiven
        and trial.state in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED)
    ]
    failed = [trial.state is TrialState.FAILED for trial in ended]
    first = len(failed) >= FIRST_FAILURES and all(failed)
    if not first and not (len(failed) >= FAILURES_IN_A_ROW and all(failed[-FAILURES_IN_A_ROW:])):
        return ""
    count = len(failed) if first else FAILURES_IN_A_ROW
    return (
        f"{count} trials in a row failed, the last one so: {ended[-1].words} Change the start "
        "setting or the ranges."
    )


def _slots(known: KnownSearch, capacity: Capacity) -> int:
    """How many runs of a search may wait or train at once: so many as can train."""
    device = known.search.base["training"]["device"]
    if not capacity.gpus or device == CPU:
        return capacity.study_slots
    return 1 if device == ALL_GPUS or device in capacity.gpus else len(capacity.gpus)
