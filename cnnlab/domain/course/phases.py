"""The phases of a run as spans of its epochs: what trains in them, at which learning rate.

A run whose config has none is one span, in which all that `frozen_layers` leaves trains.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.schedule import learning_rate_at
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.plan import Plan
from cnnlab.domain.words import counted


@dataclass(frozen=True)
class Span:
    """One phase of a run.

    Attributes:
        number: 0-based.
        first_epoch: 0-based.
        epochs: how long it lasts.
        trainable_blocks: last entries of the layer list with weights that train beside the layer
            of the class probabilities; None: all that `frozen_layers` leaves.
        learning_rate: with which its schedule begins.
    """

    number: int
    first_epoch: int
    epochs: int
    trainable_blocks: int | None
    learning_rate: float

    @property
    def end_epoch(self) -> int:
        """0-based, the one after its last."""
        return self.first_epoch + self.epochs

    @property
    def name(self) -> str:
        """`Phase 2`."""
        return f"Phase {self.number + 1}"

    @property
    def words(self) -> str:
        """What it is, such as `Phase 2: last 3 blocks, learning rate 0.0001`."""
        trained = {None: "all layers", 0: "last layer"}.get(self.trainable_blocks)
        if trained is None:
            trained = "last " + counted(self.trainable_blocks or 0, "block")
        return f"{self.name}: {trained}, learning rate {self.learning_rate:g}"


def spans_of(config: RunConfig) -> tuple[Span, ...]:
    """All phases of a run, in order."""
    rate, phases = config.optimizer.learning_rate, config.architecture.phases
    if not phases:
        return (Span(0, 0, config.training.epochs, None, rate),)
    spans: list[Span] = []
    for number, phase in enumerate(phases):
        first = spans[-1].end_epoch if spans else 0
        own_rate = rate if phase.learning_rate is None else phase.learning_rate
        spans.append(Span(number, first, phase.epochs, phase.trainable_blocks, own_rate))
    return tuple(spans)


def span_at(spans: Sequence[Span], epoch: int) -> Span:
    """The phase of an epoch; of one behind the end the last phase.

    Args:
        spans: from `spans_of`.
        epoch: 0-based.
    """
    return next((span for span in spans if epoch < span.end_epoch), spans[-1])


def span_with_run_rate(config: RunConfig) -> Span:
    """The first phase of a run that takes the run's learning rate.

    Raises:
        ConfigError: each phase has a rate of its own.
    """
    phases = config.architecture.phases or ()
    for span in spans_of(config):
        if not phases or phases[span.number].learning_rate is None:
            return span
    raise ConfigError(
        "Each of architecture.phases has a learning_rate of its own, so optimizer.learning_rate "
        "isn't used: leave that of one phase empty to have it found."
    )


def trained_layers(plan: Plan, config: RunConfig, spans: Iterable[Span]) -> set[str]:
    """Names of the layers with weights that train in at least one of some phases.

    Args:
        plan: of the network.
        config: of the run.
        spans: from `spans_of`.
    """
    frozen = config.architecture.frozen_layers
    return set().union(*(plan.trained_layers(frozen, span.trainable_blocks) for span in spans))


def lengthened(values: Mapping[str, Any], before: RunConfig) -> dict[str, Any]:
    """Values in which the last phase ends where another length of the run was set.

    Args:
        values: JSON values of a config that was changed.
        before: that config.

    Raises:
        ConfigError: nothing would be left of the last phase.
    """
    phases, wanted = values["architecture"]["phases"], values["training"]["epochs"]
    own = before.model_dump(mode="json")["architecture"]["phases"]
    if not phases or phases != own or type(wanted) is not int:
        return dict(values)
    *first, last = phases
    begins = before.training.epochs - last["epochs"]
    if wanted <= begins:
        raise ConfigError(
            f"training.epochs must be more than {begins}, with which the last phase begins: change "
            f"architecture.phases instead. Received: {wanted}"
        )
    changed = [*first, last | {"epochs": wanted - begins}]
    return with_changes(values, {"architecture.phases": changed})


def planned_rate(
    config: RunConfig,
    step: int,
    *,
    steps_per_epoch: int,
    val_cross_entropies: Sequence[float | None] = (),
    optimizer: Optimizer | None = None,
) -> float:
    """Learning rate of one weight update, by the schedule of the phase that it is in.

    Args:
        config: of the run.
        step: 0-based update since the start of the run.
        steps_per_epoch: updates per epoch.
        val_cross_entropies: of the epochs that are finished; only for reduce_on_plateau.
        optimizer: with the rate that holds at this step, where dials were turned; else the phase's.
    """
    span = span_at(spans_of(config), step // steps_per_epoch)
    if optimizer is None:
        optimizer = config.optimizer.model_copy(update={"learning_rate": span.learning_rate})
    return learning_rate_at(
        optimizer,
        step - span.first_epoch * steps_per_epoch,
        steps_per_epoch=steps_per_epoch,
        epochs=span.epochs,
        val_cross_entropies=val_cross_entropies[span.first_epoch :],
    )
