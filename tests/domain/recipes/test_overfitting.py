import pytest

from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.recipes.overfitting import overfit_on_purpose


@pytest.mark.parametrize(
    ("training", "few", "epochs"),
    [([100] * 10, 20, 31), ([60, 64], 20, 100), ([20, 9, 12], 6, 100), ([5000] * 100, 20, 20)],
)
def test_few_images_and_enough_steps_suit_the_dataset(training, few, epochs):
    found = overfit_on_purpose(training, "small_cnn")
    config = load_config(with_changes({"dataset": "d"}, found.changes))
    assert (config.split.images_per_class, config.training.epochs) == (few, epochs)
    assert config.architecture.dense_units == 512
    assert f"{few} training images of each class (of up to {max(training):,})" in found.words
    assert f"{epochs} epochs" in found.words


def test_what_the_form_has_of_its_own_stays():
    found = overfit_on_purpose([50], "vgg_small", has_own_layers=True, has_phases=True)
    assert found.changes == {"split.images_per_class": 20, "training.batch_size": 16}
    for small in ("tiny_cnn", "mobilenet_v3_small"):
        assert overfit_on_purpose([50], small).changes["architecture.preset"] == "small_cnn"
    assert overfit_on_purpose([50], "vgg_small").changes["architecture.preset"] == "vgg_small"
