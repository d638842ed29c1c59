"""What must never change by accident: the random numbers, warps and first weights of every run.

A test that fails here says that a run with the same config and seed no longer gives the same
numbers: nobody can repeat or resume a run of an earlier version. Should that be right, it is a
decision: raise `cnnlab.BITS_VERSION` in the same commit, and write the new values below.

Integers and uniform numbers hold exactly on every processor; what is computed with them to 1e-5.
"""

import numpy as np
import pytest
import tensorflow as tf

import cnnlab
from cnnlab.augmentations.streams import stream_of
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.input.draws import Draws
from cnnlab.training.loop.feed import FeatureFeed, plan_cache
from cnnlab.training.loop.writer import QueuedRecorder
from cnnlab.training.network.model import build_model

SEED, STEP = 20261129, 7
UNIFORM = {
    "flip_x": 0.6960740089416504, "flip_y": 0.786063551902771,
    "rotation": 0.7537887096405029, "zoom": 0.20281696319580078,
    "shift_x": 0.9500868320465088, "shift_y": 0.04499661922454834,
    "shear": 0.8468949794769287,
    "perspective_x": 0.07650232315063477, "perspective_y": 0.30772852897644043,
    "contrast": 0.7682052850723267, "brightness": 0.09612035751342773,
    "saturation": 0.6582361459732056, "hue": 0.997610330581665,
    "grayscale": 0.4892469644546509, "blur": 0.24323034286499023,
    "erasing_area": 0.8957695960998535, "erasing_aspect": 0.46414780616760254,
    "erasing_x": 0.8298041820526123, "erasing_y": 0.6772196292877197,
    "patch_x": 0.4598792791366577, "patch_y": 0.951993465423584,
}  # fmt: skip
"""Of the third image: a table that is wider or narrower changes all images but the first."""

IMAGE = np.stack(
    [16 * np.arange(8)[:, None] + 2 * np.arange(8), np.tile(255 - 30 * np.arange(8), (8, 1)),
     np.outer(np.arange(8), np.arange(8)) * 5 % 256], axis=-1,
).astype(np.float32)  # fmt: skip
GEOMETRY = {
    "flip": "both", "rotation_degrees": 20, "zoom_fraction": 0.2, "shift_fraction": 0.1,
    "shear_degrees": 10,
}  # fmt: skip
COLOUR = {
    "brightness_fraction": 0.2, "contrast_fraction": 0.3, "saturation_fraction": 0.4,
    "hue_fraction": 0.1,
}  # fmt: skip
PIXELS = {
    "geometry": (GEOMETRY, [
        [31.8481, 47.7394, 38.9277], [30.2669, 81.3792, 33.8058], [28.6857, 115.0191, 28.2202],
    ]),
    "perspective": ({"perspective_fraction": 0.3}, [
        [40.4380, 226.4198, 11.4716], [41.1528, 206.5014, 19.1567], [41.9196, 185.1339, 27.1182],
    ]),
    "colour": (COLOUR, [
        [69.0744, 255.0, 77.9737], [67.7722, 236.4750, 78.0084], [66.4701, 203.9228, 78.0431],
    ]),
    "elastic and blur": ({"elastic_px": 2, "blur_sigma_px": 1}, [
        [5.2809, 255.0, 0.0], [4.7273, 215.1851, 0.8597], [8.8623, 156.4985, 2.3554],
    ]),
}  # fmt: skip
"""Row 2, columns 0 to 2 of the third image."""

WEIGHTS = {
    "block1_conv": [0.38685980, 0.39714575, 0.24762584, -0.28050637],
    "block2_conv": [-0.00568440, 0.19321476, -0.17333922, -0.13744473],
    "dense": [-0.16860239, 0.16571636, -0.05399442, 0.10502230],
    "probabilities": [-0.06641442, -0.65634036, -0.73161983, 0.09835213],
}

FROZEN = {
    "architecture": {
        "layers": [{"kind": "conv", "filters": 4}, {"kind": "global_average_pool"}],
        "frozen_layers": 1,
    },
    "augmentation": {"rotation_degrees": 10, "mixup_alpha": 0.2},
    "training": {"epochs": 9, "seed": 7},
}
FEATURES = [0.04335612, 0.10908620, 0.05712354, 0.04033987]
BLENDED = [0.94507903, 0.05492095, 0.0]
"""Of the third image of the ninth epoch, which takes the first augmented copies again."""


def draws(images=3):
    return Draws(SEED, tf.constant(STEP, tf.int64), tf.constant(images))


def test_these_are_the_bits_of_this_version():
    assert cnnlab.BITS_VERSION == 3, "write the new values into this file, then the new version"


@pytest.mark.parametrize("name", UNIFORM)
def test_frozen_uniform_numbers(name):
    assert draws().uniform(name, 0, 1).numpy()[2] == np.float32(UNIFORM[name])


def test_frozen_integers_and_orders():
    assert draws().integers("randaugment_choices", (4,), 12).numpy().tolist() == [
        [4, 4, 2, 8], [1, 1, 10, 5], [3, 6, 8, 1],
    ]  # fmt: skip
    assert draws().integers("augmix_choices", (4,), 12).numpy().tolist() == [
        [7, 10, 7, 5], [6, 2, 7, 11], [11, 2, 7, 4],
    ]  # fmt: skip
    assert draws(9).permutation("partners").numpy().tolist() == [8, 5, 4, 0, 7, 2, 3, 1, 6]
    elastic = [0.9033281803131104, -0.7622509002685547, 0.27767062187194824, 0.3497023582458496]
    assert draws().symmetric("elastic", (4,)).numpy()[2].tolist() == elastic


def test_frozen_normal_and_gamma_numbers():
    normal = draws().normal("noise", (4,))[2]
    np.testing.assert_allclose(normal, [0.7041996, -0.3992755, -1.0925674, -0.7899946], rtol=1e-5)
    gamma = draws().gamma("first_share", (), 0.3)
    np.testing.assert_allclose(gamma, [0.3425366, 0.1225817, 0.3718153], rtol=1e-5)


def test_a_new_draw_has_a_stream_of_its_own_name():
    assert stream_of("a new draw") == 2043280173
    assert stream_of("another") != stream_of("a new draw") > 2**30  # none that was numbered by hand
    drawn = draws().uniform("a new draw", 0, 1).numpy().tolist()
    assert drawn == [0.6198463439941406, 0.2891744375228882, 0.5026893615722656]
    integers = draws().integers("a new draw", (2,), 1000).numpy().tolist()
    assert integers == [[960, 939], [816, 636], [891, 180]]


@pytest.mark.parametrize(("changes", "expected"), PIXELS.values(), ids=PIXELS)
def test_pixels(changes, expected):
    images = tf.constant(np.repeat(IMAGE[None], 3, axis=0))
    augmenter = Augmenter(Augmentation(**changes), 7)
    changed, _ = augmenter(images, tf.eye(3), tf.constant(STEP, tf.int64))
    np.testing.assert_allclose(changed[2, 2, :3] / 255, np.array(expected) / 255, atol=1e-5)


def test_initial_weights(tiny_config):
    model = build_model(tiny_config(training={"seed": 7}), (12, 12, 3), 3)
    for name, expected in WEIGHTS.items():
        kernel = model.get_layer(name).kernel.numpy().ravel()[:4]
        np.testing.assert_allclose(kernel, expected, atol=1e-5, err_msg=name)


def test_augmented_copies_for_frozen_layers(tiny_config, tiny_data, recorder):
    config = tiny_config(**FROZEN)
    cached = plan_cache(config, tiny_data)
    model = build_model(config, tiny_data.image_shape, tiny_data.classes)
    with QueuedRecorder(recorder) as told:
        feed = FeatureFeed(model, config, tiny_data, cached).make(tiny_data.validation, told, 2)
    features, labels = next(iter(feed.batches(8, 0)))
    assert (cached.layer, cached.copies) == ("global_average_pool", 8)
    np.testing.assert_allclose(features[2], FEATURES, atol=1e-5)
    np.testing.assert_allclose(labels[2], BLENDED, atol=1e-5)
