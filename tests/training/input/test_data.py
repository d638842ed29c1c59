"""The input path: order, rest of an epoch, memory map, weights."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cnnlab.training.input.data import (
    batch_order_checksum,
    class_weights,
    steps_per_epoch,
    training_batches,
)
from cnnlab.training.input.images import StoredImages
from tests.training import large_set

ROOT = Path(__file__).resolve().parents[3]
AUGMENTED = {"rotation_degrees": 10, "noise_stddev": 3}


def epochs_of(config, data, first_epoch=0):
    batches = [
        tuple(map(np.array, batch)) for batch in training_batches(config, data, first_epoch, 2)
    ]
    steps = steps_per_epoch(config, data)
    return [batches[start : start + steps] for start in range(0, len(batches), steps)]


def images_of(epoch):
    return np.concatenate([images for images, *_ in epoch])


def test_each_epoch_has_every_training_image_once_in_another_order(tiny_data, tiny_config):
    first, second = epochs_of(tiny_config(), tiny_data)
    assert [len(labels) for _, labels in first] == [16, 16, 16, 4]
    expected = sorted(image.tobytes() for image in tiny_data.images[tiny_data.train])
    for epoch in (first, second):
        assert images_of(epoch).dtype == np.uint8
        assert sorted(image.tobytes() for image in images_of(epoch)) == expected
    assert not np.array_equal(images_of(first), images_of(second))


def test_labels_stay_with_their_images(tiny_data, tiny_config):
    for images, labels in epochs_of(tiny_config(), tiny_data)[0]:
        brightest = images.reshape(len(images), -1, 3).mean(axis=1).argmax(axis=1)
        np.testing.assert_array_equal(labels.argmax(axis=1), brightest)
        assert labels.dtype == np.float32


def test_batches_from_a_later_epoch_are_the_same(tiny_data, tiny_config):
    config = tiny_config(augmentation=AUGMENTED)
    whole, later = epochs_of(config, tiny_data), epochs_of(config, tiny_data, first_epoch=1)
    np.testing.assert_array_equal(images_of(whole[1]), images_of(later[0]))


def test_order_does_not_depend_on_augmentation(tiny_data, tiny_config):
    plain, augmented = (
        epochs_of(tiny_config(augmentation=fields), tiny_data) for fields in ({}, AUGMENTED)
    )
    for (_, labels), (_, same_labels) in zip(plain[0], augmented[0], strict=True):
        np.testing.assert_array_equal(labels, same_labels)


class WatchedImages:
    """Images that note which rows are read, in batches."""

    def __init__(self, images):
        self.shape, self._images, self.reads = images.shape, images, []

    def __getitem__(self, positions):
        self.reads.append(positions.tolist())
        return self._images[positions]


def rows_read(config, data):
    """The rows of the dataset that each batch of the whole run really reads."""
    watched = WatchedImages(data.images)
    for _ in training_batches(config, replace(data, images=watched), 0, 1):
        pass
    return watched.reads


ARMS = [
    {},
    {"regularization": {"dropout": 0.5, "l2": 0.01}},
    {"augmentation": AUGMENTED | {"mixup_alpha": 0.2}},
]


def test_arms_read_the_same_rows_in_the_same_batches(tiny_data, tiny_config):
    plain, *others = (rows_read(tiny_config(**arm), tiny_data) for arm in ARMS)
    assert [len(batch) for batch in plain] == [16, 16, 16, 4] * 2
    assert sorted(sum(plain[:4], [])) == tiny_data.train.tolist()
    assert others == [plain, plain]
    assert rows_read(tiny_config(training={"seed": 1}), tiny_data) != plain


def test_the_checksum_is_of_the_batches_that_are_read(tiny_data, tiny_config):
    digest = hashlib.sha256()
    for number, rows in enumerate(rows_read(tiny_config(), tiny_data)):
        epoch, step = divmod(number, 4)
        digest.update(f"{epoch} {step} {len(rows)}\n".encode())
        digest.update(np.searchsorted(tiny_data.train, rows).astype("<i4").tobytes())
    checksums = {batch_order_checksum(tiny_config(**arm), tiny_data) for arm in ARMS}
    assert checksums == {digest.hexdigest()}


@pytest.mark.parametrize("training", [{"seed": 1}, {"batch_size": 15}])
def test_other_batches_have_another_checksum(training, tiny_data, tiny_config):
    other = batch_order_checksum(tiny_config(training=training), tiny_data)
    assert other != batch_order_checksum(tiny_config(), tiny_data)


@pytest.mark.parametrize("open_images", [StoredImages, partial(np.load, mmap_mode="r")])
def test_images_on_the_disk_give_the_same_batches(open_images, tiny_data, tiny_config, tmp_path):
    np.save(tmp_path / "images.npy", tiny_data.images)
    stored = replace(tiny_data, images=open_images(tmp_path / "images.npy"))
    config = tiny_config(augmentation=AUGMENTED)
    in_memory = epochs_of(config, tiny_data)
    np.testing.assert_array_equal(images_of(epochs_of(config, stored)[1]), images_of(in_memory[1]))


def test_a_file_that_was_cut_off_is_noticed(tiny_data, tmp_path):
    path = tmp_path / "images.npy"
    np.save(path, tiny_data.images)
    images = StoredImages(path)
    assert len(images) == 72
    os.truncate(path, path.stat().st_size - 1)
    np.testing.assert_array_equal(images[np.array([70, 0])], tiny_data.images[[70, 0]])
    with pytest.raises(OSError, match="end before image 71"):
        images[np.array([71])]


def test_batches_from_within_an_epoch_are_the_same(tiny_data, tiny_config):
    config = tiny_config(augmentation=AUGMENTED)
    whole = epochs_of(config, tiny_data)[1]
    rest = list(training_batches(config, tiny_data, 1, 2, first_step=3))
    assert len(rest) == 1
    np.testing.assert_array_equal(np.array(rest[0][0]), whole[3][0])


def test_balanced_class_weights(tiny_data, tiny_config):
    rare = replace(tiny_data, train=tiny_data.train[tiny_data.labels[tiny_data.train] != 2][:30])
    weights = class_weights(rare)
    counts = np.bincount(rare.labels[rare.train], minlength=3)
    assert weights[0] * counts[0] == pytest.approx(weights[1] * counts[1])
    config = tiny_config(training={"class_weights": "balanced"})
    batches = epochs_of(config, rare)[0]
    images, labels, sample_weights = batches[0]
    np.testing.assert_allclose(sample_weights, weights[labels.argmax(axis=1)], rtol=1e-6)
    assert np.concatenate([batch[2] for batch in batches]).mean() == pytest.approx(1, rel=1e-5)


@pytest.mark.slow
def test_a_set_larger_than_the_allowed_memory_trains(tmp_path):
    command = [sys.executable, "-m", "tests.training.large_set", tmp_path / "images.npy"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) == large_set.STEPS
