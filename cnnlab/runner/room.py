"""Whether the disk has room for runs: how much one needs that a full disk has stopped."""

from cnnlab.domain.errors import StorageError
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.checkpoints import list_checkpoints
from cnnlab.storage.home import Home
from cnnlab.storage.space.unwritable import FULL_BYTES

START_BYTES = FULL_BYTES
"""With less than this no worker is started: it couldn't even write how it ended."""

LOOK_SECONDS = 5.0
"""How often the disk is looked at while runs wait for room."""

_STATES = 8
"""An attempt keeps the last two states, the best and some others, and writes its model twice; room
for the predictions of as many epochs, which are smaller, lets it get on as far."""


def has_room_to_start(home: Home) -> bool:
    """Whether there is room for any run to begin."""
    return home.free_bytes() >= START_BYTES


def room_to_go_on(attempt: Attempt) -> int:
    """How many bytes should be free before a run goes on that a full disk has stopped."""
    kept = list_checkpoints(attempt.checkpoints)
    states = [attempt.checkpoints / entry["file"] for entry in kept[-1:]]
    sizes = sum(path.stat().st_size for path in states if path.exists())
    return 2 * START_BYTES + _STATES * (sizes + _predictions_bytes(attempt))


def _predictions_bytes(attempt: Attempt) -> int:
    """What the predictions of an epoch take; they end a run too where there is no room."""
    try:
        found = attempt.read_predictions()
    except StorageError:  # damaged: then nothing is known of their size
        return 0
    return found.stored_bytes // len(found.epochs) if found else 0
