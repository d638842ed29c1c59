"""What the runs of a study have written: epochs, facts of the start, the evaluation at the end.

What an ended run has written doesn't change any more and is read once.
"""

import functools

from cnnlab.domain.records.result import Evaluation, RunResult
from cnnlab.domain.records.training import EpochRecord, Nothing, WorkerFacts
from cnnlab.domain.run import Run, Status
from cnnlab.lab.runs import newest_attempt

History = list[EpochRecord]


def run_history(run: Run) -> History:
    """Epoch records of a run's newest attempt; not to be changed."""
    if not run.last:
        return []
    if run.status.is_ended:
        return _history_of_ended(run.id, run.attempt, run.ended_at)
    return newest_attempt(run).history()


def run_facts(run: Run) -> WorkerFacts | Nothing:
    """What a run's worker said at the start; empty before its first epoch is finished."""
    try:
        return _facts(run.id, run.attempt) if run.last else {}
    except LookupError:
        return {}


def run_evaluation(run: Run) -> Evaluation | None:
    """What was measured of a finished run's kept model; None before that."""
    if not run.status.is_ended:
        return None
    return _result_of_ended(run.id, run.attempt, run.ended_at).get("report")


@functools.lru_cache(maxsize=512)
def _history_of_ended(run: str, attempt: int, ended_at: str | None) -> History:
    return newest_attempt(_as_run(run, attempt)).history()


@functools.lru_cache(maxsize=512)
def _result_of_ended(run: str, attempt: int, ended_at: str | None) -> RunResult | Nothing:
    return newest_attempt(_as_run(run, attempt)).read_result() or {}


@functools.lru_cache(maxsize=512)
def _facts(run: str, attempt: int) -> WorkerFacts:
    """Raises LookupError, which isn't kept, as long as the attempt hasn't said anything."""
    facts = newest_attempt(_as_run(run, attempt)).started()
    if not facts:
        raise LookupError(run)
    return facts


def _as_run(run: str, attempt: int) -> Run:
    return Run(run, run, "", {}, Status.RUNNING, attempt=attempt)
