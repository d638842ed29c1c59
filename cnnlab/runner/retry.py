"""What follows when a worker is lost: how often, and how soon, its run is started again.

Two budgets, as in a `podFailurePolicy` of Kubernetes: what comes from outside may pass, so it is
tried again a few times; a run that is too large for the memory stays too large, so once is enough.
Errors that the worker itself reports are never tried again: they would come again.
"""

from typing import Any

from cnnlab.domain.run import Status
from cnnlab.domain.words import data_size
from cnnlab.runner.notes import Loss

BACK_OFF_SECONDS = (0.0, 5.0, 30.0)
"""How long the next attempt waits after the first, second and third loss in a row."""

STOPPED_WAITING = "Stopped while it waited to go on; Resume goes on from its last kept epoch."


def after_loss(
    loss: Loss, lost_workers: int, *, again_for_memory: bool, epochs: int
) -> dict[str, Any]:
    """What becomes of a run whose worker was lost, as changes of its row.

    Args:
        loss: why.
        lost_workers: how many there were in a row without progress, this one included.
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
    elif lost_workers > len(BACK_OFF_SECONDS):
        status, message = (
            Status.FAILED,
            f"{happened}; that was loss number {lost_workers} in a row. {kept}. See the log for "
            "the cause, then press Resume to go on from there.",
        )
    else:
        wait = f"in {seconds:.0f} s" if (seconds := back_off(lost_workers)) else "at once"
        status, message = Status.INTERRUPTED, f"{happened}. {kept}; it starts again {wait}."
    return {"status": status, "message": message, "lost_workers": lost_workers}


def after_full_disk(room_bytes: int, *, epochs: int) -> dict[str, Any]:
    """What becomes of a run that a full disk stopped, as changes of its row; no loss is counted.

    Args:
        room_bytes: how much must be free before it goes on.
        epochs: how many epochs are finished.
    """
    kept = f"The finished epochs are kept ({epochs}); it" if epochs else "It"
    message = f"The disk is full. {kept} goes on by itself when {data_size(room_bytes)} are free."
    return {"status": Status.INTERRUPTED, "message": message}


def back_off(lost_workers: int) -> float:
    """Seconds from the last of so many lost workers in a row to the next attempt."""
    return BACK_OFF_SECONDS[lost_workers - 1]


def restarted(loss: Loss, lost_workers: int) -> str:
    """What is said of a run while it runs again after so many lost workers in a row."""
    if loss is Loss.DISK_FULL:
        return "Went on by itself: the disk was full and has room again."
    return f"Restarted ({lost_workers}): {loss.words}."
