"""Networks: presets, every kind of layer, names and initial weights."""

from typing import get_args

import numpy as np
import pytest

from cnnlab.domain.config.architecture import Preset
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.training.network.model import build_model, layer_table
from cnnlab.training.seeds import checksum, derive_seed, layer_checksums

EVERY_KIND = [
    {"kind": "gaussian_noise"},
    {"kind": "conv", "filters": 8, "strides": 1},
    {"kind": "batch_norm"},
    {"kind": "activation"},
    {"kind": "separable_conv", "filters": 8},
    {"kind": "depthwise_conv"},
    {"kind": "group_norm", "groups": 4},
    {"kind": "max_pool"},
    {"kind": "layer_norm"},
    {"kind": "spatial_dropout"},
    {"kind": "average_pool"},
    {"kind": "rescaling", "scale": 2.0, "offset": -1.0},
    {"kind": "inverted_residual_block", "filters": 8, "squeeze_filters": 4},
    {"kind": "branch_block", "paths": [[{"kind": "conv", "filters": 4}], []]},
    {"kind": "residual_block", "filters": 8, "strides": 2},
    {"kind": "residual_block", "filters": 8},
    {"kind": "flatten"},
    {"kind": "dense", "units": 8},
    {"kind": "dropout"},
]
EVERYTHING_ON = {
    "dropout": 0.3,
    "spatial_dropout": 0.1,
    "l1": 1e-5,
    "l2": 1e-3,
    "batch_norm": True,
    "gaussian_noise": 0.1,
    "stochastic_depth": 0.2,
}


def build(size=16, classes=3, channels=3, **parts):
    config = load_config({"image": {"size": size}, **parts})
    return build_model(config, (size, size, channels), classes)


LARGE = ("mobilenet_v3_small", "efficientnet_lite0")
"""Presets that take seconds to build: that they are right says `test_plan.py`, here by hand."""


@pytest.mark.parametrize(
    ("channels", "preset"),
    [
        pytest.param(channels, preset, marks=[pytest.mark.exhaustive] * (preset in LARGE))
        for channels in (3, 1)
        for preset in get_args(Preset)
    ],
)
def test_preset_gives_probabilities_of_uint8_and_float_images(preset, channels):
    model = build(architecture={"preset": preset}, channels=channels)
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, channels), np.uint8)
    from_bytes = model.predict(images, verbose=0)
    from_floats = model.predict(images.astype(np.float32), verbose=0)
    assert from_bytes.dtype == np.float32 and from_bytes.shape == (4, 3)
    np.testing.assert_array_equal(from_bytes, from_floats)
    np.testing.assert_allclose(from_bytes.sum(axis=1), 1, rtol=1e-5)


def test_batch_norm_alone_keeps_what_no_step_of_the_optimizer_sets():
    """What else a layer kept would have to be brought up to averaged weights as well."""
    model = build(architecture={"layers": EVERY_KIND}, regularization=EVERYTHING_ON)
    kept = {weight.path.rpartition("/")[2] for weight in model.non_trainable_weights}
    assert kept == {"moving_mean", "moving_variance"}


def test_dials_scale_a_preset():
    model = build(architecture={"conv_blocks": 2, "filters": 8, "dense_units": 0})
    rows = {row["name"]: row for row in layer_table(model)}
    assert rows["block2_conv"]["output_shape"] == [8, 8, 16]
    assert "block3_conv" not in rows and "dense" not in rows
    assert sum(row["parameters"] for row in rows.values()) == model.count_params()


@pytest.mark.parametrize(
    "kind", ["gaussian_noise", "dropout", "global_average_pool", "global_max_pool", "dense"]
)
def test_kind_of_layer_that_ends_a_network(kind):
    model = build(architecture={"layers": [{"kind": "conv"}, {"kind": kind}]})
    assert model.output_shape == (None, 3)


def test_every_kind_of_layer_in_one_network():
    model = build(architecture={"layers": EVERY_KIND}, regularization=EVERYTHING_ON)
    assert model.predict(np.zeros((1, 16, 16, 3), np.uint8), verbose=0).shape == (1, 3)
    assert len({layer.name for layer in model.layers}) == len(model.layers)


def test_regularizers_change_no_initial_weight_and_no_name():
    for architecture in (
        {"preset": "resnet_small"},
        {"preset": "vgg_small"},
        {"layers": EVERY_KIND},
    ):
        plain = build(architecture=architecture)
        regularized = build(architecture=architecture, regularization=EVERYTHING_ON)
        before, after = layer_checksums(plain), layer_checksums(regularized)
        assert before.items() <= after.items()
    dropped = build(regularization={"dropout": 0.5, "spatial_dropout": 0.2, "l2": 0.01})
    assert checksum(dropped.weights) == checksum(build().weights)


def test_seed_decides_the_initial_weights():
    assert checksum(build(training={"seed": 1}).weights) != checksum(build().weights)
    assert derive_seed(0, "dense", "kernel") == 598012486
    assert derive_seed(0, "dense", "kernel") != derive_seed(0, "dense", "draws")


@pytest.mark.parametrize(
    "initializer",
    ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "orthogonal"],
)
def test_initializers(initializer):
    kernel = build(architecture={"initializer": initializer}).get_layer("block2_conv").kernel
    assert 0.01 < np.std(kernel.numpy()) < 0.2


def test_penalty_is_that_of_kernels_only():
    model = build(regularization={"l2": 0.5})
    kernels = [weight for weight in model.weights if weight.name == "kernel"]
    assert len(kernels) == 5
    expected = sum(0.5 * np.sum(np.square(kernel.numpy())) for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(float(expected), rel=1e-5)


def test_stochastic_depth_rises_with_depth():
    model = build(architecture={"preset": "resnet_small"}, regularization={"stochastic_depth": 0.3})
    rates = [model.get_layer(f"block{block}_residual_depth").rate for block in (1, 2, 3)]
    assert rates == pytest.approx([0.1, 0.2, 0.3])


def test_frozen_layers_keep_their_weights():
    model = build(architecture={"frozen_layers": 2})
    assert not model.get_layer("block2_conv").trainable
    assert model.get_layer("block3_conv").trainable


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"conv_blocks": 5}, "set architecture.conv_blocks to at most 4"),
        ({"frozen_layers": 5}, "has 5 layers with weights"),
        (
            {"layers": [{"kind": "flatten"}, {"kind": "conv"}]},
            "Block 2, Convolution: needs an image",
        ),
        ({"layers": [{"kind": "group_norm", "groups": 2}]}, "can't share 3 channels"),
        ({"layers": [{"kind": "max_pool", "pool_size": 16}, {"kind": "max_pool"}]}, "leave 1 px"),
    ],
)
def test_impossible_network_is_refused(architecture, message):
    with pytest.raises(ConfigError, match=message):
        build(architecture=architecture)


def test_mixed_precision_ends_in_float32():
    model = build(training={"precision": "mixed_bfloat16"})
    assert model.get_layer("dense").compute_dtype == "bfloat16"
    assert model.predict(np.zeros((1, 16, 16, 3)), verbose=0).dtype == np.float32
