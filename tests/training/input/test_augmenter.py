"""Augmentation against Keras' layers, its distributions, and repeatable as a whole.

What holds for every augmentation stands in `tests/augmentations`.
"""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab.augmentations import chain, colour, operations, pairs, warp
from cnnlab.augmentations.members import cutmix, elastic, mixup, randaugment
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.input.draws import Draws
from cnnlab.training.input.tensor_ops import TENSOR_OPS

SIZE = 24
MANY = 20_000
EVERYTHING = {
    "flip": "both",
    "rotation_degrees": 20,
    "zoom_fraction": 0.2,
    "shift_fraction": 0.1,
    "shear_degrees": 10,
    "perspective_fraction": 0.1,
    "elastic_px": 2,
    "brightness_fraction": 0.2,
    "contrast_fraction": 0.3,
    "saturation_fraction": 0.4,
    "hue_fraction": 0.1,
    "grayscale_fraction": 0.3,
    "noise_stddev": 8,
    "blur_sigma_px": 1,
    "erasing_fraction": 0.2,
    "mixup_alpha": 0.3,
    "randaugment_operations": 2,
    "augmix": True,
}


@pytest.fixture(scope="module")
def images():
    """(4, 24, 24, 3) smooth float32 pictures with sharp spots."""
    generator = np.random.default_rng(1)
    coarse = generator.uniform(0, 255, (4, 6, 6, 3))
    smooth = tf.image.resize(coarse, (SIZE, SIZE), "bicubic").numpy().clip(0, 255)
    smooth[:, 5:8, 3:12] = 250
    return smooth.astype(np.float32)


def draws_of(count=MANY, seed=3, step=5):
    return Draws(seed, tf.constant(step, tf.int64), tf.constant(count))


def drawn(shape=(SIZE, SIZE, 3), count=MANY, **fields):
    """What the augmentations that these fields switch on draw, as numpy arrays."""
    on = Augmentation(**fields).strengths()
    parameters = {}
    for _, members in chain.stages_of(on):
        parameters |= chain.draw_all(members, on, draws_of(count), shape, TENSOR_OPS)
    return {name: value.numpy() for name, value in parameters.items()}


def warped(images, **parameters):
    parameters = {name: tf.fill([len(images)], float(value)) for name, value in parameters.items()}
    return warp.apply_warp(images, parameters, TENSOR_OPS).numpy()


def coloured(images, **parameters):
    return colour.change_colour(tf.constant(images), parameters, TENSOR_OPS).numpy()


def displaced(images, by):
    return elastic.displace(tf.constant(images), by, TENSOR_OPS).numpy()


# Keras' layers draw from the same distribution and, for fixed strengths, the same pictures.


def test_rotation_is_that_of_keras(images):
    layer = keras.layers.RandomRotation((0.05, 0.05), fill_mode="reflect", seed=1)
    expected = layer(images, training=True).numpy()
    np.testing.assert_allclose(warped(images, rotation=0.05 * 2 * math.pi), expected, atol=0.05)


def test_shift_is_that_of_keras(images):
    layer = keras.layers.RandomTranslation((-0.125, -0.125), (0.25, 0.25), seed=1)
    expected = layer(images, training=True).numpy()
    np.testing.assert_allclose(warped(images, shift_x=-0.25, shift_y=0.125), expected, atol=0.01)


def test_zoom_is_that_of_keras(images):
    layer = keras.layers.RandomZoom((-0.25, -0.25), seed=1)
    expected = layer(images, training=True).numpy()
    np.testing.assert_allclose(warped(images, zoom=0.75), expected, atol=0.05)


def test_flip_mirrors_exactly(images):
    np.testing.assert_allclose(warped(images, flip_x=-1), images[:, :, ::-1], atol=1e-3)
    np.testing.assert_allclose(warped(images, flip_y=-1), images[:, ::-1], atol=1e-3)


def test_each_channel_is_moved_alike(images):
    moved = warped(images, rotation=0.3, perspective_x=0.1)
    alone = warped(images[..., 1:2], rotation=0.3, perspective_x=0.1)
    np.testing.assert_array_equal(alone, moved[..., 1:2])
    bent = np.random.default_rng(0).uniform(-4, 4, (4, SIZE, SIZE, 2)).astype(np.float32)
    alone = displaced(images[..., 1:2], bent)
    np.testing.assert_array_equal(alone, displaced(images, bent)[..., 1:2])


def test_contrast_and_brightness_are_those_of_keras(images):
    brighter = keras.layers.RandomBrightness((0.1, 0.1), seed=1)(images, training=True).numpy()
    ours = coloured(images, brightness=tf.fill([4], 0.1))
    np.testing.assert_allclose(np.clip(ours, 0, 255), brighter, atol=0.01)
    factor = {"contrast_factor": tf.fill([4, 1, 1, 1], 1.3)}
    layer = keras.layers.RandomContrast(0.3, seed=1)
    sharper = layer.transform_images(tf.constant(images), factor).numpy()
    ours = coloured(images, contrast=tf.fill([4], 1.3))
    np.testing.assert_allclose(np.clip(ours, 0, 255), sharper, atol=0.05)


def test_grayscale_is_nearly_that_of_keras(images):
    expected = keras.layers.RandomGrayscale(1.0)(images, training=True).numpy()
    ours = coloured(images, grayscale=tf.ones(4))
    np.testing.assert_allclose(ours, expected, atol=0.1)  # Keras rounds the weights


@pytest.mark.parametrize(
    ("field", "strength", "name", "low", "high"),
    [
        ("rotation_degrees", 30, "rotation", -math.pi / 6, math.pi / 6),
        ("shear_degrees", 18, "shear", -math.pi / 10, math.pi / 10),
        ("zoom_fraction", 0.2, "zoom", 0.8, 1.2),
        ("shift_fraction", 0.1, "shift_x", -0.1, 0.1),
        ("shift_fraction", 0.1, "shift_y", -0.1, 0.1),
        ("perspective_fraction", 0.3, "perspective_y", -0.3, 0.3),
        ("contrast_fraction", 0.4, "contrast", 0.6, 1.4),
        ("brightness_fraction", 0.5, "brightness", -0.5, 0.5),
        ("saturation_fraction", 0.5, "saturation", 0.5, 1.5),
        ("hue_fraction", 0.5, "hue", -math.pi / 2, math.pi / 2),
    ],
)
def test_strengths_are_uniform_between_their_limits(field, strength, name, low, high):
    values = drawn(**{field: strength})[name]
    span = high - low
    assert low <= values.min() < low + 0.01 * span
    assert high - 0.01 * span < values.max() <= high
    assert values.mean() == pytest.approx((low + high) / 2, abs=0.02 * span)
    assert values.std() == pytest.approx(span / math.sqrt(12), rel=0.02)


def test_half_of_the_images_are_mirrored():
    flips = drawn(flip="both")
    x, y = flips["flip_x"], flips["flip_y"]
    assert set(np.unique(x)) == set(np.unique(y)) == {-1, 1}
    assert abs(x.mean()) < 0.03 and abs(y.mean()) < 0.03 and abs((x * y).mean()) < 0.03


def test_grayscale_takes_its_share():
    share = drawn(grayscale_fraction=0.2)["grayscale"].mean()
    assert share == pytest.approx(0.2, abs=0.02)
    assert drawn(shape=(SIZE, SIZE, 1), grayscale_fraction=0.2) == {}


def test_erased_rectangles_stay_inside_and_within_their_area():
    erased = drawn(shape=(64, 64, 3), erasing_fraction=0.3)
    area = erased["height"] * erased["width"] / 64**2
    assert area.min() > 0.01 and area.max() < 0.32
    assert erased["top"].min() == 0 and (erased["top"] + erased["height"]).max() == 64
    assert (erased["height"] / erased["width"]).min() > 0.45
    assert (erased["height"] / erased["width"]).max() < 2.2


def test_noise_has_its_standard_deviation():
    assert drawn(count=50, noise_stddev=10)["noise"].std() == pytest.approx(10, rel=0.02)


def test_elastic_bends_by_its_pixels_and_zero_is_nothing(images):
    bend = drawn(count=200, elastic_px=3.0)["bend"]
    displacement = elastic.displacement(bend, SIZE, SIZE, TENSOR_OPS).numpy()
    assert 2 < np.abs(displacement).max() < 4.5
    still = displaced(images, np.zeros((4, SIZE, SIZE, 2), np.float32))
    np.testing.assert_allclose(still, images, atol=1e-3)
    moved = displaced(images, np.full((4, SIZE, SIZE, 2), (1.0, 0.0), np.float32))
    np.testing.assert_allclose(moved[:, :, :-1], images[:, :, 1:], atol=1e-3)


# Blends.


@pytest.mark.parametrize("alpha", [0.05, 0.2, 1.0, 5.0])
def test_shares_follow_the_beta_distribution(alpha):
    shares = pairs.draw_shares(alpha, draws_of(), TENSOR_OPS).numpy()
    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.05)


def test_vanishing_alpha_blends_nothing():
    np.testing.assert_array_equal(pairs.draw_shares(0.0, draws_of(), TENSOR_OPS), 1)
    shares = pairs.draw_shares(1e-3, draws_of(), TENSOR_OPS).numpy()
    assert np.mean((shares > 0.1) & (shares < 0.9)) < 0.01


def blended(member, images, labels, parameters):
    images, labels = tf.constant(images), tf.constant(labels, tf.float32)
    mixed = member.stage.apply(images, parameters, TENSOR_OPS).numpy()
    return mixed, member.mix_labels(labels, parameters, TENSOR_OPS).numpy()


def test_mix_up_blends_images_and_labels_alike(images):
    parameters = {"shares": tf.constant([0.25, 1, 0.5, 0]), "partners": tf.constant([1, 0, 3, 2])}
    mixed, targets = blended(mixup.MEMBER, images, np.eye(4), parameters)
    np.testing.assert_allclose(mixed[0], 0.25 * images[0] + 0.75 * images[1], rtol=1e-5)
    np.testing.assert_allclose(targets[0], [0.25, 0.75, 0, 0])
    np.testing.assert_array_equal(mixed[1], images[1])


def test_cut_mix_labels_are_the_areas():
    black_and_white = np.stack([np.zeros((SIZE, SIZE, 1)), np.ones((SIZE, SIZE, 1))])
    pair = np.repeat(black_and_white, 50, axis=0).astype(np.float32)
    labels = np.repeat(np.eye(2), 50, axis=0)
    parameters = drawn(shape=(SIZE, SIZE, 1), count=100, cutmix_alpha=1.0)
    parameters["partners"] = np.array([*range(50, 100), *range(50)])
    mixed, targets = blended(cutmix.MEMBER, pair, labels, parameters)
    np.testing.assert_allclose(targets[:, 1], mixed.mean(axis=(1, 2, 3)), atol=1e-5)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-5)


# Policies.


def test_operations_of_no_strength_change_nothing(images):
    whole = np.floor(images)
    for operation in range(operations.SHARPNESS + 1):
        if operation == operations.AUTOCONTRAST:  # has no strength
            continue
        choices = tf.fill([4, 1], operation)
        changed = operations.apply_operations(
            tf.constant(whole), choices, tf.zeros((4, 1)), TENSOR_OPS
        ).numpy()
        if operation == operations.SOLARIZE:  # at no strength, white alone is turned over
            changed = np.where(whole >= 255, whole, changed)
        np.testing.assert_allclose(changed, whole, atol=0.01)


def test_each_image_has_its_own_operation(images):
    same = np.repeat(images[:1], 64, axis=0)
    on = {"randaugment_operations": 1, "randaugment_magnitude": 0.7}
    one = randaugment.MEMBER.draw(on, draws_of(64), same.shape[1:], TENSOR_OPS)
    changed = randaugment.MEMBER.stage.apply(tf.constant(same), one, TENSOR_OPS).numpy()
    assert len(np.unique(changed.reshape(64, -1).round(1), axis=0)) > 10
    assert changed.min() >= 0 and changed.max() <= 255


# The whole.


@pytest.mark.exhaustive  # `tests/augmentations/test_contract.py` has it of each one alone
def test_same_step_same_images_other_step_other_images(images):
    labels = tf.eye(4)
    augmenter = tf.function(Augmenter(Augmentation(**EVERYTHING), run_seed=1))
    first, first_labels = augmenter(images, labels, tf.constant(7, tf.int64))
    again, again_labels = augmenter(images, labels, tf.constant(7, tf.int64))
    other, _ = augmenter(images, labels, tf.constant(8, tf.int64))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first_labels, again_labels)
    assert np.abs(first.numpy() - other.numpy()).mean() > 1
    assert first.numpy().min() >= 0 and first.numpy().max() <= 255
    np.testing.assert_allclose(np.sum(first_labels, axis=1), 1, rtol=1e-5)


def test_switching_one_on_leaves_the_draws_of_others():
    alone = drawn(count=9, rotation_degrees=10)
    both = drawn(count=9, rotation_degrees=10, flip="both")
    np.testing.assert_array_equal(alone["rotation"], both["rotation"])


@pytest.mark.parametrize(
    "changes", [{"grayscale_fraction": 1}, {"cutmix_alpha": 1, "hue_fraction": 0.5}, {"augmix": 1}]
)
def test_one_channel_and_partial_batches_work(changes):
    gray = np.full((3, 8, 8, 1), 200, np.uint8)
    augmenter = Augmenter(Augmentation(**changes), run_seed=0)
    changed, labels = augmenter(tf.constant(gray), tf.eye(3), tf.constant(0, tf.int64))
    assert changed.shape == (3, 8, 8, 1) and changed.dtype == tf.float32
    assert labels.shape == (3, 3)
