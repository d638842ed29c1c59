"""What the drawing says of each block is what the plan says, as far as the net is sound."""

from typing import get_args

import pytest

from cnnlab.domain.config.architecture import Preset
from cnnlab.domain.config.layer_specs import Layer
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.network.blocks import describe_network
from cnnlab.domain.network.layer_kinds import LAYER_KINDS
from cnnlab.domain.network.planner import plan_network


def config_of(*layers, size=48, **parts):
    architecture = {"layers": list(layers)} if layers else {}
    architecture |= parts.pop("architecture", {})
    return load_config({"image": {"size": size}, "architecture": architecture, **parts})


def describe(*layers, size=48, **parts):
    return describe_network(config_of(*layers, size=size, **parts), (size, size, 3), 10)


def test_every_kind_of_layer_has_words_and_draws_with_its_defaults():
    models = get_args(get_args(Layer)[0])
    assert {kind.model for kind in LAYER_KINDS.values()} == set(models)
    for name in LAYER_KINDS:
        block = describe({"kind": "conv"}, {"kind": name}).blocks[2]
        assert not block.problem
        assert block.title.startswith(LAYER_KINDS[name].name)


def test_a_block_is_told_in_words():
    layer = {"kind": "conv", "filters": 32, "strides": 2, "activation": "leaky_relu"}
    block = describe(layer).blocks[1]
    assert block.title == "Convolution 3×3, 32 filters, stride 2, leaky relu"
    assert (block.shape, block.parameters) == ((24, 24, 32), 32 * (27 + 1))
    assert block.multiply_adds == 24 * 24 * 32 * 27
    assert block.receptive_field == 3


@pytest.mark.parametrize("preset", get_args(Preset))
def test_blocks_add_up_to_the_plan(preset):
    config = load_config({"image": {"size": 96}, "architecture": {"preset": preset}})
    plan, drawn = plan_network(config, (96, 96, 3), 10), describe_network(config, (96, 96, 3), 10)
    assert sum(block.parameters for block in drawn.blocks) == plan.parameters == drawn.parameters
    assert sum(block.multiply_adds for block in drawn.blocks) == plan.multiply_adds
    assert sum(block.time_share for block in drawn.blocks) == pytest.approx(1)
    assert sum(block.memory_share for block in drawn.blocks) == pytest.approx(1)
    assert drawn.blocks[-1].layers_with_weights == plan.layers_with_weights() - 1
    assert not drawn.problem


def test_freezing_by_block_counts_layers_with_weights():
    drawn = describe({"kind": "conv"}, {"kind": "max_pool"}, {"kind": "residual_block"})
    assert [drawn.frozen_up_to(place) for place in (-1, 0, 1, 2)] == [0, 1, 1, 7]
    assert [drawn.frozen_place(count) for count in (0, 1, 6, 7, 99)] == [-1, 0, 0, 2, 2]


def test_of_a_wrong_net_what_stands_before_the_error_is_known():
    layers = [{"kind": "conv"}, {"kind": "flatten"}, {"kind": "max_pool"}, {"kind": "dense"}]
    drawn = describe(*layers)
    known = [block.parameters is not None for block in drawn.blocks]
    assert known == [True, True, True, False, False, False]
    assert [bool(block.problem) for block in drawn.blocks] == [False] * 3 + [True, False, False]
    assert drawn.blocks[3].problem == drawn.problem
    assert "needs an image" in drawn.problem


def test_a_last_layer_that_is_too_large_is_said_at_the_classes():
    drawn = describe({"kind": "conv", "filters": 2048}, {"kind": "flatten"}, size=512)
    assert "2,147,483,647" in drawn.blocks[-1].problem


def test_what_is_off_is_drawn_and_costs_nothing():
    off = describe({"kind": "conv"}, {"kind": "batch_norm", "enabled": False}).blocks[2]
    assert (off.enabled, off.parameters, off.layers_with_weights) == (False, None, 1)


def test_paths_show_their_layers_with_shapes():
    paths = [[], [{"kind": "conv", "filters": 5}, {"kind": "batch_norm", "enabled": False}]]
    block = describe({"kind": "branch_block", "paths": paths}).blocks[1]
    assert [[layer.shape for layer in path] for path in block.paths] == [[], [(48, 48, 5), None]]
    assert block.shape == (48, 48, 8)


CONV, POOL = {"kind": "conv"}, {"kind": "max_pool"}


@pytest.mark.parametrize(
    ("layers", "place", "said"),
    [
        ([*[POOL] * 5, CONV], 6, "only 1 px wide"),
        ([CONV, {"kind": "flatten"}, {"kind": "dense", "units": 64}], 3, "73,728 values times 64"),
        ([CONV, {"kind": "global_max_pool"}], 2, "has seen 3 of 48 px"),
        ([CONV, {"kind": "batch_norm"}, {"kind": "layer_norm"}], 3, "Two normalizations"),
    ],
)
def test_what_is_seldom_meant_is_hinted_at_its_block(layers, place, said):
    drawn = describe(*layers)
    hints = {at: block.hints for at, block in enumerate(drawn.blocks) if block.hints}
    assert list(hints) == [place]
    assert said in hints[place][0]


@pytest.mark.parametrize("preset", get_args(Preset))
def test_presets_give_no_hints_at_usual_sizes(preset):
    drawn = describe(size=64, architecture={"preset": preset})
    assert [block.hints for block in drawn.blocks if block.hints] == []
