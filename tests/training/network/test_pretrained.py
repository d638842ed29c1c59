from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab.domain.errors import ConfigError
from cnnlab.training.network.model import build_model
from cnnlab.training.network.pretrained import load_pretrained


def start_of(arrays):
    return SimpleNamespace(
        arrays=arrays, words="the file weights.h5", sha256="5a", licence="", seen=None
    )


@pytest.fixture
def model(tiny_config):
    return build_model(tiny_config(), (12, 12, 3), 3)


def test_what_fits_by_name_and_shape_is_taken_and_the_rest_stays(model):
    drawn = {weight.path: weight.numpy() for weight in model.weights}
    names = list(drawn)
    arrays = {
        names[0]: np.full(drawn[names[0]].shape, 0.5, np.float32),
        names[1]: np.zeros((99,), np.float32),
        "elsewhere/kernel": np.zeros((3, 3), np.float32),
    }
    transfer = load_pretrained(model, start_of(arrays))
    assert transfer.taken == (names[0],) and transfer.new == tuple(names[1:])
    for weight in model.weights:
        expected = arrays[names[0]] if weight.path == names[0] else drawn[weight.path]
        np.testing.assert_array_equal(weight, expected)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("block1_conv/kernel", "block1_conv/kernel have other shapes here"),
        ("stem/kernel", "they are of 1 layer that begin with 'stem': take the preset"),
    ],
)
def test_where_nothing_fits_a_sentence_says_which_network_would(model, name, hint):
    with pytest.raises(ConfigError, match=rf"architecture.pretrained .*{hint}.* the file weights"):
        load_pretrained(model, start_of({name: np.zeros((1, 1), np.float32)}))
