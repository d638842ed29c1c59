"""Which layer a map is made of, in networks whose layers are known."""

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.training.explaining.explainer import Explainer
from cnnlab.training.explaining.picture_layer import MOST_BEHIND, picture_layer
from cnnlab.training.network.model import build_model


def network(side=32, channels=3, **architecture):
    config = load_config({"dataset": "d", "architecture": architecture})
    return build_model(config, (side, side, channels), 3)


def conv(filters=4, **more):
    return {"kind": "conv", "filters": filters, **more}


def found(*layers, side=32):
    layer = picture_layer(network(side, layers=list(layers)))
    return layer and tuple(layer.output.shape[1:3])


POOL = {"kind": "max_pool"}


@pytest.mark.parametrize(
    ("layers", "cells"),
    [
        ([conv(), {"kind": "flatten"}], (32, 32)),
        ([conv(), POOL, conv(), {"kind": "global_average_pool"}], (16, 16)),
        ([conv(), POOL, conv(), POOL, POOL, conv()], (8, 8)),  # 4 × 4 is coarse
        ([conv(), POOL, POOL, POOL, *[conv()] * 4], (4, 4)),  # what is finer is too early
        ([conv(), POOL, POOL, POOL, POOL, *[conv()] * 4], (4, 4)),  # 2 × 2 says too little
        ([conv(), POOL, POOL, POOL, {"kind": "flatten"}], (8, 8)),  # the last fine one
        ([{"kind": "residual_block", "filters": 4}, {"kind": "flatten"}], (32, 32)),
        ([conv(), {"kind": "dropout", "rate": 0.5, "enabled": False}, POOL], (16, 16)),
        ([{"kind": "dense", "units": 5}], None),
        ([POOL, {"kind": "dense", "units": 5}], None),  # it has learnt nothing yet
    ],
)
def test_the_last_picture_that_is_fine_enough_is_taken(layers, cells):
    assert found(*layers) == cells


@pytest.mark.parametrize(("behind", "is_first"), [(MOST_BEHIND, False), (MOST_BEHIND + 1, True)])
def test_of_coarse_ones_with_much_behind_them_the_first_is_taken(behind, is_first):
    """Else the last: what comes late knows most, but is spread over all cells."""
    model = network(layers=[*[conv(), POOL] * 3, *[conv()] * 3, POOL, *[conv()] * behind])
    layer = picture_layer(model)
    coarse = [one for one in model.layers if one.output.shape[1:3] == (4, 4)]
    assert len(coarse) > 3
    assert layer is (coarse[0] if is_first else coarse[-1])


def test_of_a_small_picture_the_finest_is_taken():
    assert found(conv(), POOL, conv(), side=8) == (8, 8)
    assert found(conv(strides=2), conv(strides=2), side=8) == (4, 4)


def test_one_of_several_branches_is_none():
    branch = {"kind": "branch_block", "paths": [[conv()], [conv(6)]]}
    model = network(layers=[branch, {"kind": "global_average_pool"}])
    layer = picture_layer(model)
    assert layer.output.shape[-1] == 10, "both of them, joined"


def test_within_a_residual_block_there_is_none_but_its_end():
    model = network(16, layers=[{"kind": "residual_block", "filters": 4}, {"kind": "flatten"}])
    assert "add" in picture_layer(model).name


def test_a_network_without_any_says_so():
    explainer = Explainer(network(8, layers=[{"kind": "dense", "units": 5}]))
    assert (explainer.layer, explainer.classes) == (None, 3)


def test_what_is_told_of_the_layer():
    layers = [conv(), {"kind": "max_pool"}, *[conv()] * 2, {"kind": "max_pool"}, conv()]
    model = network(16, layers=[*layers, {"kind": "flatten"}])
    told = Explainer(model).layer
    assert (told["height"], told["width"], told["behind"]) == (8, 8, 1)
    assert model.get_layer(told["name"]).output.shape[1:3] == (8, 8)
