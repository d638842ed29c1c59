"""What a model tells of its inside, whatever its network is like."""

import keras
import numpy as np
import pytest

from cnnlab.training.inside.inside_model import InsideModel
from cnnlab.training.inside.layers import MOST_LAYERS, first_filters, picture_layers, shown_layers
from cnnlab.training.judging.reference import float32_clone
from cnnlab.training.network.model import build_model

IMAGES = np.random.default_rng(0).integers(0, 256, (9, 32, 32, 3), np.uint8)


def _model(**architecture):
    from cnnlab.domain.config.run_config import load_config  # noqa: PLC0415

    config = load_config({"image": {"size": 32}, "architecture": architecture})
    return float32_clone(build_model(config, (32, 32, 3), 4))


@pytest.mark.parametrize(
    "preset",
    [
        "tiny_cnn",
        "resnet_small",
        pytest.param("mobilenet_v3_small", marks=pytest.mark.exhaustive),
    ],
)
def test_every_preset_tells_features_units_and_maps(preset):
    model = _model(preset=preset)
    inside = InsideModel(model)
    done = []
    seen = inside(IMAGES, np.arange(9), done.append)
    assert done[-1] == 9
    probabilities, features = keras.Model(
        model.inputs, [model.outputs[0], model.layers[-1].input]
    ).predict(IMAGES, verbose=0)
    np.testing.assert_allclose(seen.probabilities, probabilities, atol=1e-5)
    np.testing.assert_allclose(seen.features, features, atol=1e-4)
    last = model.get_layer(inside.last_layer)
    assert seen.excitement.shape == (9, last.output.shape[-1])
    maps = inside.maps(IMAGES[0])
    assert 0 < len(maps) <= MOST_LAYERS and list(maps)[-1] == inside.last_layer
    for name, values in maps.items():
        assert values.shape == model.get_layer(name).output.shape[1:]
        assert values.shape[0] * values.shape[1] > 1
    np.testing.assert_allclose(
        maps[inside.last_layer].max(axis=(0, 1)), seen.excitement[0], rtol=1e-3, atol=1e-3
    )


def test_a_net_of_dense_layers_has_features_and_no_maps():
    layers = [{"kind": "flatten"}, {"kind": "dense", "units": 6}]
    model = _model(layers=layers)
    inside = InsideModel(model)
    seen = inside(IMAGES, np.arange(9), lambda done: None)
    assert seen.features.shape == (9, 6) and seen.excitement.shape == (9, 0)
    assert (inside.last_layer, inside.maps(IMAGES[0])) == ("", {})
    assert first_filters(model) is None


def test_filters_are_those_of_the_first_convolution():
    name, filters = first_filters(_model(preset="tiny_cnn", filters=5))
    assert filters.shape == (5, 3, 3, 3) and name


def test_of_a_deep_net_the_first_and_the_last_layer_are_shown():
    layers = picture_layers(_model(preset="mobilenet_v3_small"))
    shown = shown_layers(layers)
    assert len(layers) > len(shown) == MOST_LAYERS
    assert (shown[0], shown[-1]) == (layers[0], layers[-1])
