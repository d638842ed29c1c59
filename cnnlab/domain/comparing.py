"""Which runs may be compared side by side, and at which of their epochs."""

from collections.abc import Sequence
from typing import Literal, get_args

from cnnlab.domain.errors import BadInputError
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted

FEWEST_COMPARED, MOST_COMPARED = 2, 8
ALL_PAIRS = 3
"""Of so many runs each is shown with each; of more, each with one only that may be chosen."""

LETTERS = "ABCDEFGH"
"""What runs are called side by side: their names may be long, or the same."""

ComparedAt = Literal["last", "best"]
"""The last epoch of each run, or the one with its highest validation accuracy."""

COMPARED_AT: tuple[ComparedAt, ...] = get_args(ComparedAt)


def check_compared(ids: Sequence[str], at: str) -> None:
    """Whether so many runs can be compared, each once, at this epoch.

    Raises:
        BadInputError: too few, too many, one twice, or `at` is none of `COMPARED_AT`.
    """
    if at not in COMPARED_AT:
        raise BadInputError(f"at must be {' or '.join(COMPARED_AT)}. Received: {at!r:.100}")
    if len(set(ids)) < len(ids):
        double = next(run for run in ids if ids.count(run) > 1)
        raise BadInputError(f"The run {double!r:.100} is named twice: name each run once.")
    if not FEWEST_COMPARED <= len(ids) <= MOST_COMPARED:
        raise BadInputError(
            f"{FEWEST_COMPARED} to {MOST_COMPARED} runs can be compared. Received: "
            f"{counted(len(ids), 'run')}"
        )


def epoch_of(run: Run, at: ComparedAt) -> int | None:
    """The 0-based epoch at which a run is compared; None before its first is finished."""
    if not run.last:
        return None
    return run.last["epoch"] if at == "last" else run.best_epoch
