"""The whole state of a training as named arrays, and back."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

from cnnlab.domain.errors import TrainingError
from cnnlab.training.optimizer import innermost

EPOCH = "position/epoch"


def capture(model: keras.Model, epoch: int) -> dict[str, np.ndarray]:
    """Copy everything that the next step depends on.

    Args:
        model: compiled and built.
        epoch: 0-based epoch that has just ended.

    Returns:
        Arrays by name: `model/...` (weights), `average/...` (averaged weights, if the optimizer
        keeps them), `optimizer/...`, `metrics/...`, `seeds/...` (of the random layers), and
        `position/epoch`.
    """
    arrays = {name: np.array(variable.numpy()) for name, variable in _variables(model).items()}
    return arrays | {EPOCH: np.array(epoch, np.int64)}


def restore(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Put a captured state back.

    Raises:
        TrainingError: the arrays are not of this model and optimizer.
    """
    variables = _variables(model)
    if variables.keys() != arrays.keys() - {EPOCH}:
        different = sorted(variables.keys() ^ (arrays.keys() - {EPOCH}))
        raise TrainingError(
            "The checkpoint is not of this config, so the run can't be resumed from it: start a "
            f"new run. Received: differing={different[:3]}"
        )
    _assign(variables, arrays)


def load_weights(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Give `model` the weights that stand for a captured state: the averaged ones where kept.

    Args:
        model: of the same config; needs no optimizer.
        arrays: from `capture`.
    """
    for weight in model.weights:
        averaged = arrays.get(f"average/{weight.path}")
        weight.assign(arrays[f"model/{weight.path}"] if averaged is None else averaged)


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Within this context the model has the averaged weights, if its optimizer keeps them."""
    averages = averaged_variables(model)
    if not averages:
        yield
        return
    own = [np.array(variable.numpy()) for variable in model.trainable_variables]
    for variable, average in zip(model.trainable_variables, averages, strict=True):
        variable.assign(average)
    try:
        yield
    finally:
        for variable, values in zip(model.trainable_variables, own, strict=True):
            variable.assign(values)


def averaged_variables(model: keras.Model) -> list[keras.Variable]:
    """The optimizer's moving averages in the order of the trainable variables, if it has any."""
    # Keras has no public name for them; its own SwapEMAWeights callback reads the same one.
    return list(getattr(innermost(model.optimizer), "_model_variables_moving_average", []))


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Every variable that the next step depends on, by a name that is the same in each process.

    Keras numbers the optimizers and seed generators of a process, so their paths won't do.
    """
    averages = averaged_variables(model)
    named = {f"model/{weight.path}": weight for weight in model.weights}
    if averages:
        for weight, average in zip(model.trainable_variables, averages, strict=True):
            named[f"average/{weight.path}"] = average
    known = {id(variable) for variable in named.values()}
    for group, variables in (
        ("metrics", model.metrics_variables),
        ("optimizer", model.optimizer.variables),
        ("seeds", model.variables),
    ):
        for index, variable in enumerate(variables):
            if id(variable) not in known:
                named[f"{group}/{index:04}/{variable.name}"] = variable
                known.add(id(variable))
    return named


def _assign(variables: dict[str, keras.Variable], arrays: dict[str, np.ndarray]) -> None:
    for name, variable in variables.items():
        variable.assign(arrays[name])
