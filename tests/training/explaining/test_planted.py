"""Where a network must look is known here: a patch at a random place decides the class."""

import keras
import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.explaining.methods import CHANGES_BELOW, HIRESCAM, STAYS_FROM
from cnnlab.training.explaining.explainer import Explainer
from cnnlab.training.explaining.methods import explain
from cnnlab.training.explaining.shuffling import shuffle_check
from cnnlab.training.judging.reference import float32_clone
from cnnlab.training.network.model import build_model
from tests.planted import CLASSES, planted, share_on_patch

SIDE = 32
LEAST_ON_PATCH = 0.8
ENOUGH = 0.97

PICTURES = {"mobilenet_v3_small": 6000}
"""It knows 2,000 by heart, and then .88 to .90 of others."""

OTHERS = ["tiny_cnn", "resnet_small", "vgg_small", "mobilenet_v3_small", "efficientnet_lite0"]
"""By hand: small_cnn, seven seconds of the processor, is asked in every check."""


@pytest.mark.parametrize(
    "preset",
    [
        "small_cnn",
        *(
            pytest.param(name, marks=[pytest.mark.exhaustive, pytest.mark.timeout(3600)])
            for name in OTHERS
        ),
    ],
)
def test_the_default_map_lies_on_the_patch_that_decides(preset):
    """And the maps change with the weights; the patch alone tells the class."""
    model = trained(preset)
    pictures, labels, patches = planted(200, side=SIDE, seed=2)
    bare, bare_labels, _ = planted(200, side=SIDE, seed=3, without=True)
    is_right = model.predict(pictures, verbose=0).argmax(axis=1) == labels
    guessed = model.predict(bare, verbose=0).argmax(axis=1) == bare_labels
    assert is_right.mean() > 0.9
    assert guessed.mean() < 1 / CLASSES + 0.12, "without the patch nothing tells the class"
    clone = float32_clone(model)
    explainer = Explainer(clone)
    maps = explain(explainer, HIRESCAM, pictures, labels).values
    shares = share_on_patch(maps, patches, SIDE)[is_right]
    by_chance = share_on_patch(np.ones_like(maps), patches, SIDE).mean()
    assert by_chance < shares.mean() - 0.1, "a map that knows nothing is told from one that does"
    assert shares.mean() >= LEAST_ON_PATCH, f"{shares.mean():.3f} at {explainer.layer}"
    check = shuffle_check(clone, explainer, HIRESCAM, pictures[:12], lambda: None)
    assert abs(check["signed"]) < CHANGES_BELOW
    assert abs(check["sizes"]) < STAYS_FROM


def trained(preset):
    """The network of a preset, trained until it knows the patches."""
    config = load_config({"dataset": "d", "architecture": {"preset": preset}})
    keras.utils.set_random_seed(0)
    model = build_model(config, (SIDE, SIDE, 3), CLASSES)
    model.compile(
        keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    pictures, labels, _ = planted(PICTURES.get(preset, 2000), side=SIDE, seed=1)
    unseen = planted(200, side=SIDE, seed=4)[:2]
    for _ in range(25):
        model.fit(pictures, labels, batch_size=32, verbose=0)
        if model.evaluate(*unseen, verbose=0)[1] >= ENOUGH:
            break
    return model
