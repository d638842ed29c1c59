"""The page's network computes what Keras does, layer by layer."""

import keras
import numpy as np
import pytest

from cnnlab.domain.config.layer_specs import Layer
from cnnlab.domain.errors import ExportError
from cnnlab.exports.web_page import plan as planning
from cnnlab.exports.web_page.layer_plans import ACTIVATIONS
from cnnlab.exports.web_page.plan import plan_of
from cnnlab.exports.web_page.weights import fits_halves, halved, to_text
from cnnlab.training.judging.reference import reference_probabilities
from tests.exports.web_page.in_node import computed, needs_node
from tests.exports.web_page.pages import IMAGES, built

OWN_LAYERS = {
    "every kind": [
        {"kind": "conv", "filters": 6, "kernel_size": 4, "strides": 1, "activation": "gelu"},
        {"kind": "batch_norm"},
        {"kind": "separable_conv", "filters": 7, "kernel_size": 3, "activation": "silu"},
        {"kind": "group_norm", "groups": 7},
        {"kind": "depthwise_conv", "kernel_size": 5, "strides": 2, "activation": "elu"},
        {"kind": "layer_norm"},
        {"kind": "spatial_dropout"},
        {"kind": "residual_block", "filters": 8, "strides": 1},
        {"kind": "average_pool", "pool_size": 2},
        {"kind": "gaussian_noise"},
        {"kind": "activation", "activation": "tanh"},
        {"kind": "flatten"},
        {"kind": "dense", "units": 9, "activation": "leaky_relu"},
        {"kind": "batch_norm"},
        {"kind": "layer_norm"},
        {"kind": "dropout"},
        {"kind": "activation", "activation": "elu"},
    ],
    "norms first": [
        {"kind": "batch_norm"}, {"kind": "activation"},
        {"kind": "conv", "filters": 8, "strides": 3},
        {"kind": "group_norm", "groups": 2}, {"kind": "max_pool", "pool_size": 3},
        {"kind": "global_max_pool"}, {"kind": "activation", "activation": "silu"},
    ],
    "large kernels": [
        {"kind": "conv", "filters": 5, "kernel_size": 31, "activation": "linear"},
        {"kind": "depthwise_conv", "kernel_size": 2, "strides": 3},
        {"kind": "separable_conv", "filters": 3, "kernel_size": 1, "strides": 2},
        {"kind": "residual_block", "filters": 5, "strides": 2}, {"kind": "global_average_pool"},
    ],
    "own scale": [{"kind": "rescaling", "scale": 2, "offset": -1}, {"kind": "flatten"}],
    "inverted": [
        {"kind": "conv", "filters": 6, "strides": 2, "use_bias": False, "activation": "relu6"},
        {"kind": "inverted_residual_block", "filters": 6, "expanded_filters": 10,
         "squeeze_filters": 3, "activation": "hard_silu"},
        {"kind": "rescaling", "scale": -3, "offset": 0.5},
        {"kind": "inverted_residual_block", "filters": 9, "expanded_filters": 0,
         "kernel_size": 5, "strides": 2},
        {"kind": "inverted_residual_block", "filters": 9, "expanded_filters": 0,
         "squeeze_filters": 2, "activation": "linear"},
    ],
    # What several paths take must stay as it is for all of them.
    "branches": [
        {"kind": "conv", "filters": 6, "activation": "linear"},
        {"kind": "branch_block", "paths": [
            [{"kind": "batch_norm"}, {"kind": "activation", "activation": "hard_silu"}],
            [{"kind": "activation", "activation": "relu6"}],
            [{"kind": "conv", "filters": 3, "kernel_size": 1, "use_bias": False}], []]},
        {"kind": "branch_block", "merge": "add", "paths": [
            [{"kind": "spatial_dropout"}, {"kind": "layer_norm"}], [],
            [{"kind": "depthwise_conv", "use_bias": False}], [{"kind": "gaussian_noise"}]]},
        {"kind": "conv", "filters": 4, "enabled": False},
        {"kind": "branch_block", "paths": [
            [{"kind": "max_pool"}, {"kind": "group_norm", "groups": 3}], [{"kind": "average_pool"}],
            [{"kind": "separable_conv", "filters": 2, "strides": 3, "use_bias": False}]][:2]},
    ],
    "dense only": [{"kind": "dense", "units": 1}, {"kind": "dense", "units": 33}],
}  # fmt: skip

CONFIGS = {
    **{preset: {"architecture": {"preset": preset}} for preset in (
        "tiny_cnn", "small_cnn", "vgg_small", "resnet_small", "mobilenet_v3_small",
        "efficientnet_lite0")},
    "with all regularizers": {
        "architecture": {"preset": "resnet_small", "activation": "gelu", "filters": 6},
        "regularization": {"dropout": 0.3, "spatial_dropout": 0.2, "stochastic_depth": 0.5,
                           "gaussian_noise": 0.2, "batch_norm": True},
    },
    "grey": {"architecture": {"preset": "tiny_cnn"}, "image": {"color": "grayscale"}},
    **{name: {"architecture": {"layers": layers}} for name, layers in OWN_LAYERS.items()},
}  # fmt: skip


@needs_node
def test_every_network_says_what_keras_says():
    cases, expected = [], []
    for parts in CONFIGS.values():
        model = built(parts)
        images = IMAGES[..., : model.input_shape[-1]]
        cases.append((*to_text(plan_of(model), in_halves=False), images))
        expected.append(reference_probabilities(model, images, lambda: None))
    for name, said, right in zip(CONFIGS, computed(cases), expected, strict=True):
        assert np.abs(said - right).max() < 2e-6, name
        assert np.ptp(right, axis=0).max() > 1e-3, f"{name}: any network would have agreed"


def test_every_kind_of_layer_is_among_them():
    kinds = {kind.model_fields["kind"].default for kind in Layer.__args__[0].__args__}
    assert kinds == {layer["kind"] for layers in OWN_LAYERS.values() for layer in layers}


@needs_node
def test_every_activation_is_keras_one():
    image = keras.Input((2, 2, 3))
    models = []
    for name in ACTIVATIONS:
        wide = keras.layers.Rescaling(1 / 20, offset=-6)(image)
        flat = keras.layers.Flatten()(keras.layers.Activation(name)(wide))
        models.append(keras.Model(image, flat))
    images = np.arange(48, dtype=np.uint8).reshape(4, 2, 2, 3) * 5
    cases = [(*to_text(plan_of(model), in_halves=False), images) for model in models]
    for name, model, said in zip(ACTIVATIONS, models, computed(cases), strict=True):
        np.testing.assert_allclose(said, model.predict(images, verbose=0), atol=2e-6, err_msg=name)


@needs_node
def test_half_the_bits_are_read_as_they_were_written():
    model = built({"architecture": {"preset": "resnet_small"}})
    [said] = computed([(*to_text(plan_of(model), in_halves=True), IMAGES)])
    whole = reference_probabilities(model, IMAGES, lambda: None)
    assert 0 < np.abs(said - whole).max() < 5e-3
    tiny = np.array([[6e-8, -1e-5, 65504, -0.0], [1, 0.333, -2, 6.2e-5]], np.float32)
    image = keras.Input((1, 1, 2))
    model = keras.Model(image, keras.layers.Dense(4)(keras.layers.Flatten()(image)))
    model.set_weights([tiny, np.zeros(4, np.float32)])
    ones = np.array([[[[1, 0]]], [[[0, 1]]]], np.uint8)
    [said] = computed([(*to_text(plan_of(model), in_halves=True), ones)])
    assert np.array_equal(said, halved(tiny))


def test_numbers_beyond_float16_keep_all_their_bits():
    model = built({"architecture": {"preset": "tiny_cnn"}})
    assert fits_halves(plan_of(model))
    model.layers[-1].kernel.assign(model.layers[-1].kernel * 1e7)
    assert not fits_halves(plan_of(model))


def _only(layer, shape=(8, 8, 4)):
    image = keras.Input(shape)
    return keras.Model(image, layer(image))


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (keras.layers.Conv2DTranspose(3, 3, name="up"), "has no Conv2DTranspose"),
        (keras.layers.Conv2D(4, 3, groups=2, name="up"), "groups"),
        (keras.layers.Conv2D(4, 3, dilation_rate=2, name="up"), "gaps"),
        (keras.layers.DepthwiseConv2D(3, depth_multiplier=2, name="up"), "several channels"),
        (keras.layers.SeparableConv2D(4, 3, depth_multiplier=2, name="up"), "several channels"),
        (keras.layers.Dense(3, name="up"), "given pictures"),
        (keras.layers.Activation("softplus", name="up"), "no activation 'softplus'"),
        (keras.layers.BatchNormalization(axis=1, name="up"), "normalizes by another rule"),
        (keras.layers.Conv2D(4, 3, dtype="float16", name="up"), "computes in float16"),
    ],
)
def test_what_the_page_does_not_know_is_refused_by_the_name_of_its_layer(layer, why):
    with pytest.raises(ExportError, match=f"The layer 'up' can't be part .*{why}.*ONNX"):
        plan_of(_only(layer))


def test_a_network_that_no_mail_holds_is_refused(monkeypatch):
    monkeypatch.setattr(planning, "MOST_WEIGHTS", 1000)
    with pytest.raises(ExportError, match="has 1,0.. weights|has [0-9,]+ weights.*at most 1,000"):
        plan_of(built({"architecture": {"preset": "tiny_cnn"}}))
