import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.weight_shapes import weight_shapes
from cnnlab.training.devices.memory_estimate import discard_sketches, sketched
from cnnlab.training.network.model import build_model

OF_ALL_KINDS = [
    {"kind": "conv", "filters": 4, "use_bias": False},
    {"kind": "separable_conv", "filters": 6},
    {"kind": "depthwise_conv"},
    {"kind": "layer_norm"},
    {"kind": "group_norm", "groups": 2},
    {"kind": "inverted_residual_block", "filters": 6, "expanded_filters": 8, "squeeze_filters": 2},
    {"kind": "residual_block", "filters": 8, "strides": 2},
    {"kind": "batch_norm"},
    {"kind": "flatten"},
    {"kind": "dense", "units": 5},
]


@pytest.mark.parametrize(
    "architecture",
    [{"layers": OF_ALL_KINDS}, {"preset": "small_cnn"}, {"preset": "mobilenet_v3_small"}],
    ids=lambda architecture: architecture.get("preset", "layers"),
)
def test_names_and_shapes_of_weights_are_those_of_keras(architecture):
    config = load_config({"architecture": architecture, "regularization": {"batch_norm": True}})
    planned = weight_shapes(plan_network(config, (48, 48, 3), 4))
    model = sketched(lambda: build_model(config, (48, 48, 3), 4))
    expected = {weight.path: tuple(weight.shape) for weight in model.weights}
    discard_sketches()
    assert planned == expected
