"""Which layers hold the units of a network, and which networks compute the same."""

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.units import last_unit_layers, unit_layers, what_it_computes

SHAPE = (32, 32, 3)


def planned(preset="tiny_cnn", **values):
    config = load_config({"dataset": "d", "architecture": {"preset": preset}} | values)
    return plan_network(config, SHAPE, 4)


@pytest.mark.parametrize("preset", ["tiny_cnn", "small_cnn", "vgg_small", "resnet_small"])
def test_units_are_what_comes_out_of_activations_and_never_the_output(preset):
    plan = planned(preset)
    found = unit_layers(plan)
    assert found == [layer.name for layer in plan.layers if layer.keras_class == "Activation"]
    assert found and plan.layers[-1].name not in found


def test_gates_that_weigh_channels_are_no_units():
    plan = planned("mobilenet_v3_small")
    found = unit_layers(plan)
    assert any(layer.keras_class == "Multiply" for layer in plan.layers)
    assert not [name for name in found if "squeeze" in name or "excite" in name]
    assert [name for name in found if "depthwise" in name]


LAYERS = [
    {"kind": "conv", "filters": 8},
    {"kind": "max_pool"},
    {"kind": "conv", "filters": 8},
    {"kind": "flatten"},
    {"kind": "dense", "units": 6},
]


def test_the_last_units_are_those_that_dense_layers_read():
    plan = planned(architecture={"layers": LAYERS})
    assert unit_layers(plan) == [
        "block1_conv_activation",
        "block2_conv_activation",
        "dense_activation",
    ]
    assert last_unit_layers(plan) == ["block2_conv_activation", "dense_activation"]
    assert last_unit_layers(planned("resnet_small")) == unit_layers(planned("resnet_small"))[-1:]


def test_a_network_whose_channels_are_added_up_without_activation_has_no_last_units():
    block = {"kind": "inverted_residual_block", "filters": 8, "expanded_filters": 16}
    layers = [{"kind": "conv", "filters": 8}, block, {"kind": "global_average_pool"}]
    plan = planned(architecture={"layers": layers})
    assert unit_layers(plan) and last_unit_layers(plan) == []


def test_what_draws_in_training_alone_makes_no_other_network():
    alone = what_it_computes(planned())
    regularization = {"dropout": 0.5, "spatial_dropout": 0.2, "gaussian_noise": 0.1, "l2": 0.01}
    assert what_it_computes(planned(regularization=regularization)) == alone
    own = [*LAYERS[:4], {"kind": "dropout", "rate": 0.5}, LAYERS[4]]
    with_dropout, without = (
        what_it_computes(planned(architecture={"layers": layers})) for layers in (own, LAYERS)
    )
    assert with_dropout == without


@pytest.mark.parametrize(
    "changes",
    [
        {"regularization": {"batch_norm": True}},
        {"architecture": {"preset": "tiny_cnn", "activation": "gelu"}},
        {"architecture": {"preset": "tiny_cnn", "filters": 12}},
        {"architecture": {"preset": "small_cnn"}},
    ],
)
def test_another_layer_activation_or_width_makes_another_network(changes):
    assert what_it_computes(planned(**changes)) != what_it_computes(planned())
