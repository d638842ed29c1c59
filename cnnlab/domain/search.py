"""A search: one config, fields with ranges, a budget, and what is looked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

Objective = Literal["val_accuracy", "val_cross_entropy", "gap_penalised"]
"""What a trial is worth; `gap_penalised` is validation accuracy minus half of the gap."""
SecondObjective = Literal["parameters", "milliseconds"]
"""What shall be small beside it, so that there is no best trial but a front of them."""
Sampler = Literal["tpe", "random"]

MOST_RANGES, MOST_TRIALS, MOST_TRIAL_SEEDS, MOST_MINUTES = 12, 500, 10, 7 * 24 * 60
PROMISING_TRIALS = 30
"""With fewer nothing is promised: random settings would do as well."""


class TrialState(StrEnum):
    """Where one setting stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    """Ended early: it was worse than the median of those before it at the same epoch."""
    FAILED = "failed"
    """A run of it failed, as of a loss that isn't finite, or a user stopped it."""


class SearchStatus(StrEnum):
    """Where a search stands."""

    SEARCHING = "searching"
    CONFIRMING = "confirming"
    """Its winner trains again beside the start setting, with fresh seeds, as a study."""
    FINISHED = "finished"
    STOPPED = "stopped"
    """A user stopped it; what is found stays, and it may go on."""
    FAILED = "failed"


@dataclass(frozen=True)
class Range:
    """What a search may set one field to: numbers between two ends, or one of several values.

    Attributes:
        field: dotted name in the config.
        low: least number, or None where there are `choices`.
        high: largest number, likewise.
        log: whether numbers are drawn evenly by their logarithm.
        choices: JSON values to choose among; empty where there are `low` and `high`.
    """

    field: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Search:
    """A search, as it was launched.

    Attributes:
        id: sortable and unique, like that of a run.
        name: what the user calls it.
        dataset: id of the dataset that all runs use.
        base: the whole config that trials change, as JSON values: the start setting.
        ranges: what is searched.
        trials: most settings that are tried; None where only the minutes limit them.
        minutes: how long trials may be begun, counted while the search is under way; None where
            only `trials` limits them. The closing study comes on top.
        seeds: each setting is trained once with each.
        objective: what a trial is worth, where a study of the same base would judge it.
        second: what shall be small beside it; None for the objective alone.
        sampler: how settings are chosen.
        prunes: whether hopeless trials are ended early.
        confirm_seeds: how many fresh seeds the closing study has.
        created_at: ISO 8601, UTC.
    """

    id: str
    name: str
    dataset: str
    base: dict[str, Any]
    ranges: tuple[Range, ...]
    trials: int | None = None
    minutes: float | None = None
    seeds: tuple[int, ...] = (0,)
    objective: Objective = "val_accuracy"
    second: SecondObjective | None = None
    sampler: Sampler = "tpe"
    prunes: bool = True
    confirm_seeds: int = 5
    created_at: str = ""

    def to_json(self) -> dict[str, Any]:
        """The search as JSON values."""
        return asdict(self) | {"seeds": list(self.seeds)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Search":
        """The search from what `to_json` gave, in this version or an earlier one.

        Raises:
            KeyError, TypeError, ValueError: something is missing or odd.
        """
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        ranges = tuple(
            Range(**one | {"choices": tuple(one.get("choices", ()))}) for one in values["ranges"]
        )
        return cls(**known | {"ranges": ranges, "seeds": tuple(map(int, values["seeds"]))})


@dataclass(frozen=True)
class Trial:
    """One setting of a search, with what is known of it.

    Attributes:
        number: from 0, in the order of being chosen; 0 is the start setting itself.
        values: by dotted field.
        state: where it stands.
        value: of the objective, mean over the seeds; None unless it is complete.
        second: of the second objective: parameters, or milliseconds an image; None where unknown.
        curve: the validation accuracy or cross-entropy of each finished epoch, mean over the seeds.
        runs: their ids, by seed.
        seconds: of training, all of its runs.
        words: why it was pruned or failed; empty else.
    """

    number: int
    values: dict[str, Any]
    state: TrialState
    value: float | None
    second: float | None
    curve: tuple[float, ...]
    runs: dict[int, str]
    seconds: float
    words: str = ""


def new_search_id(now: datetime, random_hex: str) -> str:
    """A sortable id such as `o20261124-061500-a3f9` (o as in optimize).

    Args:
        now: the moment of creation, UTC.
        random_hex: at least four hex digits that tell searches of the same second apart.
    """
    return f"o{now:%Y%m%d-%H%M%S}-{random_hex[:4]}"
