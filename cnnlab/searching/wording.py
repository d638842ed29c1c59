"""What a search may be believed, in sentences."""

from collections.abc import Sequence

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

SECOND_WORDS = {"parameters": "fewest parameters", "milliseconds": "least milliseconds an image"}


def search_words(
    search: Search,
    decisions: Decisions,
    trials: Sequence[Trial],
    best: Trial | None,
    optimism: float | None,
) -> list[str]:
    """What to know before the best trial is believed.

    Args:
        search: as it was launched.
        decisions: taken so far.
        trials: so far.
        best: of them; None before the first is complete.
        optimism: how much better the winner looked in the search than in the closing study; None
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
    if optimism is not None and best is not None:
        said.append(_optimism_words(search, best, optimism))
    return said


def _planned(search: Search, decisions: Decisions, tried: int) -> int:
    """How many trials there will be, as far as one can tell."""
    over = decisions.status not in (SearchStatus.SEARCHING, SearchStatus.STOPPED)
    if over or search.trials is None:
        return tried
    return search.trials


def _optimism_words(search: Search, winner: Trial, optimism: float) -> str:
    """How much of the winner was luck: what it had in the search, and with fresh seeds."""
    value = winner.value or 0.0
    is_lower_better = search.objective == "val_cross_entropy"
    fresh = value + optimism if is_lower_better else value - optimism
    said = (
        f"In the search the winner had {objective_words(search, value)}; with "
        f"{counted(search.confirm_seeds, 'fresh seed')} {objective_words(search, fresh)}"
    )
    if optimism <= 0:
        return f"{said}: it was not flattered by luck."
    lucky = f"{optimism:.3f} nats" if is_lower_better else points(optimism)
    return f"{said}: {lucky} of it were luck. The latter is the number to quote."
