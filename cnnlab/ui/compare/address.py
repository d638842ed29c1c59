"""The way to the Compare page."""

from collections.abc import Sequence

PARAMETER, BETWEEN = "runs", ","


def compare_address(runs: Sequence[str]) -> dict[str, str]:
    """Query parameters of the Compare page that put these runs side by side."""
    return {PARAMETER: BETWEEN.join(runs)}
