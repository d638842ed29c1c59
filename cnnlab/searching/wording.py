"""What a search may be believed, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.domain.search import (
    PROMISING_TRIALS,
    Decisions,
    Search,
    SearchStatus,
    Trial,
    TrialState,
)
from cnnlab.domain.words import counted, points
from cnnlab.searching.setting_words import objective_words

_ERRORS = 2.0
"""What is nearer to 0 than so many standard errors can't be told from it."""

_EARLIER = "earlier closing study", "earlier closing studies"

SECOND_WORDS = {"parameters": "fewest parameters", "milliseconds": "least milliseconds an image"}


@dataclass(frozen=True)
class Luck:
    """How much better the winner looked in the search than with fresh seeds.

    It is that of its seeds alone: the same validation images judge both.

    Attributes:
        optimism: in the objective's own units; above 0 it was flattered.
        error: standard error of the mean with fresh seeds, likewise.
        seeds: fresh ones that counted.
    """

    optimism: float
    error: float
    seeds: int


def search_words(
    search: Search,
    decisions: Decisions,
    trials: Sequence[Trial],
    best: Trial | None,
    luck: Luck | None,
) -> list[str]:
    """What to know before the best trial is believed.

    Args:
        search: as it was launched.
        decisions: taken so far.
        trials: so far.
        best: of them; None before the first is complete.
        luck: how much better the winner looked in the search than in the closing study; None
            before that is known.
    """
    said = []
    tried = sum(trial.state is not TrialState.RUNNING for trial in trials)
    if _planned(search, decisions, tried) < PROMISING_TRIALS:
        said.append(
            f"With fewer than {PROMISING_TRIALS} trials nothing is promised: random settings would "
            "do as well."
        )
    complete = sum(trial.state is TrialState.COMPLETE for trial in trials)
    if best is not None and best.number == 0:
        said.append("So far nothing beats the start setting.")
    elif best is not None and complete > 1:
        said.append(
            f"The best of {complete} complete trials is partly luck: the same validation images "
            "chose it, so it is likely to do less well when it trains again."
        )
    if search.second is not None:
        said.append(
            f"The winner is the one with the {SECOND_WORDS[search.second]} among those within the "
            "usual margin of the best; no trial is ended early, because a small network may be "
            "worse and still be wanted."
        )
    if decisions.earlier_studies:
        said.append(
            f"{counted(len(decisions.earlier_studies), *_EARLIER)} tested "
            "other winners. Who goes on until one says better may find it by chance."
        )
    if luck is not None and best is not None:
        said.append(_luck_words(search, best, luck))
    return said


def _planned(search: Search, decisions: Decisions, tried: int) -> int:
    """How many trials there will be, as far as one can tell."""
    over = decisions.status not in (SearchStatus.SEARCHING, SearchStatus.STOPPED)
    if over or search.trials is None:
        return tried
    return search.trials


def _luck_words(search: Search, winner: Trial, luck: Luck) -> str:
    """What the winner had in the search, and with fresh seeds, and what that doesn't tell."""
    value = winner.value or 0.0
    is_lower_better = search.objective == "val_cross_entropy"
    fresh = value + luck.optimism if is_lower_better else value - luck.optimism
    said = (
        f"In the search the winner had {objective_words(search, value)}; with "
        f"{counted(luck.seeds, 'fresh seed')}, on the validation images that chose it, "
        f"{objective_words(search, fresh)}"
    )
    size = abs(luck.optimism)
    difference = f"{size:.3f} nats" if is_lower_better else points(size)
    if size <= _ERRORS * luck.error:
        found = "that difference can't be told from 0"
    elif luck.optimism < 0:
        found = f"its seeds were {difference} unlucky"
    else:
        found = f"{difference} of it were luck of its seeds"
    return f"{said}: {found}. {ONLY_TEST_TELLS}"


ONLY_TEST_TELLS = "How much those images flatter it only the test images tell."
