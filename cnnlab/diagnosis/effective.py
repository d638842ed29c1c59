"""Whether a remedy would change anything: a field may be ignored by this network or this run."""

from collections.abc import Iterable

from cnnlab.domain.config.presets import layers_of
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Status

_ENDS_A_BLOCK = {"max_pool", "average_pool", "residual_block"}


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
    kinds = {layer.kind for layer in layers_of(before.architecture, before.image.size)}
    stopped_early = (
        before.regularization.early_stopping is not None
        and status == Status.FINISHED
        and epochs < before.training.epochs
    )
    ignored = {
        # Early stopping ends a longer run in the same epoch.
        "training.epochs": stopped_early and changed.training.epochs >= epochs,
        "regularization.spatial_dropout": not kinds & _ENDS_A_BLOCK,
        "regularization.stochastic_depth": "residual_block" not in kinds,
    }
    return not wanted or any(not ignored.get(name, False) for name in wanted)
