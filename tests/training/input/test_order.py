"""The order of an epoch where every class is drawn equally often."""

from collections import Counter

import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.errors import ConfigError
from cnnlab.training.input.data import check_sampling
from cnnlab.training.input.order import first_orders, order_checksum, order_of_epoch

COUNTS = (30, 11, 4, 2)
LABELS = np.random.default_rng(3).permutation(np.repeat(np.arange(4), COUNTS))


@pytest.fixture(scope="module")
def balanced(tiny_config):
    return tiny_config(training={"sampling": "balanced"})


def test_every_class_comes_equally_often_and_its_images_take_turns(balanced):
    orders, last = first_orders(balanced, LABELS, 12), Counter()
    assert orders.shape == (12, len(LABELS)) and orders.dtype == np.int32
    for order in orders:
        drawn = np.bincount(LABELS[order], minlength=4)
        assert sorted(drawn) == [11, 12, 12, 12]  # 47 draws of 4 classes
        last.update(np.flatnonzero(drawn == 11).tolist())
        for label, count in enumerate(COUNTS):
            times = np.bincount(order, minlength=len(LABELS))[label == LABELS]
            assert set(times) <= {drawn[label] // count, -(-drawn[label] // count)}
    assert len(last) > 1  # it isn't always the same class that is drawn less often
    assert len(np.unique(orders[:, LABELS[orders[0]] == 0])) > 12  # of common ones all get a turn


def test_every_batch_holds_the_classes_as_equally_as_its_size_allows(balanced):
    for order in first_orders(balanced, LABELS, 3):
        for start in range(0, len(order), 8):
            counts = np.bincount(LABELS[order[start : start + 8]], minlength=4)
            whole = len(order[start : start + 8]) == 8
            assert set(counts) == {2} if whole else max(counts) <= 2


def test_it_depends_on_seed_and_epoch_alone(balanced, tiny_config):
    first, second = first_orders(balanced, LABELS, 2)
    again = order_of_epoch(balanced, LABELS, tf.constant(1, tf.int64)).numpy()
    assert second.tolist() == again.tolist() != first.tolist()
    augmented = balanced.model_copy(
        update={"augmentation": balanced.augmentation.model_copy(update={"mixup_alpha": 0.3})}
    )
    assert order_of_epoch(augmented, LABELS, tf.constant(1, tf.int64)).numpy().tolist() == (
        again.tolist()
    )
    other = tiny_config(training={"sampling": "balanced", "seed": 5})
    assert first_orders(other, LABELS, 1)[0].tolist() != first.tolist()


def test_these_are_the_draws_of_this_version(balanced):
    """A resumed run goes on with them: whoever changes them raises `BITS_VERSION`."""
    order = order_of_epoch(balanced, np.array([0, 0, 0, 0, 1, 1, 2]), tf.constant(4, tf.int64))
    assert order.numpy().tolist() == FROZEN


FROZEN = [2, 5, 6, 4, 6, 0, 1]


def test_the_checksum_tells_how_classes_are_drawn(balanced, tiny_config):
    checksums = {
        order_checksum(balanced, LABELS),
        order_checksum(tiny_config(), LABELS),
        order_checksum(balanced, LABELS[::-1]),
    }
    assert len(checksums) == 3
    assert order_checksum(tiny_config(), LABELS) == order_checksum(tiny_config(), LABELS[::-1])


def test_a_class_without_an_image_is_refused(balanced, tiny_config, tiny_data):
    train = tiny_data.train[tiny_data.train_labels != 1]
    lacking = type(tiny_data)(
        tiny_data.images, tiny_data.labels, train, tiny_data.validation, tiny_data.class_names
    )
    with pytest.raises(ConfigError, match=r"training.sampling .* 'b' has no training image"):
        check_sampling(balanced, lacking)
    check_sampling(tiny_config(), lacking)
    check_sampling(balanced, tiny_data)
    assert set(np.bincount(np.array([0, 2])[order_of_epoch(balanced, np.array([0, 2]),
               tf.constant(0, tf.int64)).numpy()], minlength=3)) == {0, 1}  # fmt: skip
