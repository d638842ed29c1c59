"""What several runs' layers are called."""

from collections.abc import Iterable

from cnnlab import lab
from cnnlab.domain.run import Run


def layer_names(runs: Iterable[Run]) -> dict[str, str]:
    """Titles of layers by their names, where all runs that have such a layer call it alike.

    Args:
        runs: their networks may differ, and with them the number of a layer's block.
    """
    found: dict[str, str] = {}
    unlike: set[str] = set()
    for run in runs:
        titles = lab.layer_titles(run)
        unlike |= {layer for layer, title in titles.items() if found.get(layer, title) != title}
        found |= titles
    return {layer: title for layer, title in found.items() if layer not in unlike}
