"""At which epoch runs are compared, and what of each run these same images have chosen."""

from collections.abc import Sequence

from cnnlab import lab
from cnnlab.domain.comparing import ComparedAt
from cnnlab.domain.run import Run, Status
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
    chosen = {one.letter: what for one in runs if (what := _chosen_of(one))}
    told = " ".join(
        f"These same images decided {listed(what)}, so the numbers of {letter} may be somewhat too "
        "good."
        for letter, what in chosen.items()
    )
    if at == "best":
        return f"{_BEST} {told}".rstrip()
    if not told:
        return f"Compared after the last epoch of each run: no image has chosen it. {_MODEL}"
    others = [one.letter for one in runs if one.letter not in chosen]
    rest = f" No image has chosen the last epoch of {listed(others)}." if others else ""
    return f"Compared after the last epoch of each run. {told}{rest} {_MODEL}"


def _chosen_of(one: lab.ComparedRun) -> list[str]:
    """What validation images decided of a run before its last epoch was reached."""
    run = one.run
    schedule = (run.config.get("optimizer") or {}).get("schedule") or {}
    told = {
        f"when {one.letter} ended": _stopped_early(run, len(one.history)),
        "when its learning rate fell": schedule.get("name") == "reduce_on_plateau",
        "perhaps that it won a search": run.search is not None,
    }
    return [words for words, is_so in told.items() if is_so]


def _stopped_early(run: Run, epochs: int) -> bool:
    """Whether early stopping ended it: of its own accord, before all of its epochs."""
    early = (run.config.get("regularization") or {}).get("early_stopping")
    asked = (run.config.get("training") or {}).get("epochs", epochs)
    return bool(early) and run.status is Status.FINISHED and epochs < asked
