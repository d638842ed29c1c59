"""Which searched fields mattered: asked for when there is news, and read."""

import math

from cnnlab.domain.errors import DamagedError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.importance import SearchImportance
from cnnlab.domain.search import Range, Search, Trial, TrialState
from cnnlab.files import read_json
from cnnlab.jobs.kinds.importance import KEPT, KIND, ImportanceRequest
from cnnlab.jobs.state import JobState, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.searching.view import SearchView
from cnnlab.lab.work import ask_for, seen_to
from cnnlab.lab.workplace import workplace
from cnnlab.storage.job_folder import JobFolder

FEWEST_JUDGED = 20
"""Complete trials: a forest of fewer tells noise from nothing."""

_NEWS = 5
"""So many more complete trials make it worth to judge anew, before the end."""

ImportanceState = JobState[SearchImportance]


def judged_trials(search: Search, trials: tuple[Trial, ...]) -> list[Trial]:
    """The trials that importances rest on: complete, and each value within its range.

    The start setting may lie outside of the ranges; then it says nothing about them.
    """
    return [
        trial
        for trial in trials
        if trial.state is TrialState.COMPLETE
        and trial.value is not None
        and math.isfinite(trial.value)
        and all(_holds(one, trial.values.get(one.field)) for one in search.ranges)
    ]


def _holds(searched: Range, value: object) -> bool:
    if searched.choices:
        return value in searched.choices
    low, high = searched.low, searched.high
    assert low is not None and high is not None, "a range without choices has both ends"
    return isinstance(value, int | float) and low <= value <= high


@asks(Action.VIEW)
def see_to_importance(view: SearchView) -> ImportanceState | None:
    """Have a worker judge which fields mattered, where there is news; say where that stands.

    It is judged anew for every five more complete trials, and at the end for the last ones.

    Returns:
        None where too few trials are complete.

    Raises:
        StorageError: the disk is full or can't be read.
    """
    judged = judged_trials(view.search, view.trials)
    if view.status.is_live:
        judged = judged[: len(judged) // _NEWS * _NEWS]
    if len(judged) < FEWEST_JUDGED:
        return None
    files = _files(view.search.id)
    request = ImportanceRequest(
        ranges=[
            {"field": one.field, "low": one.low, "high": one.high, "log": one.log}
            | {"choices": list(one.choices)}
            for one in view.search.ranges
        ],
        settings=[trial.values for trial in judged],
        values=[float(trial.value or 0.0) for trial in judged],
    )
    if not _is_asked(files, request):
        ask_for(KIND, files, request, again=False, anew=True)
    return seen_to(KIND, files, read_state(KIND, files))


@asks(Action.VIEW)
def search_importance(search: str) -> SearchImportance | None:
    """What was found last, maybe of fewer trials than there are by now; None before the first."""
    file = _files(search).folder / KEPT
    if not file.exists():
        return None
    try:
        found: SearchImportance = read_json(file)
    except DamagedError:  # the next one takes its place
        return None
    return found


def _files(search: str) -> JobFolder:
    return KIND.folder(workplace().home.search(search) / KIND.name)


def _is_asked(files: JobFolder, request: ImportanceRequest) -> bool:
    """Whether this was asked for already: a look each second shouldn't write each second."""
    try:
        asked = read_json(files.request) if files.request.exists() else {}
    except DamagedError:
        return False
    return bool(asked.get("values") == request.values and asked.get("settings") == request.settings)
