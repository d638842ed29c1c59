"""Which runs can be asked about pictures."""

from collections.abc import Sequence
from typing import TypedDict

from cnnlab.domain.errors import BadInputError, CnnlabError, RunStateError
from cnnlab.jobs.kinds.answer_pictures import MOST_RUNS
from cnnlab.lab.runs import load_run, newest_attempt


class Askable(TypedDict):
    """A run whose model can be asked, and the number of the attempt that has its states."""

    run: str
    run_name: str
    attempt: int


def askable_runs(runs: Sequence[str]) -> tuple[list[Askable], dict[str, str]]:
    """The runs that have a model, in their order, and by run what is wrong with the others.

    Args:
        runs: ids of one to four runs.

    Raises:
        BadInputError: none or too many are named, or one twice.
    """
    if not 1 <= len(runs) <= MOST_RUNS or len(set(runs)) < len(runs):
        raise BadInputError(
            f"Name 1 to {MOST_RUNS} different runs to ask. Received: {', '.join(runs) or 'none'}."
        )
    asked: list[Askable] = []
    problems = {}
    for run in runs:
        try:
            row = load_run(run)
            if not row.status.is_ended or not row.last:
                why = "has no finished epoch" if row.status.is_ended else "hasn't ended"
                raise RunStateError(f"The run {row.name!r} {why}, so it has no model to ask.")
            asked.append({"run": run, "run_name": row.name, "attempt": newest_attempt(row).number})
        except CnnlabError as error:
            problems[run] = str(error)
    return asked, problems
