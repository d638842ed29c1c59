"""The next setting that a search may try: possible, and not tried before."""

from collections.abc import Sequence
from typing import Any

from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.planner import check_network
from cnnlab.domain.search import Search, Trial
from cnnlab.searching.sampling import draw_setting

_MOST_DRAWS = 20
ALL_TRIED = "Every possible setting has been tried."


def next_setting(
    search: Search, trials: Sequence[Trial], number: int, classes: int
) -> dict[str, Any] | str:
    """What a trial shall try, by dotted field; why there is nothing where it says so, in words.

    Args:
        search: as it was launched.
        trials: those there are, in order.
        number: of the trial.
        classes: of the dataset.
    """
    tried = [trial.values for trial in trials]
    why = ALL_TRIED
    for draw in range(_MOST_DRAWS):
        values = draw_setting(search, trials, number, draw)
        if values in tried:
            continue
        try:
            check_network(search.config(values, search.seeds[0]), classes)
        except ConfigError as error:
            why = f"No possible setting was found: {error}"
            continue
        return values
    return why
