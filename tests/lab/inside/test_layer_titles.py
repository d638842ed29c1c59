"""Layers are called as the Train page calls their blocks."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.made_runs import made_run, no_supervisor


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


def _titles(dataset, preset):
    config = load_config({"dataset": dataset.id, "architecture": {"preset": preset}})
    return lab.layer_titles(made_run(config, status=Status.FINISHED))


def test_a_layer_has_the_number_and_the_name_of_its_block(dataset):
    titles = _titles(dataset, "small_cnn")
    assert titles["block1_conv"] == titles["block1_conv_activation"] == "1. Convolution"
    assert titles["block2_conv_activation"] == "3. Convolution"
    assert "probabilities" not in titles


def test_several_layers_of_one_sort_in_a_block_are_told_apart(dataset):
    titles = _titles(dataset, "resnet_small")
    found = [titles[f"block1_residual_{each}_activation"] for each in ("conv", "add")]
    assert found == ["2. Residual block, activation 1", "2. Residual block, activation 2"]
