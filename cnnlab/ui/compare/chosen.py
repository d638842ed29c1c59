"""At which epoch runs are compared, and what of each run these same images have chosen."""

from collections.abc import Sequence

from cnnlab import lab
from cnnlab.domain.comparing import ComparedAt
from cnnlab.domain.run import Run
from cnnlab.domain.words import listed

_MODEL = (
    "The model that is taken along is that of the best epoch, unless the run was told to keep the "
    "last one."
)
_BEST = (
    "Compared at the best epoch of each run, which these same images have chosen: all numbers are "
    "somewhat too good, and most so for a run whose accuracy jumps from epoch to epoch. So a run "
    "may win by luck here; the last epoch is the fairer one."
)


def chosen_words(runs: Sequence[lab.ComparedRun], at: ComparedAt) -> str:
    """Plain text, not yet escaped: how far the images that runs are compared on have chosen.

    Args:
        runs: that are compared.
        at: which epoch of each.
    """
    chosen = [(one.letter, what) for one in runs if (what := _chosen_of(one.run))]
    told = "; ".join(f"of {letter} {listed(what)}" for letter, what in chosen)
    if at == "best":
        return f"{_BEST} They have chosen more: {told}." if told else _BEST
    if not told:
        return f"Compared after the last epoch of each run: no image has chosen it. {_MODEL}"
    rest = " The last epoch of the others no image has chosen." if len(chosen) < len(runs) else ""
    return (
        f"Compared after the last epoch of each run. But these same images have chosen {told}, "
        f"which may make such numbers somewhat too good.{rest} {_MODEL}"
    )


def _chosen_of(run: Run) -> list[str]:
    """What validation images decided before the last epoch was reached."""
    regularization = run.config.get("regularization") or {}
    schedule = (run.config.get("optimizer") or {}).get("schedule") or {}
    told = {
        "when it ended": bool(regularization.get("early_stopping")),
        "its learning rate": schedule.get("name") == "reduce_on_plateau",
        "maybe itself among the trials of a search": run.search is not None,
    }
    return [words for words, is_so in told.items() if is_so]
