"""Bringing the model of a run into the phase that comes next, and to where it was."""

import keras

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.phases import Span, spans_of, trained_layers
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.records.training import PhaseFacts
from cnnlab.training.devices.acceleration import Acceleration
from cnnlab.training.loop.checkpoint import EPOCH, State, carry_over, restore
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.model import freeze


class Phases:
    """The phases of one run: which layers train in each, with an optimizer of its own.

    What a phase begins with is a pure function of the state in which the one before it has ended,
    so a resumed run computes the same bits.

    Attributes:
        spans: all of them, in order.
    """

    def __init__(self, model: keras.Model, config: RunConfig, board: DialBoard) -> None:
        """Store what is brought into its phases.

        Args:
            model: from `build_model`, with the board.
            config: of the run.
            board: its dials.
        """
        self._model, self._config, self._board = model, config, board
        self._plan = plan_network(config, model.input_shape[1:], model.output_shape[-1])
        self.spans = spans_of(config)

    def begin(self, span: Span, acceleration: Acceleration) -> None:
        """Let the layers of a phase train, with a fresh optimizer.

        Args:
            span: one of `spans`.
            acceleration: what makes it faster on a GPU.
        """
        freeze(self._model, trained_layers(self._plan, self._config, [span]))
        compile_model(self._model, self._config, acceleration, self._board)

    def go_on_from(self, state: State, span: Span) -> None:
        """Put back what was captured after the epoch before, or within the one that comes next.

        Args:
            state: captured in this phase, or at the end of the one before.
            span: the phase, which has begun.

        Raises:
            TrainingError: the state is of this phase, but not of this config.
        """
        is_within = int(state[EPOCH]) >= span.first_epoch
        (restore if is_within else carry_over)(self._model, state)

    def facts(self) -> list[PhaseFacts]:
        """What a run says of them; nothing where there is only one."""
        spans = self.spans if self._config.architecture.phases else ()
        return [
            {
                "first_epoch": span.first_epoch,
                "words": span.words,
                "trained": self._in_order(trained_layers(self._plan, self._config, [span])),
            }
            for span in spans
        ]

    def _in_order(self, names: set[str]) -> list[str]:
        return [layer.name for layer in self._plan.layers if layer.name in names]
