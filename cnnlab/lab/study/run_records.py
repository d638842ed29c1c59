"""What the runs of a study have written: epochs, facts of the start, the evaluation at the end.

What an ended run has written doesn't change any more and is read once.
"""

import functools
from pathlib import Path

from cnnlab.domain.people.person import Action
from cnnlab.domain.records.result import Evaluation, RunResult
from cnnlab.domain.records.training import EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs import newest_attempt
from cnnlab.storage.attempts.attempt import Attempt

History = list[EpochRecord]


@asks(Action.VIEW)
def run_history(run: Run) -> History:
    """Epoch records of a run's newest attempt; not to be changed."""
    if not run.last:
        return []
    if run.status.is_ended:
        return _history_of_ended(newest_attempt(run).folder, run.ended_at)
    return newest_attempt(run).history()


def run_facts(run: Run) -> WorkerFacts | Nothing:
    """What a run's worker said at the start; empty before its first epoch is finished."""
    try:
        return _facts(newest_attempt(run).folder) if run.last else {}
    except LookupError:
        return {}


def run_evaluation(run: Run) -> Evaluation | None:
    """What was measured of a finished run's kept model; None before that."""
    if not run.status.is_ended:
        return None
    return _result_of_ended(newest_attempt(run).folder, run.ended_at).get("report")


@functools.lru_cache(maxsize=512)
def _history_of_ended(folder: Path, ended_at: str | None) -> History:
    return Attempt(folder).history()


@functools.lru_cache(maxsize=512)
def _result_of_ended(folder: Path, ended_at: str | None) -> RunResult | Nothing:
    return Attempt(folder).read_result() or {}


@functools.lru_cache(maxsize=512)
def _facts(folder: Path) -> WorkerFacts:
    """Raises LookupError, which isn't kept, as long as the attempt hasn't said anything."""
    facts = Attempt(folder).started()
    if not facts:
        raise LookupError(folder)
    return facts
