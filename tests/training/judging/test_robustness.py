"""Distorted images and how often a model is right on them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from cnnlab.training.judging.robustness import distorted, measure_robustness

SIDE = 32
STRENGTHS = {
    "rotation": (10, 20, 40),
    "shift": (5, 10, 20),
    "brightness": (15, 30, 60),
    "blur": (1, 2, 3),
    "noise": (10, 25, 50),
}


@pytest.fixture(scope="module")
def pictures():
    """(6, 32, 32, 3) uint8: grey with a bright patch off the middle."""
    images = np.full((6, SIDE, SIDE, 3), 100, np.uint8)
    images[:, 6:12, 14:22] = (140, 120, 90)
    return images


POSITIONS = np.array([3, 50, 51, 700, 701, 999])


@pytest.mark.parametrize("distortion", STRENGTHS)
def test_an_image_is_distorted_alike_in_any_company(distortion, pictures):
    strength = STRENGTHS[distortion][1]
    together = distorted(pictures, POSITIONS, distortion, strength)
    assert together.dtype == np.uint8 and together.shape == pictures.shape
    for index in (0, 4):
        alone = distorted(
            pictures[index : index + 1], POSITIONS[index : index + 1], distortion, strength
        )
        np.testing.assert_array_equal(alone[0], together[index])


@pytest.mark.parametrize("distortion", STRENGTHS)
def test_a_larger_strength_changes_more(distortion, pictures):
    changes = [
        np.abs(distorted(pictures, POSITIONS, distortion, strength) - pictures.astype(float)).mean()
        for strength in (0, *STRENGTHS[distortion])
    ]
    assert changes[0] == 0
    assert (np.diff(changes) > 0).all()


def test_rotation_is_by_plus_or_minus_the_angle(pictures):
    turned = distorted(pictures, POSITIONS, "rotation", 20)
    expected = [
        ndimage.rotate(pictures[0].astype(float), angle, reshape=False, order=1, mode="reflect")
        for angle in (-20, 20)
    ]
    nearest = [[np.abs(image - other).max() < 1.5 for other in expected] for image in turned]
    assert np.sum(nearest, axis=1).tolist() == [1] * 6
    assert np.sum(nearest, axis=0).min() >= 1  # both signs occur


def test_a_shift_goes_one_way_by_its_share_of_the_side(pictures):
    shifted = distorted(pictures, POSITIONS, "shift", 12.5)  # 4 px
    moves = set()
    for image in shifted:
        rows, columns = np.nonzero(image[..., 0] > 120)
        moves.add((rows.min() - 6, columns.min() - 14))
    assert moves <= {(4, 0), (-4, 0), (0, 4), (0, -4)}
    assert len(moves) > 1


def test_brightness_adds_or_takes_a_share_of_white(pictures):
    changed = distorted(pictures, POSITIONS, "brightness", 20)  # 51 of 255
    differences = {
        (image - picture.astype(int)).min()
        for image, picture in zip(changed.astype(int), pictures, strict=True)
    }
    assert differences == {51, -51}
    assert distorted(pictures, POSITIONS, "brightness", 60).max() == 255


def test_blur_is_measured_on_an_image_of_64_px():
    spots = np.zeros((1, SIDE, SIDE, 1), np.uint8)
    spots[0, 16, 16] = 255
    blurred = distorted(spots, np.array([0]), "blur", 2.0)[0, :, :, 0].astype(float)
    line = blurred.sum(axis=0)
    x = np.arange(SIDE)
    spread = np.sqrt(np.sum(line * (x - 16) ** 2) / line.sum())
    assert spread == pytest.approx(1.0, abs=0.1)  # 2 px at 64 px are 1 px at 32 px


def test_noise_has_its_standard_deviation(pictures):
    grey = np.full_like(pictures, 128)
    noisy = distorted(grey, POSITIONS, "noise", 25).astype(float) - 128
    assert noisy.std() == pytest.approx(25, rel=0.03)
    assert noisy.mean() == pytest.approx(0, abs=1)
    assert not np.array_equal(noisy[0], noisy[1])


def brightest(images, positions):
    """A forward pass by hand: certain of the class whose colour is brightest."""
    means = images[positions].astype(float).mean(axis=(1, 2))
    return np.eye(3)[means.argmax(axis=1)]


def test_a_model_that_only_needs_colour_is_right_under_every_distortion(tiny_data):
    right = np.arange(20) < 15
    found = measure_robustness(brightest, tiny_data, right, batch=7)
    json.dumps(found)
    assert found["robustness_images"] == 20
    assert found["robustness_undistorted"] == 0.75
    asked = [(row["distortion"], row["strength"]) for row in found["robustness"]]
    assert asked == [(name, value) for name, values in STRENGTHS.items() for value in values]
    accuracies = {(row["distortion"], row["strength"]): row for row in found["robustness"]}
    assert accuracies["rotation", 40]["accuracy"] == 1.0
    assert accuracies["noise", 50]["accuracy"] == 1.0
    assert accuracies["blur", 1]["unit"] == "px at 64 px"


def test_what_isnt_seen_any_more_isnt_right(tiny_data):
    """A forward pass that compares with the images as they were."""
    originals = tiny_data.images[tiny_data.validation]
    labels = tiny_data.labels[tiny_data.validation]

    def remembering(images, positions):
        same = (images[positions][:, None] == originals[None]).all(axis=(2, 3, 4))
        known, which = same.any(axis=1), same.argmax(axis=1)
        return np.eye(3)[np.where(known, labels[which], (labels[positions] + 1) % 3)]

    found = measure_robustness(remembering, tiny_data, np.ones(20, bool), batch=20)
    right = [(row["distortion"], row["strength"]) for row in found["robustness"] if row["accuracy"]]
    assert right == [("blur", 1)]  # 0.2 px at 12 px: too little to change a byte


@pytest.mark.parametrize(("side", "images"), [(8, 200), (160, 128), (512, 100)])
def test_a_part_with_all_classes_is_distorted_and_a_smaller_one_of_large_images(
    side, images, tiny_data, monkeypatch
):
    count = 600
    labels = np.arange(count, dtype=np.int32) % 3
    stored = np.broadcast_to(np.uint8(0), (count, side, side, 1))
    data = replace(tiny_data, images=stored, labels=labels, validation=np.arange(count))
    monkeypatch.setattr("cnnlab.training.judging.robustness._distort", lambda images, *_: images)
    monkeypatch.setattr("cnnlab.training.judging.robustness._draw", lambda *_: None)
    asked = []

    def first(images, positions):
        asked.append(len(positions))
        return np.eye(3)[np.zeros(len(positions), int)]

    found = measure_robustness(first, data, labels == 0, batch=64)
    assert found["robustness_images"] == images
    assert max(asked) == 64 and sum(asked) == 15 * images
    assert found["robustness_undistorted"] == pytest.approx(1 / 3, abs=0.01)
    assert found["robustness"][0]["accuracy"] == found["robustness_undistorted"]
