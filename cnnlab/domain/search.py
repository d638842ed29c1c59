"""A search: one config, fields with ranges, a budget, and what is looked for."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Literal

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.records.training import ImageMetric
from cnnlab.domain.study import judged_epochs_of

Objective = Literal["val_accuracy", "val_cross_entropy", "gap_penalised"]
"""What a trial is worth; `gap_penalised` is validation accuracy minus half of the gap above 0."""
_GAP_WEIGHT = 0.5
"""What a point of gap then costs in points of accuracy."""
SecondObjective = Literal["parameters", "milliseconds"]
"""What shall be small beside it, so that there is no best trial but a front of them."""
Sampler = Literal["tpe", "random"]

MOST_RANGES, MOST_TRIALS, MOST_TRIAL_SEEDS, MOST_MINUTES = 12, 500, 10, 7 * 24 * 60
MOST_RUNS = 1000
PROMISING_TRIALS = 30
"""With fewer nothing is promised: random settings would do as well."""

_EPOCHS = "training.epochs"
_FEWEST_WARM_UP, _WARM_UP_SHARE = 3, 10


def gap_penalty(gap: float) -> float:
    """What a run's gap costs it in `gap_penalised`; one below 0 earns nothing, NaN stays NaN."""
    return _GAP_WEIGHT * max(gap, 0.0)


class TrialState(StrEnum):
    """Where one setting stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    """Ended early: it was worse than the median of those before it at the same epoch."""
    FAILED = "failed"
    """A run of it failed, as of a loss that isn't finite, or says nothing of its setting."""
    STOPPED = "stopped"
    """A user stopped it, alone or with the search, which may go on with it."""


class SearchStatus(StrEnum):
    """Where a search stands."""

    SEARCHING = "searching"
    CONFIRMING = "confirming"
    """Its winner trains again beside the start setting, with fresh seeds, as a study."""
    FINISHED = "finished"
    STOPPED = "stopped"
    """A user stopped it; what is found stays, and it may go on."""
    FAILED = "failed"

    @property
    def is_live(self) -> bool:
        """Whether it goes on by itself."""
        return self in (SearchStatus.SEARCHING, SearchStatus.CONFIRMING)


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
        trials: most settings that are tried; None where only the minutes limit them. A search that
            has finished may get more of them.
        minutes: how long trials may be begun, counted while the search is under way; None where
            only `trials` limits them. The closing study comes on top.
        seeds: each setting is trained once with each.
        objective: what a trial is worth, where a study of the same base would judge it.
        second: what shall be small beside it; None for the objective alone.
        sampler: how settings are chosen.
        prunes: whether hopeless trials are ended early.
        confirm_seeds: how many fresh seeds the closing study has.
        patience_trials: after so many trials in a row that were no better, no more are tried; None
            where the budget alone ends it.
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
    patience_trials: int | None = None
    created_at: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """What is searched, dotted."""
        return tuple(one.field for one in self.ranges)

    @property
    def start(self) -> dict[str, Any]:
        """The start setting's values of these fields."""
        return {name: value_at(self.base, name) for name in self.fields}

    @property
    def metric(self) -> ImageMetric:
        """What the closing study's verdict is about."""
        return "val_cross_entropy" if self.objective == "val_cross_entropy" else "val_accuracy"

    @property
    def most_trials(self) -> int:
        """How many settings are tried at most, whatever the time."""
        return min(self.trials or MOST_TRIALS, MOST_RUNS // len(self.seeds))

    @property
    def judged_epochs(self) -> int:
        """Epochs at a run's end that its value is the mean over, as a study would have it."""
        return judged_epochs_of(self._shortest)

    @property
    def warm_up_epochs(self) -> int:
        """Epochs after which no trial is ended early: a tenth of the shortest run, 3 or more."""
        return max(_FEWEST_WARM_UP, -(-self._shortest // _WARM_UP_SHARE))

    @property
    def _shortest(self) -> int:
        """Epochs of the setting that trains least."""
        ranged = (one for one in self.ranges if one.field == _EPOCHS)
        asked = (value for one in ranged for value in (one.low, *one.choices) if value)
        return int(min((value_at(self.base, _EPOCHS), *asked)))

    def epochs_of(self, values: Mapping[str, Any]) -> int:
        """Planned epochs of a setting."""
        return int(values.get(_EPOCHS, value_at(self.base, _EPOCHS)))

    def is_better(self, value: float, than: float) -> bool:
        """Whether a value of the objective is better than another one."""
        return value < than if self.objective == "val_cross_entropy" else value > than

    def config(self, values: Mapping[str, Any], seed: int) -> RunConfig:
        """What a setting trains with a seed.

        Raises:
            ConfigError: the setting isn't possible.
        """
        return load_config(with_changes(self.base, {**values, "training.seed": seed}))

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
        curves: the objective at each finished epoch, by seed; NaN where it isn't known.
        runs: their ids, by seed.
        seconds: of training, all of its runs.
        words: why it was pruned, failed or stopped; empty else.
    """

    number: int
    values: dict[str, Any]
    state: TrialState
    value: float | None
    second: float | None
    curves: dict[int, tuple[float, ...]]
    runs: dict[int, str]
    seconds: float
    words: str = ""

    @property
    def curve(self) -> tuple[float, ...]:
        """The objective at each epoch, mean over the seeds that have got so far."""
        reached = zip_longest(*self.curves.values())
        columns = ([value for value in column if value is not None] for column in reached)
        return tuple(sum(column) / len(column) for column in columns)

    @property
    def is_ended(self) -> bool:
        """Whether nothing happens to it any more by itself."""
        return self.state is not TrialState.RUNNING


@dataclass(frozen=True)
class Decisions:
    """What was decided in a search while it went on; all else is told by its runs.

    Attributes:
        status: where it stands.
        message: one sentence on how it ended, or why it waits; empty where there is none.
        seconds: for how long its runs have trained, the closing study's aside.
        pruned: why, by the number of the trial that was ended early.
        winner: number of the trial that trains again, once chosen.
        study: id of the closing study, once decided.
        forgiven: trials before this number that failed in a row don't end the search (any more).
        ends_runs: whether runs that still wait or train are to be ended, because the search was
            stopped or has failed; False again once all of them were asked to.
        earlier_studies: ids of closing studies that tested other winners, before it went on with
            more trials.
    """

    status: SearchStatus = SearchStatus.SEARCHING
    message: str = ""
    seconds: float = 0.0
    pruned: dict[int, str] = field(default_factory=dict)
    winner: int | None = None
    study: str | None = None
    forgiven: int = 0
    ends_runs: bool = False
    earlier_studies: tuple[str, ...] = ()

    @property
    def is_due(self) -> bool:
        """Whether the supervisor has something to do for the search."""
        return self.status.is_live or self.ends_runs

    def next_trial(self, numbers: Iterable[int]) -> int:
        """The next trial's number; never one of a trial ended early, whose runs may be deleted.

        Args:
            numbers: of the trials that have runs.
        """
        return 1 + max([*numbers, *self.pruned], default=-1)

    def reopened(self) -> "Decisions":
        """These of a search that has finished and goes on: no winner is chosen yet."""
        earlier = (*self.earlier_studies, self.study) if self.study else self.earlier_studies
        return replace(
            self,
            status=SearchStatus.SEARCHING,
            message="",
            winner=None,
            study=None,
            earlier_studies=earlier,
        )

    def to_json(self) -> dict[str, Any]:
        """The decisions as JSON values."""
        return asdict(self) | {"pruned": {str(number): why for number, why in self.pruned.items()}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Decisions":
        """The decisions from what `to_json` gave, in this version or an earlier one.

        Raises:
            KeyError, TypeError, ValueError: something is missing or odd.
        """
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        pruned = {int(number): str(why) for number, why in values.get("pruned", {}).items()}
        earlier = tuple(map(str, values.get("earlier_studies", ())))
        made = {"status": SearchStatus(values["status"]), "pruned": pruned}
        return cls(**known | made | {"earlier_studies": earlier})


def new_search_id(now: datetime, random_hex: str) -> str:
    """A sortable id such as `o20261124-061500-a3f9` (o as in optimize).

    Args:
        now: the moment of creation, UTC.
        random_hex: at least four hex digits that tell searches of the same second apart.
    """
    return f"o{now:%Y%m%d-%H%M%S}-{random_hex[:4]}"
