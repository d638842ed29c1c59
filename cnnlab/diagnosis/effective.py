"""Whether a remedy would change anything: a field may be ignored by this network or this run."""

from collections.abc import Iterable

from cnnlab.domain.config.optimizer import MOMENTUM_OPTIMIZERS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.plan import PlannedLayer
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.run import Status

_ANY_CLASSES = 2


def changes_something(
    names: Iterable[str], changed: RunConfig, before: RunConfig, *, epochs: int, status: str
) -> bool:
    """Whether one of the changed fields is heeded.

    Args:
        names: dotted config fields that a remedy changes; none for a remedy of words.
        changed: the config with its changes.
        before: of the run.
        epochs: how many the run has finished.
        status: where it stands.
    """
    wanted = list(names)
    layers = network_layers(before)
    stopped_early = (
        before.regularization.early_stopping is not None
        and status == Status.FINISHED
        and epochs < before.training.epochs
    )
    phases = before.architecture.phases or ()
    ignored = {
        # Early stopping ends a longer run in the same epoch; phases say themselves how long it is.
        "training.epochs": bool(phases) or (stopped_early and changed.training.epochs >= epochs),
        "training.focal_gamma": changed.training.loss != "focal",
        "optimizer.momentum": changed.optimizer.name not in MOMENTUM_OPTIMIZERS,
        "optimizer.nesterov": changed.optimizer.name != "sgd",
        "optimizer.learning_rate": bool(phases)
        and all(phase.learning_rate is not None for phase in phases),
        "regularization.spatial_dropout": all(
            layer.regularizer != "spatial_dropout" for layer in layers
        ),
        "regularization.stochastic_depth": all(
            "noise_shape" not in layer.arguments for layer in layers
        ),
    }
    return not wanted or any(not ignored.get(name, False) for name in wanted)


def network_layers(config: RunConfig) -> tuple[PlannedLayer, ...]:
    """All layers of a run's network, those of strength 0 included."""
    return plan_network(config, config.image.shape, _ANY_CLASSES).layers
