"""Several devices of one host that share each batch out among them (tf.distribute).

Every device has a copy of all variables, computes the gradient of its share, and the sum of the
gradients updates all copies alike. Keras 3.15 leaves four things to do, all of them done here:

- Each device's loss is the mean of its share, so unequal shares need weights, or their gradients
  wouldn't add up to that of the whole batch.
- Batch norm must take its statistics from the whole batch, or the copies would drift apart.
- All copies of a random layer would draw the same numbers, so their seed states are set apart.
- `fit` looks at a batch to build the model, which is built already, and fails at unequal shares.

What Keras does to each share before the sum can't be made right from outside, so it is refused:
clipping (it would clip what a share gives) and gradient accumulation (it raises).
"""

import contextlib
from collections.abc import Callable, Iterator

import keras
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import ConfigError
from cnnlab.training.devices.device import Device

_Tensors = tuple[tf.Tensor, ...]


@contextlib.contextmanager
def computing_on(device: Device) -> Iterator[None]:
    """Within this context models are built for, and compute on, a device or several at once."""
    if not device.replicas:
        with tf.device(device.name):
            yield
        return
    with tf.distribute.MirroredStrategy(list(device.replicas)).scope():
        yield


def refuse_unsound(config: RunConfig, device: Device) -> None:
    """Refuse what several devices would silently compute differently.

    Raises:
        ConfigError: the message says what to change.
    """
    if not device.replicas:
        return
    for name, is_on, why in (
        ("clip_norm", config.optimizer.clip_norm, "clips the gradient of each GPU's share alone"),
        ("clip_value", config.optimizer.clip_value, "clips the gradient of each GPU's share alone"),
        (
            "gradient_accumulation_steps",
            config.optimizer.gradient_accumulation_steps > 1,
            "can't add up gradients over steps there",
        ),
    ):
        if is_on:
            raise ConfigError(
                f"optimizer.{name} doesn't work with training.device all_gpus, because Keras "
                f"{why}: switch it off or take one GPU."
            )


def share_out(batches: tf.data.Dataset) -> tf.data.Dataset | tf.distribute.DistributedDataset:
    """Share each batch out among the devices of `computing_on`; unchanged where there is one.

    Shares differ by one image at most. A batch of fewer images than devices goes to each of them
    whole, so that none is without an image.

    Args:
        batches: tuples of (B, ...) tensors: images, labels and maybe weights.

    Returns:
        One share after another, always with weights (B,) float32. The mean over the devices of
        their weighted means is the (weighted) mean over the batch.
    """
    if not tf.distribute.has_strategy():
        return batches
    strategy = tf.distribute.get_strategy()
    count = strategy.num_replicas_in_sync
    shares = batches.flat_map(_sharer(count)).prefetch(2 * count)
    return strategy.distribute_datasets_from_function(lambda context: shares)


def _sharer(count: int) -> Callable[..., tf.data.Dataset]:
    @tf.autograph.experimental.do_not_convert
    def shares_of(*batch: tf.Tensor) -> tf.data.Dataset:
        images = tf.shape(batch[0], tf.int64)[0]
        is_shared = images >= count

        @tf.autograph.experimental.do_not_convert
        def share(number: tf.Tensor) -> _Tensors:
            first = tf.where(is_shared, number * images // count, 0)
            end = tf.where(is_shared, (number + 1) * images // count, images)
            weight = tf.where(is_shared, count * (end - first) / images, 1.0)
            own = tf.cast(tf.fill([end - first], weight), tf.float32)
            image, label, *given = (part[first:end] for part in batch)
            return image, label, own * given[0] if given else own

        return tf.data.Dataset.range(count).map(share)

    return shares_of


@contextlib.contextmanager
def acting_together(model: keras.Model) -> Iterator[None]:
    """Within this context `model.fit` is sound on several devices; nothing changes with one.

    Args:
        model: built and compiled within `computing_on`; its state may have been restored.
    """
    if not tf.distribute.has_strategy():
        yield
        return
    for state in _seed_states(model):
        _set_apart(state)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    # Not part of Keras' public face, but the only way round it: see the top of this file.
    model._maybe_symbolic_build = lambda *_, **__: None
    for norm in norms:
        norm.synchronized = True
    try:
        yield
    finally:
        del model._maybe_symbolic_build
        for norm in norms:  # a saved model is one for a single device
            norm.synchronized = False


def _seed_states(model: keras.Model) -> list[keras.Variable]:
    """(2,) integers each: seed, and how often it was drawn from."""
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _set_apart(state: keras.Variable) -> None:
    """Give each copy of a seed state a seed of its own; the first copy's is what is stored."""
    first, *others = state.value.values
    for number, copy in enumerate(others, start=1):
        copy.assign(first + tf.constant([number, 0], first.dtype))
