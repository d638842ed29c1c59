"""All searches at a glance: what the index and the decisions say of them, without any verdict.

Nothing here looks at a closing study's verdicts, so that a list that is refreshed spends none of
their level.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.domain.errors import DamagedError, NotFoundError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Decisions, Search, SearchStatus
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.searching.searches import list_searches, readable_decisions
from cnnlab.lab.searching.view import known_trials
from cnnlab.lab.workplace import workplace
from cnnlab.storage.searches import SearchStore


@dataclass(frozen=True)
class SearchSummary:
    """A line of the list of searches.

    Attributes:
        search: as it was launched.
        status: where it stands.
        ended: how many trials have ended, whatever became of them.
        pruned: how many were decided to be ended early.
        winner: what the winner was worth in the search; None before it is chosen.
        closing_runs: of its closing study; 0 where there is none.
        closing_finished: how many of them have finished.
    """

    search: Search
    status: SearchStatus
    ended: int
    pruned: int
    winner: float | None
    closing_runs: int
    closing_finished: int


@asks(Action.VIEW)
def list_search_summaries() -> list[SearchSummary]:
    """All searches, newest first."""
    stores = workplace()
    searches = SearchStore(stores.home)
    of_search: dict[str | None, list[Run]] = defaultdict(list)
    of_study: dict[str | None, list[Run]] = defaultdict(list)
    for run in stores.runs.list():
        of_search[run.search].append(run)
        of_study[run.study].append(run)
    found = []
    for search in list_searches():
        try:
            decisions = readable_decisions(searches, search.id)
        except NotFoundError:  # deleted meanwhile
            continue
        closing = of_study[decisions.study] if decisions.study else []
        found.append(_summary(search, decisions, of_search[search.id], closing))
    return found


def _summary(
    search: Search, decisions: Decisions, runs: Sequence[Run], closing: Sequence[Run]
) -> SearchSummary:
    by_trial: dict[int | None, list[Run]] = defaultdict(list)
    for run in runs:
        by_trial[run.trial].append(run)
    ended = sum(
        number in decisions.pruned
        or all(run.status.is_ended for run in of_trial)
        or any(run.status is Status.FAILED for run in of_trial)
        for number, of_trial in by_trial.items()
    )
    return SearchSummary(
        search=search,
        status=decisions.status,
        ended=ended,
        pruned=len(decisions.pruned),
        winner=_winner(search, decisions, by_trial[decisions.winner]),
        closing_runs=len(closing),
        closing_finished=sum(run.status is Status.FINISHED for run in closing),
    )


def _winner(search: Search, decisions: Decisions, runs: Sequence[Run]) -> float | None:
    if decisions.winner is None or not runs:
        return None
    try:
        [trial] = known_trials(search, decisions, runs)
    except (NotFoundError, DamagedError):  # the search's own page says what is wrong
        return None
    return trial.value
