"""What a pre-flight concludes from what it found: warnings, and whether the loss falls."""

import keras

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.history import reached
from cnnlab.domain.records.preflight import LossCheck, PreflightWarning
from cnnlab.domain.words import data_size, percent
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.memory_estimate import MemoryEstimate

_BATCH_NORM_IMAGES = 16
_LAST_LAYER_FRACTION = 0.9
_FEW_PIXELS = 2
_HARDLY_FRACTION = 1e-3
# On a slow machine there is time for a few steps only.
_TELLING_STEPS, _EXPLODES = 8, 3.0
_RANDOM_LAYERS = ("dropout", "spatial_dropout", "gaussian_noise")


def without_randomness(config: RunConfig) -> RunConfig:
    """The config with nothing random in its network, and an update at each step.

    The initial weights of its network are the same.
    """
    off = dict.fromkeys((*_RANDOM_LAYERS, "stochastic_depth"), 0.0)
    layers = config.architecture.layers
    if layers is not None:
        layers = tuple(layer for layer in layers if layer.kind not in _RANDOM_LAYERS)
    parts = {
        "regularization": config.regularization.model_copy(update=off),
        "architecture": config.architecture.model_copy(update={"layers": layers}),
        "optimizer": config.optimizer.model_copy(update={"gradient_accumulation_steps": 1}),
    }
    return config.model_copy(update=parts)


def loss_problem(loss: LossCheck, config: RunConfig) -> str | None:
    """Why a network doesn't seem to learn, in a sentence with what to change.

    Args:
        loss: `values` after 0, 1, ... steps on one batch (None: not finite), and `with_dropout`.
        config: of the run.

    Returns:
        None where the loss falls; with dropout on only a loss that isn't finite counts.
    """
    values = [value for value in loss["values"] if value is not None]
    rate = config.optimizer.learning_rate
    if len(values) < len(loss["values"]):
        return (
            f"The loss is no longer finite after some steps on one batch: lower "
            f"optimizer.learning_rate (now {rate:g}), to {rate / 10:g} for example, or set "
            "optimizer.clip_norm to 1."
        )
    if loss["with_dropout"]:
        return None
    first, *later = values
    best = reached(later)
    if len(later) < _TELLING_STEPS and best < _EXPLODES * first:
        return None  # momentum may well carry the first few steps uphill
    steps = f"from {first:.3g} to {best:.3g} in {len(later)} steps on one batch"
    if best > first:
        return (
            f"The loss rises, {steps}: lower optimizer.learning_rate (now {rate:g}), to "
            f"{rate / 10:g} for example."
        )
    if first - best < _HARDLY_FRACTION * first:
        name = config.optimizer.name
        return (
            f"The loss hardly falls, {steps}: raise optimizer.learning_rate (now {rate:g}; usual "
            f"for {name}: {USUAL_LEARNING_RATES[name]:g})."
        )
    return None


def worth_knowing(
    model: keras.Model,
    config: RunConfig,
    images: int,
    estimate: MemoryEstimate,
    limit_bytes: int | None,
    device: Device,
) -> list[PreflightWarning]:
    """Warnings: what hinders no run but is hardly meant like this.

    Args:
        model: of the run, maybe without its weights.
        config: of the run, with a number as its batch size.
        images: number of training images.
        estimate: of the memory.
        limit_bytes: what is there.
        device: where the run computes.

    Returns:
        `kind` and `message` of each.
    """
    messages = {
        "device": device.note,
        "batch_larger_than_set": _on_batch(config, images),
        "batch_norm": _on_batch_norm(model, config, images),
        "last_layer": _on_last_layer(model),
        "few_pixels": _on_pixels(model),
        "memory": _on_memory(estimate, limit_bytes, device),
    }
    return [{"kind": kind, "message": message} for kind, message in messages.items() if message]


def _on_batch(config: RunConfig, images: int) -> str:
    size = config.training.images_per_step
    if size <= images:
        return ""
    return (
        f"All {images} training images make one batch, so there is one update per epoch: lower "
        f"training.batch_size (now {size})."
    )


def _on_batch_norm(model: keras.Model, config: RunConfig, images: int) -> str:
    together = min(config.training.images_per_step, images)
    norms = any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
    if not norms or together >= _BATCH_NORM_IMAGES:
        return ""
    return (
        f"Batch norm is unsteady with batches of {together}: raise training.batch_size to "
        f"{_BATCH_NORM_IMAGES} or more, or take group_norm layers."
    )


def _on_last_layer(model: keras.Model) -> str:
    last = model.layers[-1]
    share = last.count_params() / max(1, model.count_params())
    if share <= _LAST_LAYER_FRACTION:
        return ""
    return (
        f"The last layer has {percent(share, decimals=0)} of all parameters, which invites "
        "learning by heart: put pooling or global_average_pool before it."
    )


def _on_pixels(model: keras.Model) -> str:
    sides = [min(layer.output.shape[1:3]) for layer in model.layers if len(layer.output.shape) == 4]
    if not sides or sides[-1] > _FEW_PIXELS or sides[0] == sides[-1]:
        return ""
    return (
        f"Only {sides[-1]} × {sides[-1]} px are left after the last pooling: take larger images "
        "or fewer blocks."
    )


def _on_memory(estimate: MemoryEstimate, limit_bytes: int | None, device: Device) -> str:
    needed = estimate.device if device.is_gpu else estimate.total
    if limit_bytes is None or needed <= limit_bytes:
        return ""
    return (
        f"This may take {data_size(needed)} of memory and there are {data_size(limit_bytes)}: "
        "lower training.batch_size or image.size if it fails."
    )
