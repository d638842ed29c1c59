"""The whole state of a training as named arrays, and back."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

from cnnlab.domain.errors import TrainingError
from cnnlab.training.network.optimizer import innermost

State = dict[str, np.ndarray]

EPOCH = "position/epoch"
STEP = "position/step"
BATCH_SIZE = "position/batch_size"
SECONDS = "position/seconds"


def capture(model: keras.Model, epoch: int, frozen: State | None = None) -> State:
    """Copy everything that the first step after an epoch depends on.

    Args:
        model: compiled and built.
        epoch: 0-based epoch that has just ended.
        frozen: from `frozen_weights`, which needn't be copied again: the state shares them.

    Returns:
        Arrays by name: `model/...` (weights), `average/...` (averaged weights, if the optimizer
        keeps them), `optimizer/...`, `metrics/...`, `seeds/...` (of the random layers), and
        `position/epoch`. After an evaluation, batch norm's statistics among the weights are those
        of the averaged ones, where there are any.
    """
    # Keras' own Variable.numpy() copies twice more.
    known = frozen or {}
    arrays = {
        name: known[name] if name in known else variable.value.numpy()
        for name, variable in _variables(model).items()
    }
    return arrays | {EPOCH: np.array(epoch, np.int64)}


def frozen_weights(model: keras.Model) -> State:
    """The part of a state that no step changes as long as the same layers are frozen."""
    layers = (layer for layer in model.layers if not layer.trainable)
    weights = (weight for layer in layers for weight in layer.weights)
    return {f"model/{weight.path}": weight.value.numpy() for weight in weights}


def capture_within(model: keras.Model, epoch: int, step: int, seconds: float) -> State:
    """Copy everything that the next step within an epoch depends on.

    Args:
        model: compiled and built.
        epoch: 0-based epoch that is being trained.
        step: how many of its steps are done.
        seconds: training time of the epoch so far.

    Returns:
        As `capture`, and `position/step` and `position/seconds`.
    """
    position = {STEP: np.array(step, np.int64), SECONDS: np.array(seconds)}
    return capture(model, epoch) | position


def restore(model: keras.Model, state: State) -> None:
    """Put a captured state back.

    The states of random layers are put back where the model has the same layers: a run that is
    forked with dropout switched on or off has others.

    Raises:
        TrainingError: the state is not of this model and optimizer.
    """
    variables = _variables(model)
    ours = {name: tuple(variable.shape) for name, variable in variables.items() if _is_strict(name)}
    theirs = {name: values.shape for name, values in state.items() if _is_strict(name)}
    if ours != theirs:
        different = sorted(name for name, _ in ours.items() ^ theirs.items())
        raise TrainingError(
            "The checkpoint is not of this config, so the run can't be resumed from it: start a "
            f"new run. Received: differing={different[:3]}"
        )
    _assign({name: variable for name, variable in variables.items() if name in state}, state)


def carry_over(model: keras.Model, state: State) -> None:
    """Begin a phase with what the one before it has ended with, but for its optimizer.

    The weights are those that were judged: the averaged ones, where there are any.
    """
    load_weights(model, state)
    seeds = _seed_states(model)
    _assign({name: variable for name, variable in seeds.items() if name in state}, state)


def restore_metrics(model: keras.Model, state: State) -> None:
    """Put back only the running means of an epoch, which Keras' `fit` resets as it begins."""
    variables = _variables(model)
    _assign({name: variables[name] for name in state if name.startswith("metrics/")}, state)


def weights_of(state: State) -> State:
    """The part of a state that a model needs: what `load_weights` takes, and the epoch."""
    return {
        name: values
        for name, values in state.items()
        if name.startswith(("model/", "average/")) or name == EPOCH
    }


def load_weights(model: keras.Model, state: State) -> None:
    """Give `model` the weights that stand for a captured state: the averaged ones where kept.

    Args:
        model: of the same config; needs no optimizer.
        state: from `capture`.
    """
    for weight in model.weights:
        averaged = state.get(f"average/{weight.path}")
        weight.assign(state[f"model/{weight.path}"] if averaged is None else averaged)


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Within this context the model has the averaged weights, if its optimizer keeps them."""
    averages = averaged_variables(model)
    if not averages:
        yield
        return
    own = [variable.value.numpy() for variable in model.trainable_variables]
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
    known = {id(variable) for variable in averages}
    for group, variables in (
        ("metrics", model.metrics_variables),
        ("optimizer", model.optimizer.variables),
    ):
        for index, variable in enumerate(variables):
            if id(variable) not in known:
                named[f"{group}/{index:04}/{variable.name}"] = variable
    return named | _seed_states(model)


def _seed_states(model: keras.Model) -> dict[str, keras.Variable]:
    """The states of the random layers: what a layer has beside its weights."""
    named: dict[str, keras.Variable] = {}
    for layer in model.layers:
        weights = {id(weight) for weight in layer.weights}
        states = [variable for variable in layer.variables if id(variable) not in weights]
        named |= {f"seeds/{layer.name}/{index}": state for index, state in enumerate(states)}
    return named


def _is_strict(name: str) -> bool:
    """Whether a state without this very variable is none of this model."""
    return not name.startswith(("seeds/", "position/"))


def _assign(variables: dict[str, keras.Variable], state: State) -> None:
    for name, variable in variables.items():
        variable.assign(state[name])
