"""In which order the training images of each epoch come: a pure function of (run seed, epoch).

`training.sampling` decides: each image once, or every class equally often.
"""

import hashlib

import numpy as np
import tensorflow as tf

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.training.seeds import derive_seed


def steps_in(config: RunConfig, images: int) -> int:
    """Weight updates per epoch of so many images; the last one may have a smaller batch."""
    return -(-images // config.training.images_per_step)


def order_of_epoch(config: RunConfig, labels: np.ndarray, epoch: tf.Tensor) -> tf.Tensor:
    """Positions within the training images, in the order of an epoch.

    Args:
        config: of the run.
        labels: (T,) int, classes of the training images.
        epoch: () int64, 0-based.

    Returns:
        (T,) int32: with natural sampling each position once. With balanced sampling each class
        T // classes times or once more, its images taking turns, and so spread that every batch
        holds about as many images of each.
    """
    key = _key(config, "order", epoch)
    if config.training.sampling == "natural":
        return tf.random.experimental.stateless_shuffle(tf.range(len(labels)), key, alg="philox")
    return _balanced_order(config, labels, key, epoch)


def first_orders(config: RunConfig, labels: np.ndarray, epochs: int) -> np.ndarray:
    """The order of the training images in the first epochs of a run.

    Args:
        config: of the run.
        labels: (T,) int, classes of the training images.
        epochs: at least 1.

    Returns:
        (epochs, T) int32, positions within the training images.
    """
    with tf.device("CPU:0"):
        numbers = (tf.constant(epoch, tf.int64) for epoch in range(epochs))
        return np.stack([order_of_epoch(config, labels, number).numpy() for number in numbers])


def order_checksum(config: RunConfig, labels: np.ndarray) -> str:
    """Hex sha256 of which training images the batches of the first two epochs hold, in order.

    Equal checksums mean equal batches in all epochs: the order is a pure function of seed, epoch
    and number of images, and, where every class is drawn equally often, of the classes of these.
    An epoch that the run won't reach counts too.

    Args:
        config: of the run, with a batch size that is a number.
        labels: (T,) int, classes of the training images.

    Returns:
        Of the int32 positions within the training images of each batch, little-endian, behind a
        line that names epoch, step and number of images.
    """
    size, digest = config.training.images_per_step, hashlib.sha256()
    for epoch, order in enumerate(first_orders(config, labels, 2)):
        for step in range(steps_in(config, len(labels))):
            batch = order[step * size : (step + 1) * size]
            digest.update(f"{epoch} {step} {len(batch)}\n".encode())
            digest.update(batch.astype("<i4").tobytes())
    return digest.hexdigest()


def _key(config: RunConfig, purpose: str, epoch: tf.Tensor) -> tf.Tensor:
    seed = derive_seed(config.training.seed, purpose)
    return tf.stack([tf.constant(seed, tf.int64), epoch])


def _balanced_order(
    config: RunConfig, labels: np.ndarray, key: tf.Tensor, epoch: tf.Tensor
) -> tf.Tensor:
    """Every class equally often.

    Each class deals its images like a pack of cards, shuffled anew whenever it is through, and
    round by round every class gives one, in random order. What T isn't divisible by is a last round
    of classes that are drawn for the epoch.
    """
    packs = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    each, left = divmod(len(labels), len(packs))
    times = [-(-(each + 1) // len(pack)) for pack in packs]  # so that none runs out
    sizes = [count * len(pack) for count, pack in zip(times, packs, strict=True)]
    cards = np.concatenate([np.tile(pack, count) for count, pack in zip(times, packs, strict=True)])
    shuffles = np.repeat(np.arange(sum(times)), np.repeat([len(pack) for pack in packs], times))
    class_of, round_of = (
        np.repeat(np.arange(len(packs)), sizes),
        np.concatenate([np.arange(size) for size in sizes]),
    )

    drawn = tf.random.stateless_uniform([len(cards)], key, dtype=tf.float64, alg="philox")
    dealt = tf.gather(tf.constant(cards, tf.int32), tf.argsort(shuffles + drawn, stable=True))
    chance = tf.random.experimental.stateless_shuffle(
        tf.range(len(packs)), _key(config, "order of the last round", epoch), alg="philox"
    )
    counts = each + tf.cast(tf.gather(chance, class_of) < left, tf.int32)
    is_drawn = tf.constant(round_of, tf.int32) < counts
    place = tf.random.stateless_uniform(
        [len(cards)], _key(config, "order of the rounds", epoch), dtype=tf.float64, alg="philox"
    )
    rounds = tf.boolean_mask(round_of + place, is_drawn)
    return tf.gather(tf.boolean_mask(dealt, is_drawn), tf.argsort(rounds, stable=True))
