"""What several runs' layers are called, where they differ and where they don't."""

from cnnlab.domain.config.run_config import load_config
from cnnlab.ui.layer_names import layer_names
from tests.made_runs import made_run


def test_layers_are_called_as_on_train(dataset):
    runs = [made_run(load_config({"dataset": dataset.id})) for _ in range(2)]
    assert layer_names(runs)["block2_conv"] == "3. Convolution"


def test_a_layer_that_two_nets_call_by_different_numbers_keeps_its_own_name(dataset):
    runs = [
        made_run(load_config({"dataset": dataset.id, "architecture": {"preset": preset}}))
        for preset in ("small_cnn", "vgg_small")
    ]
    names = layer_names(runs)
    assert names["block1_conv"] == "1. Convolution"
    assert "block2_conv" not in names and names["block1_conv2"] == "2. Convolution"
    assert layer_names(iter(())) == {}
