"""Whether further trials would help, for a search that shall end where they don't."""

from collections.abc import Sequence

from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.domain.words import counted
from cnnlab.searching.best import best_trial

_SAYS_SOMETHING = (TrialState.COMPLETE, TrialState.PRUNED)
_ALL_RIGHT = 1.0


def why_no_more(search: Search, trials: Sequence[Trial]) -> str:
    """Why nothing more has to be tried, in a sentence; empty where it may help, or nobody asked.

    Args:
        search: as it was launched; without `patience_trials` its budget alone ends it.
        trials: all so far, in order.
    """
    best = best_trial(search, trials)
    if search.patience_trials is None or best is None:
        return ""
    if search.objective == "val_accuracy" and best.value == _ALL_RIGHT:
        return "All validation images are right: no setting can be better."
    later = sum(trial.number > best.number and trial.state in _SAYS_SOMETHING for trial in trials)
    if later < search.patience_trials:
        return ""
    return f"{counted(later, 'setting')} in a row were no better than the best: more hardly help."
