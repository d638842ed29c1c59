"""Dials: the fields of a config that a user may turn while the run trains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cnnlab.augmentations.table import DIALS
from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.phases import span_at, spans_of
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.cached import augments_once
from cnnlab.domain.records.training import TurnRecord

LEARNING_RATE = "optimizer.learning_rate"
"""The dial that a phase sets back when it begins."""

FOCAL_GAMMA = "training.focal_gamma"
"""A dial where the loss is focal loss."""

_ALWAYS = (
    LEARNING_RATE,
    "regularization.dropout",
    "regularization.l1",
    "regularization.l2",
    "regularization.label_smoothing",
)
_AUGMENTATION = "augmentation."
_WHERE_ON = (
    *(_AUGMENTATION + name for name in DIALS),
    "regularization.spatial_dropout",
    "regularization.gaussian_noise",
)
"""What is off at the start has no place in the network or the input path of a running run."""


@dataclass(frozen=True)
class DialTurn:
    """One change that was made while a run trained.

    Attributes:
        number: counts the turns of a run from 1.
        step: 0-based global step (weight update) from which the values held.
        values: new value by dotted config field.
    """

    number: int
    step: int
    values: dict[str, float]

    def to_json(self) -> TurnRecord:
        """The turn as plain JSON values."""
        return {"number": self.number, "step": self.step, "values": self.values}


def dials_of(config: RunConfig, turns: Iterable[DialTurn] = ()) -> tuple[str, ...]:
    """Dotted names of the fields that may be turned while a run trains.

    Augmentations are none where the augmented images may be made once, before a phase. A run in
    which one was turned, as earlier versions let it, makes them anew at every step to the end.

    Args:
        config: the one that the run was launched with.
        turns: that were made in this run.
    """
    is_fixed = not any(map(_turns_augmentation, turns)) and augments_once(config)
    of_loss = (FOCAL_GAMMA,) if config.training.loss == "focal" else ()
    return (*_ALWAYS, *of_loss) + tuple(
        name
        for name in _WHERE_ON
        if value_at(config, name) and not (is_fixed and name.startswith(_AUGMENTATION))
    )


def _turns_augmentation(turn: DialTurn) -> bool:
    return any(name.startswith(_AUGMENTATION) for name in turn.values)


def turned(
    config: RunConfig, values: Mapping[str, float], turns: Iterable[DialTurn] = ()
) -> RunConfig:
    """The config with some dials turned.

    Args:
        config: the one that the run was launched with.
        values: new value by dotted field name; 0 turns a strength off for now.
        turns: that were made in this run before.

    Raises:
        ConfigError: a field is no dial of this run, or a value is out of range.
    """
    allowed = dials_of(config, turns)
    for name in values:
        if name not in allowed:
            raise ConfigError(
                f"{name} can't be changed while this run trains{_why(config, name)}: fork the run "
                f"instead. What can be: {', '.join(allowed)}"
            )
    return load_config(with_changes(config.model_dump(mode="json"), values))


def _why(config: RunConfig, name: str) -> str:
    if name.startswith(_AUGMENTATION) and augments_once(config):
        return ", because its frozen layers may have seen the augmented images once, at first"
    return ""


def turned_by(config: RunConfig, turns: Iterable[DialTurn]) -> RunConfig:
    """The config as it stands after all of the turns that were made in its run.

    Raises:
        ConfigError: a turn is of no dial, or its value is out of range.
    """
    turns, values = list(turns), dict[str, float]()
    for turn in turns:
        values |= turn.values
    return turned(config, values, turns)


def turned_at(
    config: RunConfig, turns: Iterable[DialTurn], epoch: int, steps_per_epoch: int
) -> RunConfig:
    """The config with which a run of turned dials goes on at an epoch.

    A turn of the learning rate ends with its phase, and then the next one's own holds. So in a run
    with phases it is that of the phase in which it was turned, and one of an earlier phase is over.

    Args:
        config: the one that the run was launched with.
        turns: of steps before that epoch.
        epoch: 0-based.
        steps_per_epoch: weight updates of an epoch.

    Raises:
        ConfigError: a turn is of no dial, or its value is out of range.
    """
    turns = list(turns)
    after, phases = turned_by(config, turns), config.architecture.phases
    if not phases:
        return after
    span = span_at(spans_of(config), epoch)
    begun = span.first_epoch * steps_per_epoch
    within = [turn.values for turn in turns if turn.step >= begun and LEARNING_RATE in turn.values]
    changed = [phase.model_dump(mode="json") for phase in phases]
    if within:
        changed[span.number]["learning_rate"] = within[-1][LEARNING_RATE]
    changes = {
        LEARNING_RATE: config.optimizer.learning_rate,
        "architecture.phases": changed,
    }
    return load_config(with_changes(after.model_dump(mode="json"), changes))
