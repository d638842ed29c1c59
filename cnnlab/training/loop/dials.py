"""The dials of a run that trains: what holds at which step, for network, loss and input path."""

import bisect
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.dials import (
    FOCAL_GAMMA,
    LEARNING_RATE,
    DialTurn,
    dials_of,
    turned,
    turned_by,
)
from cnnlab.training.network import dialled

_AUGMENTATION = "augmentation."
_REGULARIZATION = "regularization."


@dataclass(frozen=True)
class _Span:
    """What holds from a step on.

    Attributes:
        first_step: 0-based global step.
        values: of every dial, by dotted config field.
        strengths: (A,) float64, those of the augmentation dials.
    """

    first_step: int
    values: dict[str, float]
    strengths: np.ndarray


class DialBoard:
    """Holds the dials of one run and turns them, each at a step that was fixed beforehand.

    At step s a dial has the value of the turn with the highest number among those of steps up to
    s that set it; the learning rate has that of the phase until it is turned within the phase.
    That is a pure function of the launch config and the turns, so a resumed run that is given the
    turns of its earlier attempts computes the same bits.

    Network and loss read variables, which `apply_due` sets just before the step. The input path
    works ahead, so it looks up the values of the step whose batch it makes. The values are
    float64: what is computed of them rounds as Keras rounds its Python constants, so that a
    network with dials has the bits of one that was built with their values.

    Attributes:
        config: the run's config as it stands at the step of the last `apply_due`.
        turns: all turns by number, also those that don't hold yet.
        augmentations: fields of `augmentation` that are dials of this run.
    """

    def __init__(
        self,
        config: RunConfig,
        turns: Iterable[DialTurn] = (),
        phase_rates: Mapping[int, float] | None = None,
    ) -> None:
        """Create the dials at the values that the run was launched with.

        Create it in the device scope of the model: XLA reads no variable of another device.

        Args:
            config: that the run was launched with.
            turns: of earlier attempts; each holds from its own step on, those of steps before the
                first from the first `apply_due` on.
            phase_rates: learning rate by the 0-based global step at which a phase of the run begins
                with it; earlier turns of the learning rate end there.

        Raises:
            ConfigError: a turn is not one of this config.
        """
        turns = sorted(turns, key=lambda turn: turn.number)
        turned_by(config, turns)
        self._launched, self.config = config, config
        self.turns = turns
        self._phase_rates = dict(phase_rates or {})
        names = dials_of(config, turns)
        self._values = {name: float(value_at(config, name)) for name in names}
        self.augmentations = tuple(
            name.removeprefix(_AUGMENTATION) for name in names if name.startswith(_AUGMENTATION)
        )
        self._variables = {
            name: tf.Variable(self._values[name], dtype=tf.float64, trainable=False)
            for name in names
            if name.startswith(_REGULARIZATION) or name == FOCAL_GAMMA
        }
        self._spans = self._plan()
        self._next_due: float = 0

    def value(self, name: str) -> tf.Variable | None:
        """What the network or the loss reads for a regularizer.

        Args:
            name: dotted config field, such as `regularization.dropout`.

        Returns:
            () float64, or None where the field is no dial of this run.
        """
        return self._variables.get(name)

    def loss(self) -> keras.losses.Loss:
        """The loss of the config; its label smoothing and focal gamma are dials."""
        smoothing = self._variables["regularization.label_smoothing"]
        if self._launched.training.loss == "focal":
            return dialled.CategoricalFocalCrossentropy(smoothing, self._variables[FOCAL_GAMMA])
        return dialled.CategoricalCrossentropy(smoothing)

    def strengths_at(self, step: int) -> np.ndarray:
        """The augmentation dials as they hold at a step, for the input path.

        Look them up in Python, by a stateless `tf.numpy_function` of the step: a map that reads a
        variable counts as stateful, and with deterministic kernels tf.data runs such a map alone
        and never ahead.

        Args:
            step: 0-based global step whose batch is being made.

        Returns:
            (A,) float64, in the order of `augmentations`.
        """
        spans = self._spans
        return spans[_position(spans, int(step))].strengths

    def request(self, number: int, values: Mapping[str, float], step: int, lead: int) -> DialTurn:
        """Plan a turn for the first step that nothing has been computed for yet.

        Args:
            number: of the turn, higher than those before.
            values: new value by dotted config field.
            step: 0-based global step that runs next.
            lead: steps for which the input path may have begun batches, that one included:
                what it keeps ready plus its parallel calls.

        Returns:
            The turn; it holds from step + lead on.

        Raises:
            ConfigError: a field is no dial of this run, or a value is out of range.
        """
        turned(self._launched, self._spans[-1].values | dict(values), self.turns)
        turn = DialTurn(number, step + lead, dict(values))
        self.turns.append(turn)
        self._spans = self._plan()
        self._next_due = min(self._next_due, turn.step)
        return turn

    def apply_due(self, step: int) -> None:
        """Make hold what is due; call it before every step.

        Args:
            step: 0-based global step that is about to run.
        """
        if step < self._next_due:
            return
        position = _position(self._spans, step)
        values = self._spans[position].values
        later = self._spans[position + 1 :]
        self._next_due = later[0].first_step if later else math.inf
        self.config = turned(self._launched, values, self.turns)
        for name, variable in self._variables.items():
            variable.assign(values[name])

    def _plan(self) -> tuple[_Span, ...]:
        """Every span of steps in which nothing changes, in order; the first starts at step 0."""
        values, set_by = dict(self._values), dict.fromkeys(self._values, 0)
        spans = {0: self._span(0, values)}
        begun = [
            DialTurn(0, step, {LEARNING_RATE: rate}) for step, rate in self._phase_rates.items()
        ]
        for turn in sorted([*begun, *self.turns], key=lambda turn: (turn.step, turn.number)):
            if not turn.number:
                set_by[LEARNING_RATE] = 0
            for name, value in turn.values.items():
                if turn.number >= set_by[name]:
                    values[name], set_by[name] = float(value), turn.number
            spans[turn.step] = self._span(turn.step, values)
        return tuple(spans.values())

    def _span(self, first_step: int, values: Mapping[str, float]) -> _Span:
        strengths = [values[_AUGMENTATION + name] for name in self.augmentations]
        return _Span(first_step, dict(values), np.array(strengths, np.float64))


def _position(spans: Sequence[_Span], step: int) -> int:
    return bisect.bisect_right(spans, step, key=lambda span: span.first_step) - 1
