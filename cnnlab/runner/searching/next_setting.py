"""The next setting that a search may try: possible, and not tried before."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.planner import check_network
from cnnlab.domain.search import Search, Trial
from cnnlab.searching.sampling import drawn_settings, every_setting

_MOST_LISTED = 1000
"""Of more than that, one that wasn't tried is soon drawn: a search has 500 trials at most."""

ALL_TRIED = "Every possible setting has been tried."
NONE_FOUND = "No setting was found that wasn't tried before."


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
    settings = every_setting(search, _MOST_LISTED) if number else None
    why = NONE_FOUND if settings is None else ALL_TRIED
    for values in _candidates(search, trials, number, settings):
        if values in tried:
            continue
        try:
            check_network(search.config(values, search.seeds[0]), classes)
        except ConfigError as error:
            if settings is None:
                why = f"No possible setting was found: {error}"
            continue
        return values
    return why


def _candidates(
    search: Search,
    trials: Sequence[Trial],
    number: int,
    settings: Sequence[dict[str, Any]] | None,
) -> Iterator[dict[str, Any]]:
    """What is drawn, then all there are in an order that is the same when asked again."""
    yield from drawn_settings(search, trials, number)
    if settings is not None:
        shuffled = random.Random(f"{search.id}/{number}")
        yield from shuffled.sample(settings, len(settings))
