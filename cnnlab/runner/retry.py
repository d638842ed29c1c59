"""What follows when a worker is lost: how often, and how soon, its run is started again.

Two budgets, as in a `podFailurePolicy` of Kubernetes: what comes from outside may pass, so it is
tried again a few times; a run that is too large for the memory stays too large, so once is enough.
Errors that the worker itself reports are never tried again: they would come again.
"""

from typing import Any

from cnnlab.domain.run import Status
from cnnlab.runner.notes import Loss

BACK_OFF_SECONDS = (0.0, 5.0, 30.0)
"""How long the next attempt waits after the first, second and third loss in a row."""

STOPPED_WAITING = "Stopped while it waited to go on; Resume goes on from its last kept epoch."


def after_loss(loss: Loss, losses: int, *, again_for_memory: bool, epochs: int) -> dict[str, Any]:
    """What becomes of a run whose worker was lost, as changes of its row.

    Args:
        loss: why.
        losses: how many there were in a row without progress, this one included.
        again_for_memory: whether this is the second one in a row for want of memory.
        epochs: how many epochs are finished.
    """
    kept = "No epoch had been finished"
    if epochs:
        kept = f"The finished epochs are kept ({epochs})"
    happened = loss.words[0].upper() + loss.words[1:]
    if again_for_memory:
        status, message = (
            Status.FAILED,
            f"{happened}, twice. {kept}. Fork or clone it with a lower training.batch_size, or "
            "clone it with a lower image.size; Resume tries it once more as it is.",
        )
    elif losses > len(BACK_OFF_SECONDS):
        status, message = (
            Status.FAILED,
            f"{happened}; that was loss number {losses} in a row. {kept}. See the log for the "
            "cause, then press Resume to go on from there.",
        )
    else:
        wait = f"in {seconds:.0f} s" if (seconds := back_off(losses)) else "at once"
        status, message = Status.INTERRUPTED, f"{happened}. {kept}; it starts again {wait}."
    return {"status": status, "message": message, "losses": losses}


def back_off(losses: int) -> float:
    """Seconds from the last of so many losses in a row to the next attempt."""
    return BACK_OFF_SECONDS[losses - 1]


def restarted(loss: Loss, losses: int) -> str:
    """What is said of a run while it runs again after so many losses in a row."""
    return f"Restarted ({losses}): {loss.words}."
