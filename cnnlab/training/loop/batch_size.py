"""Automatic batch size: chosen once, noted in the run's facts and in every state of it.

On a CPU larger batches than 32 are no faster (measured: 32 to 256 cost the same at 32 px, 128 and
more cost 13 % more at 64 px), so only the memory decides. On a GPU larger ones are, as long as an
epoch still has enough updates; whether a size fits is found out by making a step.

What else reads a config's batch size gets a config that has a number: see `with_batch_size`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.training import AUTO_BATCH_SIZE
from cnnlab.domain.errors import TrainingError
from cnnlab.training.devices.device import Device
from cnnlab.training.devices.memory_estimate import (
    discard_sketches,
    estimate_memory,
    memory_limit_bytes,
    sketched,
)

LARGEST = 256
LEAST_STEPS_PER_EPOCH = 20


@dataclass(frozen=True)
class BatchSize:
    """A batch size and where it comes from.

    Attributes:
        images: per step.
        words: why, in a sentence.
    """

    images: int
    words: str


def with_batch_size(config: RunConfig, images: int) -> RunConfig:
    """The config with this number as its batch size, so that all its readers agree."""
    training = config.training.model_copy(update={"batch_size": images})
    return config.model_copy(update={"training": training})


def settle_batch_size(
    config: RunConfig,
    images: int,
    build: Callable[[], keras.Model],
    device: Device,
    *,
    try_step: Callable[[int], None],
    earlier: int | None = None,
) -> BatchSize:
    """The batch size of a run.

    Args:
        config: of the run; a number in it is taken as it is.
        images: number of training images.
        build: builds the run's model.
        device: where it computes.
        try_step: makes a step of so many images on a copy of the model, or raises
            ResourceExhaustedError; called on a GPU only.
        earlier: what an earlier attempt of this run has chosen; it holds.

    Raises:
        TrainingError: not even one image fits the GPU (cause `memory`).
    """
    if config.training.batch_size != "auto":
        size = config.training.images_per_step
        return BatchSize(size, f"Batch size {size}, as the config says.")
    if earlier is not None:
        return BatchSize(earlier, f"Batch size {earlier}, as this run began with.")
    if device.is_gpu:
        return probe_batch_size(first_size(images, len(device.replicas)), try_step, device.words)
    return _fitting(config, build, device)


def first_size(images: int, devices: int = 1) -> int:
    """Images per step that suit a GPU: a power of two for each of several.

    At most 256 and a twentieth of the training images, but no less than a CPU takes.
    """
    most = max(AUTO_BATCH_SIZE, min(LARGEST, images // LEAST_STEPS_PER_EPOCH))
    share = max(1, most // max(1, devices))
    return max(1, devices) * 2 ** (share.bit_length() - 1)


def probe_batch_size(first: int, try_step: Callable[[int], None], words: str) -> BatchSize:
    """The largest of first, first / 2, first / 4, ... with which a step fits the memory.

    Args:
        first: tried first.
        try_step: raises ResourceExhaustedError where a step of so many images doesn't fit.
        words: names the device.

    Raises:
        TrainingError: not even one image fits (cause `memory`).
    """
    size, refused = first, []
    while size:
        try:
            try_step(size)
        except tf.errors.ResourceExhaustedError:
            refused.append(str(size))
            size //= 2
            continue
        if not refused:
            return BatchSize(size, f"Batch size {size}, chosen for the number of images.")
        too_large = ", ".join(refused)
        return BatchSize(size, f"Batch size {size}: {too_large} didn't fit {words}.")
    raise TrainingError(
        f"Not even one image fits the memory of {words} with this network: lower image.size, or "
        "take a smaller network.",
        cause="memory",
    )


def _fitting(config: RunConfig, build: Callable[[], keras.Model], device: Device) -> BatchSize:
    """The CPU's usual size, halved while the estimate is more than the memory."""
    limit = memory_limit_bytes(device)
    model = sketched(build)
    size = AUTO_BATCH_SIZE
    while size > 1 and limit is not None:
        estimate = estimate_memory(model, with_batch_size(config, size), device)
        if estimate.total <= limit:
            break
        size //= 2
    discard_sketches()
    if size == AUTO_BATCH_SIZE:
        return BatchSize(size, f"Batch size {size}, which suits a CPU.")
    return BatchSize(
        size, f"Batch size {size} instead of {AUTO_BATCH_SIZE}, so that the memory suffices."
    )
