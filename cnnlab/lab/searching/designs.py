"""Searches as they are designed, before their launch."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.search import (
    Objective,
    Range,
    Sampler,
    Search,
    SecondObjective,
    new_search_id,
)
from cnnlab.domain.search_ranges import SEARCHED, check_search
from cnnlab.domain.words import counted

_NAMED_FIELDS = 3


def search_ranges() -> dict[str, Range]:
    """Sensible ranges by dotted field, in the order of the form."""
    return dict(SEARCHED)


def new_search(  # noqa: PLR0913 - what a search is made of
    base: RunConfig,
    ranges: Sequence[Range],
    *,
    trials: int | None = None,
    minutes: float | None = None,
    seeds: int = 1,
    objective: Objective = "val_accuracy",
    second: SecondObjective | None = None,
    name: str = "",
    prunes: bool = True,
    sampler: Sampler = "tpe",
    confirm_seeds: int = 5,
    patience_trials: int | None = None,
) -> Search:
    """A search that can be launched.

    Args:
        base: the start setting, with `dataset` set; its seed is the first one.
        ranges: what is searched.
        trials: most settings that are tried, the start setting included.
        minutes: for how long new ones may be begun, counted while its runs train; this or `trials`
            is needed, and with both the first that is reached ends it.
        seeds: how often each setting is trained.
        objective: what a setting is worth.
        second: what shall be small beside it; nothing is ended early then.
        name: what to call it; default is made from the fields, and at its launch from the dataset.
        prunes: whether hopeless trials are ended early.
        sampler: how settings are chosen.
        confirm_seeds: of the closing study.
        patience_trials: after so many trials in a row that were no better, no more are tried.

    Raises:
        ConfigError: see `check_search`.
    """
    now = datetime.now(UTC)
    first, values = base.training.seed, base.model_dump(mode="json")
    search = Search(
        id=new_search_id(now, secrets.token_hex(2)),
        name=name.strip() or _describe(ranges),
        dataset=base.dataset,
        base=values,
        ranges=tuple(_as_configs_have_it(one, values) for one in ranges),
        trials=trials,
        minutes=minutes,
        seeds=tuple(range(first, first + seeds)),
        objective=objective,
        second=second,
        sampler=sampler,
        prunes=prunes and second is None,
        confirm_seeds=confirm_seeds,
        patience_trials=patience_trials,
        created_at=now.isoformat(timespec="milliseconds"),
    )
    return check_search(search)


def _as_configs_have_it(one: Range, base: Mapping[str, Any]) -> Range:
    """The choices with all that a config adds, as `{"name": "cosine"}` gets its warm-up.

    Trials are read from their runs' configs: a choice that isn't the same there would be no choice.
    What isn't legal stays, for `check_search` to say so.
    """

    def whole(choice: Any) -> Any:  # noqa: ANN401 - any JSON value
        try:
            config = load_config(with_changes(base, {one.field: choice}))
        except (ConfigError, KeyError):
            return choice
        return value_at(config.model_dump(mode="json"), one.field)

    return replace(one, choices=tuple(map(whole, one.choices)))


def is_unnamed(search: Search) -> bool:
    """Whether a search is called as its fields have it, since nobody named it."""
    return search.name == _describe(search.ranges)


def _describe(ranges: Sequence[Range]) -> str:
    names = [label_of(one.field) for one in ranges]
    more = len(names) - _NAMED_FIELDS
    shown = ", ".join(names[:_NAMED_FIELDS])
    return f"Search over {shown}" + (f" and {counted(more, 'more field')}" if more > 0 else "")
