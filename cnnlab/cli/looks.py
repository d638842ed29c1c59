"""What the commands say of looks at test images, beside the numbers."""

from collections.abc import Callable

from cnnlab import lab
from cnnlab.cli.command import Values, say
from cnnlab.domain.data.vault import VaultLooks
from cnnlab.domain.errors import StorageError
from cnnlab.domain.words import counted


def look_values(looks: VaultLooks) -> Values:
    """All looks at images; not their numbers, which were of other runs and would be looks, too."""
    names = ("id", "at", "run", "run_name", "images")
    return {
        "looks": looks.looks,
        "looks_unreadable": looks.unreadable,
        "looks_recorded": [{name: getattr(one, name) for name in names} for one in looks.recorded],
    }


def test_looks(ask: Callable[[], VaultLooks | None], name: str) -> Values:
    """How often test images were looked at; null, and said, where that isn't known.

    Args:
        ask: for the looks.
        name: of whose test images they are.
    """
    try:
        found, why = ask(), "which images they are isn't known any more"
    except StorageError as error:
        found, why = None, str(error)
    if found is None:
        say(f"{name}: how often its test images were looked at isn't known: {why}")
        return {"test_looks": None, "test_looks_unreadable": None}
    if found.unreadable:
        damaged = counted(found.unreadable, "record")
        say(f"{name}: {damaged} of looks can't be read, so there may be more than are told.")
    return {"test_looks": found.looks, "test_looks_unreadable": found.unreadable}


def seen_warnings(found: lab.SeenByStart | None) -> list[Values]:
    """That weights to start with were trained on what would judge; none where they weren't."""
    if found is None:
        return []
    warning = {"kind": "seen_by_start", "message": found.words, "count": found.images}
    return [warning | ({"arms": list(found.arms)} if found.arms else {})]


def looked_at_warnings(found: lab.LookedAtTraining) -> list[Values]:
    """That images would train that were looked at as test images; none where none would."""
    if not found.words:
        return []
    warning = {"kind": "looked_at", "message": found.words, "count": found.images}
    return [warning | ({"arms": list(found.arms)} if found.arms else {})]
