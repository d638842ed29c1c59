"""The input path: order, rest of an epoch, memory map, weights."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cnnlab.training.data import class_weights, steps_per_epoch, training_batches
from cnnlab.training.images import StoredImages
from tests.training import large_set

ROOT = Path(__file__).resolve().parents[2]
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
