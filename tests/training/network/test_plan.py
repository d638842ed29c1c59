"""The plan of a network says what Keras then has: shapes, parameters and multiply-adds."""

import math
import random
from collections.abc import Iterable

import keras
import pytest
import tensorflow as tf

from cnnlab.domain.config.architecture import Preset
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.network.plan import Plan
from cnnlab.domain.network.planner import plan_network
from cnnlab.training.devices.memory_estimate import discard_sketches, sketched
from cnnlab.training.network.model import build_model

ACTIVATIONS = (None, "linear", "relu", "gelu", "relu6", "hard_silu")
ANYWHERE = ("batch_norm", "layer_norm", "activation", "dropout", "gaussian_noise", "rescaling")
CONVOLVED = {"strides": (1, 1, 1, 2, 3), "kernel_size": (1, 2, 3, 5), "activation": ACTIVATIONS}
FILTERS, BIAS, POOL = {"filters": (1, 4, 7, 16)}, {"use_bias": (True, False)}, {"pool_size": (2, 3)}
CHOICES = {
    "conv": CONVOLVED | FILTERS | BIAS,
    "separable_conv": CONVOLVED | FILTERS | BIAS,
    "depthwise_conv": CONVOLVED | BIAS,
    "residual_block": FILTERS | {"strides": (1, 2, 3)},
    "inverted_residual_block": CONVOLVED
    | FILTERS
    | {"expanded_filters": (0, 9), "squeeze_filters": (0, 3)},
    "branch_block": {"merge": ("concatenate", "concatenate", "add")},
    "max_pool": POOL,
    "average_pool": POOL,
    "spatial_dropout": {},
    "group_norm": {"groups": (1, 1, 2)},
} | {kind: {} for kind in ANYWHERE}
FLAT = {"dense": {"units": (1, 5, 12), "activation": ACTIVATIONS}} | {kind: {} for kind in ANYWHERE}
ON_A_PATH = ("conv", "depthwise_conv", "batch_norm", "activation", "spatial_dropout")


def random_layer(draw: random.Random, kinds: Iterable[str]) -> dict:
    kind = draw.choice(list(kinds))
    fields = (CHOICES | FLAT)[kind]
    values = {name: draw.choice(choices) for name, choices in fields.items()}
    if kind == "branch_block":
        values["paths"] = [
            [random_layer(draw, ON_A_PATH) for _ in range(draw.randint(0, 3))]
            for _ in range(draw.randint(2, 4))
        ]
    return values | {"kind": kind, "enabled": draw.random() > 0.1}


def random_net(seed: int) -> tuple[RunConfig, tuple[int, int, int], Plan]:
    """A net that can be built; lists that can't are drawn again."""
    draw = random.Random(seed)
    while True:
        layers = [random_layer(draw, CHOICES) for _ in range(draw.randint(0, 7))]
        if draw.random() < 0.8:
            ends = ("global_average_pool", "global_max_pool", "flatten")
            layers.append({"kind": draw.choice(ends)})
            layers += [random_layer(draw, FLAT) for _ in range(draw.randint(0, 3))]
        size, channels = draw.choice((8, 13, 20, 32)), draw.choice((1, 3))
        values = {
            "image": {"size": size, "color": "rgb" if channels == 3 else "grayscale"},
            "architecture": {"layers": layers or [{"kind": "dense"}]},
            "regularization": draw.choice(
                ({}, {"batch_norm": True, "dropout": 0.2}, {"stochastic_depth": 0.3, "l2": 0.1})
            ),
        }
        shape = (size, size, channels)
        try:
            config = load_config(values)
            return config, shape, plan_network(config, shape, draw.choice((2, 5)))
        except ConfigError:
            continue


def assert_is_keras_own(config: RunConfig, shape: tuple[int, int, int], plan: Plan) -> None:
    classes = plan.layers[-1].shape[0]
    model = sketched(lambda: build_model(config, shape, classes))
    planned = {layer.name: layer for layer in plan.layers if layer.is_there}
    built = {layer.name: layer for layer in model.layers if layer.name != "image"}
    assert planned.keys() == built.keys()
    for name, layer in built.items():
        own = planned[name]
        assert type(layer).__name__ == own.keras_class, name
        assert layer.output.shape[1:] == own.shape, name
        weights = sum(math.prod(weight.shape) for weight in layer.weights)
        assert weights == own.parameters, name
    assert sum(math.prod(weight.shape) for weight in model.weights) == plan.parameters
    weighted = sum(bool(layer.weights) for layer in model.layers)
    assert weighted == plan.layers_with_weights()


@pytest.mark.parametrize(
    "seeds", [range(70), pytest.param(range(70, 400), marks=pytest.mark.exhaustive)], ids=str
)
def test_shapes_and_parameters_of_random_nets_are_keras_own(seeds):
    kinds = set()
    for seed in seeds:
        config, shape, plan = random_net(seed)
        kinds |= {layer.kind for layer in config.architecture.layers or ()}
        assert_is_keras_own(config, shape, plan)
    discard_sketches()
    assert kinds >= {*CHOICES, *FLAT}


@pytest.mark.parametrize("preset", Preset.__args__)
def test_shapes_and_parameters_of_a_preset_are_keras_own(preset):
    config = load_config({"image": {"size": 33}, "architecture": {"preset": preset}})
    shape = (33, 33, 3)
    assert_is_keras_own(config, shape, plan_network(config, shape, 4))
    discard_sketches()


def counted_by_tensorflow(config: RunConfig, shape: tuple[int, int, int], classes: int) -> int:
    """Half of the operations that TensorFlow's profiler counts for multiplying with kernels."""
    model = build_model(config, shape, classes)
    function = tf.function(lambda images: model(images, training=False))
    graph = function.get_concrete_function(tf.TensorSpec((1, *shape), tf.float32)).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    total = 0
    kernels = ("Conv2D", "DepthwiseConv2dNative", "MatMul")
    for operation in graph.get_operations():
        if operation.type in kernels:
            statistics = tf.compat.v1.profiler.profile(
                graph,
                options=options | {"show_name_regexes": [f"^{operation.name}$"]},
            )
            total += statistics.total_float_ops // 2
    keras.utils.clear_session()
    return total


@pytest.mark.parametrize(
    "seeds",
    [
        range(6),
        *(
            pytest.param(range(at, at + 20), marks=pytest.mark.exhaustive)
            for at in range(0, 200, 20)
        ),
    ],
)
def test_multiply_adds_are_those_that_tensorflow_counts(seeds):
    for seed in seeds:
        config, shape, plan = random_net(seed)
        counted = counted_by_tensorflow(config, shape, plan.layers[-1].shape[0])
        assert counted == plan.multiply_adds, seed
