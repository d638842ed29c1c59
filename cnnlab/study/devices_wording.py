"""What a study says of where its runs computed."""

from collections.abc import Mapping

from cnnlab.domain.words import counted, listed

_MOST_NAMED = 4


def devices_words(devices: Mapping[int, Mapping[str, str]]) -> str:
    """That arms of one seed computed on different kinds of devices; empty where none did.

    Args:
        devices: by seed and arm, in words; of the runs that have begun.
    """
    mixed = {seed: set(of_arm.values()) for seed, of_arm in devices.items()}
    mixed = {seed: kinds for seed, kinds in mixed.items() if len(kinds) > 1}
    if not mixed:
        return ""
    kinds = sorted(set().union(*mixed.values()))
    named = listed(kinds[:_MOST_NAMED]) if len(kinds) <= _MOST_NAMED else f"{len(kinds)} kinds"
    return (
        f"In {counted(len(mixed), 'seed')} of {len(devices)} the arms computed on different "
        f"devices ({named}). Part of their difference may be the devices': they round differently. "
        "Their times can't be compared."
    )
