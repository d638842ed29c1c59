"""A study: one config, arms that each change something in it, and the same seeds for all arms."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.records.training import JudgedMetric

MOST_ARMS, MOST_SEEDS, MOST_RUNS = 24, 50, 400
MOST_NAME_CHARACTERS = 80
SHARED = {"dataset", "training.seed", "split.seed", "split.validation", "split.test"}
"""Fields that no arm may change: what is compared must be judged by the same images."""

_HIGHEST_SEED = 2**31 - 1


class Kind(StrEnum):
    """What a study asks."""

    COMPARE = "compare"
    DOSE = "dose"
    WORTH = "worth"


@dataclass(frozen=True)
class Arm:
    """One variant in a study.

    Attributes:
        name: shown, and unique in its study.
        changes: values by dotted config field; everything else is as in the study's base.
    """

    name: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Study:
    """A comparison, as it was launched; only seeds are ever added.

    Attributes:
        id: sortable and unique, like that of a run.
        name: what the user calls it.
        dataset: id of the dataset that all runs use.
        base: the whole config that the arms change, as JSON values.
        arms: the first one is the reference that the others are compared with.
        seeds: each arm is trained once with each; they pair the runs.
        primary: the metric that the verdicts are about, chosen before the launch.
        judged_at: `best` takes a run's metrics at its best epoch, `last` at its last one.
        kind: what is asked.
        created_at: ISO 8601, UTC.
        stages: how often seeds were queued: 1, and 1 more for each time that some were added, which
            users do after a look at the results.
    """

    id: str
    name: str
    dataset: str
    base: dict[str, Any]
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    primary: JudgedMetric = "val_accuracy"
    judged_at: str = "best"
    kind: Kind = Kind.COMPARE
    created_at: str = ""
    stages: int = 1

    @property
    def reference(self) -> Arm:
        """The arm that the others are compared with."""
        return self.arms[0]

    @property
    def pairs(self) -> list[tuple[Arm, int]]:
        """Every run that belongs to it, seed by seed, so that an early look is balanced."""
        return [(arm, seed) for seed in self.seeds for arm in self.arms]

    def arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            KeyError: there is none.
        """
        return {arm.name: arm for arm in self.arms}[name]

    def config(self, arm: Arm, seed: int) -> RunConfig:
        """What an arm trains with a seed.

        Raises:
            ConfigError: the arm's changes aren't possible.
        """
        changed = with_changes(self.base, arm.changes | {"training.seed": seed})
        try:
            return load_config(changed)
        except ConfigError as error:
            raise ConfigError(f"The arm {arm.name!r} isn't possible: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """The study as JSON values."""
        return asdict(self) | {"kind": self.kind.value, "seeds": list(self.seeds)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Study":
        """The study from what `to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: something is missing or odd.
        """
        arms = tuple(Arm(arm["name"], dict(arm["changes"])) for arm in values["arms"])
        seeds = tuple(map(int, values["seeds"]))
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        return cls(**known | {"arms": arms, "seeds": seeds, "kind": Kind(values["kind"])})


def check_study(study: Study) -> Study:
    """Return a study that can be launched as it is.

    Raises:
        ConfigError: there are too few or too many arms or seeds, two arms are alike or have the
            same name, or an arm isn't possible.
    """
    _check_sizes(study)
    seen: dict[str, str] = {}
    for arm in study.arms:
        too_long = len(arm.name) > MOST_NAME_CHARACTERS
        if not arm.name.strip() or too_long or not arm.name.isprintable():
            raise ConfigError(
                f"An arm needs a name of 1 to {MOST_NAME_CHARACTERS} printable characters. "
                f"Received: {arm.name!r:.100}"
            )
        if shared := sorted(SHARED & arm.changes.keys()):
            raise ConfigError(f"The arm {arm.name!r} may not change {shared[0]}: arms share it.")
        content = study.config(arm, 0).model_dump_json()
        if content in seen:
            raise ConfigError(
                f"The arms {seen[content]!r} and {arm.name!r} are the same: change one of them, or "
                "switch off in the base what an arm is meant to add."
            )
        seen[content] = arm.name
    return study


def _check_sizes(study: Study) -> None:
    names = [arm.name for arm in study.arms]
    if len(names) == 1:
        raise ConfigError(f"Choose at least one arm to compare with {names[0]!r}.")
    if not 2 <= len(names) <= MOST_ARMS:
        raise ConfigError(f"A study needs 2 to {MOST_ARMS} arms. Received: {len(names)}")
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"Two arms are called {double!r}: give each a name of its own.")
    if not 1 <= len(study.seeds) <= MOST_SEEDS:
        raise ConfigError(f"A study needs 1 to {MOST_SEEDS} seeds. Received: {len(study.seeds)}")
    if max(study.seeds) > _HIGHEST_SEED:
        raise ConfigError(f"Seeds go up to {_HIGHEST_SEED}. Received: {max(study.seeds)}")
    if len(study.pairs) > MOST_RUNS:
        raise ConfigError(
            f"{len(names)} arms with {len(study.seeds)} seeds are {len(study.pairs)} runs; a study "
            f"has at most {MOST_RUNS}: take fewer arms or seeds."
        )


def add_seeds(study: Study, count: int) -> Study:
    """The study with so many seeds more, those that follow its highest one.

    Raises:
        ConfigError: it would have too many.
    """
    first = max(study.seeds) + 1
    seeds = study.seeds + tuple(range(first, first + count))
    more = replace(study, seeds=seeds, stages=study.stages + 1)
    _check_sizes(more)
    return more


def new_study_id(now: datetime, random_hex: str) -> str:
    """A sortable id such as `s20261124-061500-a3f9`.

    Args:
        now: the moment of creation, UTC.
        random_hex: at least four hex digits that tell studies of the same second apart.
    """
    return f"s{now:%Y%m%d-%H%M%S}-{random_hex[:4]}"


def differences(base: Mapping[str, Any], changes: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """The fields that an arm changes, each with its value in the base and in the arm."""
    pairs = ((name, value_at(base, name), value) for name, value in changes.items())
    return [(name, before, after) for name, before, after in pairs if before != after]
