"""What a planned network says of itself, and what it refuses."""

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.plan import LayerError
from cnnlab.domain.network.planner import check_network, plan_network


def plan(*layers, size=32, **parts):
    architecture = {"layers": list(layers)} | parts.pop("architecture", {})
    config = load_config({"image": {"size": size}, "architecture": architecture, **parts})
    return plan_network(config, (size, size, 3), 4)


def conv(filters=8, **fields):
    return {"kind": "conv", "filters": filters} | fields


@pytest.mark.parametrize(
    ("layers", "block", "message"),
    [
        ([conv(), {"kind": "flatten"}, conv()], 2, "Block 3, Convolution: needs an image"),
        ([conv(6), {"kind": "group_norm", "groups": 4}], 1, "can't share 6 channels"),
        ([{"kind": "max_pool", "pool_size": 16}, {"kind": "max_pool", "pool_size": 3}], 1, "2 px"),
        (
            [conv(), {"kind": "branch_block", "paths": [[conv(strides=2)], []]}],
            1,
            r"different sizes \(16 x 16 and 32 x 32\)",
        ),
        (
            [{"kind": "branch_block", "merge": "add", "paths": [[conv()], []]}],
            0,
            "and the same filters",
        ),
        ([{"kind": "dense", "units": 8192}, *[{"kind": "dense", "units": 8192}] * 2], 0, None),
        ([conv(2048), {"kind": "dense", "units": 8192}], 1, "17,179,877,376 weights"),
    ],
)
def test_what_is_wrong_is_said_of_its_block(layers, block, message):
    if message is None:
        assert plan(*layers).parameters > 10**8
        return
    with pytest.raises(LayerError, match=message) as caught:
        plan(*layers)
    assert caught.value.block == block


def test_a_layer_that_is_switched_off_is_none_and_keeps_its_place():
    whole = plan(conv(), conv(16, enabled=False), conv(4), {"kind": "flatten"})
    assert whole.of_block(1) == ()
    assert [layer.name for layer in whole.of_block(2)] == [
        "block1_conv2",
        "block1_conv2_activation",
    ]
    assert whole.layers[-1].shape == (4,)


def test_receptive_field_grows_with_kernels_strides_and_pooling():
    made = plan(
        conv(kernel_size=3), {"kind": "max_pool"}, conv(kernel_size=5, strides=2), conv(),
        {"kind": "inverted_residual_block", "squeeze_filters": 2}, {"kind": "flatten"},
        architecture={"activation": "relu"},
    )  # fmt: skip
    seen = [made.of_block(block)[-1].receptive_field for block in range(6)]
    # 1 + 2; + 1 (pool, jump 1); + 4 x 2; + 2 x 4; + 2 x 4 of the depthwise convolution
    assert seen == [3, 4, 12, 20, 28, None]


def test_what_trains_is_counted_from_both_ends():
    made = plan(conv(), {"kind": "batch_norm"}, {"kind": "max_pool"}, conv(), {"kind": "dense"})
    assert made.layers_with_weights() == 5
    assert made.trainable_entries() == [0, 1, 3, 4]
    assert made.trained_layers(3) == {"dense", "probabilities"}
    assert made.trained_layers(0, 0) == {"probabilities"}
    assert made.trained_layers(0, 2) == {"block2_conv", "dense", "probabilities"}
    assert made.trained_layers(3, 2) == {"dense", "probabilities"}


def test_dials_at_0_are_planned_and_do_nothing():
    made = plan(conv(), {"kind": "max_pool"}, {"kind": "flatten"})
    off = [layer for layer in made.layers if not layer.is_there]
    assert [layer.regularizer for layer in off] == [
        "gaussian_noise",
        "spatial_dropout",
        "dropout",
    ]
    assert all(layer.shape and not layer.parameters for layer in off)


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"frozen_layers": 5}, "has 5 layers with weights"),
        ({"preset": "mobilenet_v3_small", "filters": 16}, "architecture.filters must be empty"),
        ({"layers": [{"kind": "flatten"}, {"kind": "conv"}]}, "needs an image"),
    ],
)
def test_a_network_that_cannot_be_built_is_refused_before_a_launch(architecture, message):
    with pytest.raises(ConfigError, match=message):
        check_network(load_config({"architecture": architecture}))
