"""How much memory a training takes, before it takes it.

The estimate, in bytes, for P parameters of which T are trained, an optimizer with s values for
each of these, batches of B images, layers l with outputs of n(l) values of d(l) bytes:

    weights      4 P
    gradients    4 T
    optimizer    4 s T
    update       3 * 4 * the largest weight        what an update makes beside these three
    activations  B * sum over l of n(l) d(l)       kept on the way forward for the way back, which
                                                   begins behind the first layer that trains; the
                                                   gradients on that way take their places
    evaluation   E * largest n(l) d(l) + n(m) d(m) of two neighbours; E images in a forward pass,
                                                   B if more where augmented copies are made once
    states       3 * (weights + optimizer)         copies in the machine's memory: of the last
                                                   epoch, of the best one, and a new one; frozen
                                                   layers' weights are copied once
    batches      4 * n(input) * B * (2 + threads)  made ahead by the input path
    graphs       64 MB + 1 MB a layer              traced and optimized by TensorFlow
    process      what the process holds before     Python, TensorFlow, images given as arrays
    features     of all images, and of the copies  where the frozen layers are computed once
                 that are augmented once

Where layers are frozen, two neighbours of them are in memory at a time: another B * largest
n(l) d(l) + n(m) d(m), unless they are computed once, as an evaluation is.

On a GPU the first six are its own memory and the others the machine's; on a CPU all add up. It was
measured to be within a factor of 1.5 of the peak of real trainings (tests/training/test_memory.py).
"""

import itertools
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import keras
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.network.cached import CachedFeatures
from cnnlab.domain.records.preflight import MemoryNeeds
from cnnlab.domain.words import data_size
from cnnlab.machine import free_memory_bytes, resident_bytes
from cnnlab.training.devices.device import Device
from cnnlab.training.judging.evaluate import images_per_pass
from cnnlab.training.network.optimizer import build_optimizer

ESTIMATE_FACTOR = 1.5
"""The real peak lies between the estimate divided by this and multiplied by it."""

_MARGIN = 2.0
"""A training is refused where its estimate is so many times what is there: never by a mistake."""

_FLOAT_BYTES = 4
_UPDATE_COPIES = 3
_STATE_COPIES = 3
_BATCHES_AHEAD = 2
_SIDE = 64
_GRAPH_BYTES, _GRAPH_BYTES_PER_LAYER = 64 * 10**6, 10**6
_OF_THE_DEVICE = ("weights", "gradients", "optimizer", "update", "activations", "evaluation")


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes that a training takes, by what takes them (see the top of this file)."""

    weights: int
    gradients: int
    optimizer: int
    update: int
    activations: int
    evaluation: int
    states: int
    batches: int
    graphs: int
    process: int
    features: int

    @property
    def device(self) -> int:
        """What of it a GPU has to hold."""
        return sum(getattr(self, name) for name in _OF_THE_DEVICE)

    @property
    def total(self) -> int:
        """All of it, as a training on the CPU takes it from the machine."""
        return sum(asdict(self).values())

    @property
    def least(self) -> int:
        """What can't be done without, whatever the images and the batches."""
        return self.weights + self.gradients + self.optimizer

    def to_json(self) -> MemoryNeeds:
        """Every part and the total under a name that ends in `_bytes`."""
        return {
            "weights_bytes": self.weights,
            "gradients_bytes": self.gradients,
            "optimizer_bytes": self.optimizer,
            "update_bytes": self.update,
            "activations_bytes": self.activations,
            "evaluation_bytes": self.evaluation,
            "states_bytes": self.states,
            "batches_bytes": self.batches,
            "graphs_bytes": self.graphs,
            "process_bytes": self.process,
            "features_bytes": self.features,
            "total_bytes": self.total,
        }


def sketched(build: Callable[[], keras.Model]) -> keras.Model:
    """Build a model without its weights: shapes and counts are there, no memory is taken.

    Call `materialize` to give the variables their values, the same as without this detour, or
    `discard_sketches` when the model won't be used.
    """
    with keras.StatelessScope(initialize_variables=False):
        return build()


def materialize() -> None:
    """Give the variables of all sketched models their memory and their initial values."""
    with keras.StatelessScope():
        pass  # on leaving, Keras initializes what was created in such a scope


def discard_sketches() -> None:
    """Forget sketched models, which Keras would else give their memory at the next occasion."""
    keras.utils.clear_session()


def estimate_memory(
    model: keras.Model,
    config: RunConfig,
    device: Device,
    *,
    process_bytes: int | None = None,
    cached: CachedFeatures | None = None,
) -> MemoryEstimate:
    """Estimate what training a model takes.

    Args:
        model: from `build_model`, also a sketched one.
        config: of the run.
        device: where it computes; several of them share a batch.
        process_bytes: held by the process without the model; default: what it holds now.
        cached: what of the network is computed once.
    """
    trained = sum(map(_size, model.trainable_variables))
    kept = _kept_outputs(model)
    sizes = [_output_bytes(layer) for layer in model.layers]
    first = model.layers.index(model.get_layer(cached.layer)) if cached else 0
    is_kept = [at >= first and id(layer.output) in kept for at, layer in enumerate(model.layers)]
    frozen = [] if cached else list(itertools.compress(sizes, map(operator.not_, is_kept)))
    batch = math.ceil(config.training.images_per_step / max(1, len(device.replicas)))
    weights = _FLOAT_BYTES * sum(map(_size, model.weights))
    optimizer = _FLOAT_BYTES * _values_per_weight(config) * trained
    shared = _FLOAT_BYTES * sum(
        _size(weight) for layer in model.layers if not layer.trainable for weight in layer.weights
    )
    once = batch if cached and cached.copies else 0
    ahead = _BATCHES_AHEAD + device.threads
    image_values = math.prod(model.input_shape[1:])
    return MemoryEstimate(
        weights=weights,
        gradients=_FLOAT_BYTES * trained,
        optimizer=optimizer,
        update=_UPDATE_COPIES * _FLOAT_BYTES * max(map(_size, model.weights)),
        activations=batch * (sum(itertools.compress(sizes, is_kept)) + _neighbours(frozen)),
        evaluation=max(images_per_pass(model.input_shape[1:]), once) * _neighbours(sizes),
        states=shared + _STATE_COPIES * (weights - shared + optimizer),
        batches=_FLOAT_BYTES * image_values * config.training.images_per_step * ahead,
        graphs=_GRAPH_BYTES + _GRAPH_BYTES_PER_LAYER * len(model.layers),
        process=resident_bytes() if process_bytes is None else process_bytes,
        features=cached.bytes if cached else 0,
    )


def largest_estimate(
    model: keras.Model,
    config: RunConfig,
    device: Device,
    plans: Sequence[CachedFeatures | None],
) -> MemoryEstimate:
    """Estimate what the phase of a training takes that takes the most.

    Args:
        model: from `build_model`, also a sketched one.
        config: of the run.
        device: where it computes.
        plans: what of the network is computed once, phase by phase.
    """
    estimates = [estimate_memory(model, config, device, cached=cached) for cached in plans]
    return max(estimates, key=lambda one: one.device if device.is_gpu else one.total)


def memory_limit_bytes(device: Device) -> int | None:
    """What a training may take in all: of the GPU, or of the machine on a CPU; None: not known."""
    if device.is_gpu:
        return device.memory_bytes
    return resident_bytes() + free_memory_bytes()


def memory_problem(
    estimate: MemoryEstimate, limit_bytes: int | None, config: RunConfig, device: Device
) -> str | None:
    """Why a training won't fit, in a sentence with what to change; None where it may.

    It says so only where there is no doubt: the weights, their gradients and the optimizer alone,
    or half of the estimate, are more than what is there.
    """
    if limit_bytes is None:
        return None
    needed = estimate.device if device.is_gpu else estimate.total
    size = config.training.images_per_step
    if estimate.least > limit_bytes:
        return (
            f"This network is too large for {device.words}: its weights and their optimizer alone "
            f"take {data_size(estimate.least)}, and there are {data_size(limit_bytes)}. Take "
            "fewer filters and units, or a pooling layer before the first dense one."
        )
    if needed > _MARGIN * limit_bytes:
        change = f"lower training.batch_size (now {size}) or " if size > 1 else "lower "
        return (
            f"The memory of {device.words} won't suffice: this training takes about "
            f"{data_size(needed)}, and there are {data_size(limit_bytes)}; {change}image.size "
            f"(now {config.image.size} px), or take a smaller network."
        )
    return None


def out_of_memory(config: RunConfig, device: Device) -> str:
    """What to change when the memory has run out, in a sentence."""
    return (
        f"The memory of {device.words} doesn't suffice: lower training.batch_size (now "
        f"{config.training.images_per_step}) or image.size (now {config.image.size} px), or "
        "take a smaller network."
    )


def build_fitting(
    build: Callable[[], keras.Model],
    config: RunConfig,
    device: Device,
    plans: Sequence[CachedFeatures | None] = (None,),
) -> keras.Model:
    """Build a model unless its training can't fit the memory; equal to the bit to `build()`.

    Args:
        build: builds the run's model.
        config: of the run.
        device: where it computes.
        plans: what of the network is computed once, phase by phase.

    Raises:
        TrainingError: it can't (cause `memory`); nothing was allocated.
        ConfigError: from `build`.
    """
    model = sketched(build)
    estimate = largest_estimate(model, config, device, plans)
    problem = memory_problem(estimate, memory_limit_bytes(device), config, device)
    if problem:
        discard_sketches()
        raise TrainingError(problem, cause="memory")
    materialize()
    return model


def _size(variable: keras.Variable) -> int:
    return math.prod(variable.shape)


def _kept_outputs(model: keras.Model) -> set[int]:
    """Ids of the outputs that the way back needs: from what the first trained layers take on."""
    passed: set[int] = set()
    kept: set[int] = set()
    for layer in model.layers:
        given = set(map(id, keras.tree.flatten(layer.input)))
        if layer.trainable_weights or given & passed:
            passed.add(id(layer.output))
            kept |= given | passed
    return kept


def _neighbours(sizes: list[int]) -> int:
    """The largest sum of two neighbours; 0 of fewer."""
    return max(map(sum, itertools.pairwise(sizes)), default=0)


def _output_bytes(layer: keras.Layer) -> int:
    """Bytes of a layer's output for one image; an activation in half precision takes half."""
    output = layer.output
    return math.prod(output.shape[1:]) * tf.as_dtype(output.dtype).size


def _values_per_weight(config: RunConfig) -> int:
    """Values that the optimizer keeps for each trained weight, counted on a small matrix."""
    matrix = keras.Variable(lambda shape, dtype: tf.zeros(shape, dtype), shape=(_SIDE, _SIDE))
    optimizer = build_optimizer(config)
    optimizer.build([matrix])
    return sum(map(_size, optimizer.variables)) // _SIDE**2
