"""The maps of each method, against networks of which it is known what they look at."""

import keras
import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.explaining.methods import HIRESCAM, INTEGRATED, METHODS, OCCLUSION
from cnnlab.training.explaining.explainer import GREY, Explainer
from cnnlab.training.explaining.methods import MOST_CELLS, _coarser, explain
from cnnlab.training.explaining.occlusion import patch_px
from cnnlab.training.explaining.shuffling import mean_rank_correlation, shuffle_check
from cnnlab.training.judging.reference import float32_clone
from cnnlab.training.network.model import build_model

SIDE = 12


def looks_left():
    """Class 0: how bright the left half is; class 1: how bright the right half is."""
    image = keras.Input((SIDE, SIDE, 1))
    values = keras.layers.Rescaling(1 / 255)(image)
    seen = keras.layers.Conv2D(1, 1, use_bias=True)
    flat = keras.layers.Flatten()(seen(values))
    output = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(image, output(flat))
    seen.set_weights([np.ones((1, 1, 1, 1)), np.array([0.3])])
    left = np.zeros((SIDE, SIDE))
    left[:, : SIDE // 2] = 1
    output.set_weights([np.stack([left.ravel(), 1 - left.ravel()], 1), np.array([2.0, -1.0])])
    return model


@pytest.fixture(scope="module")
def explainer():
    return Explainer(looks_left())


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(130, 256, (3, SIDE, SIDE, 1), np.uint8)


@pytest.mark.parametrize("method", METHODS)
def test_a_map_lights_up_where_the_network_looks_and_nowhere_else(method, explainer, pictures):
    for label, half in ((0, np.s_[:, : SIDE // 2 - 2]), (1, np.s_[:, SIDE // 2 + 2 :])):
        maps = explain(explainer, method, pictures, np.full(3, label)).values
        assert maps.shape == (3, SIDE, SIDE)
        for one in maps:
            assert one[half].min() > 0
            assert np.maximum(one, 0)[half].sum() > 0.6 * np.maximum(one, 0).sum()
            other = np.s_[:, SIDE // 2 + 2 :] if label == 0 else np.s_[:, : SIDE // 2 - 2]
            assert np.abs(one[other]).max() < 1e-4


@pytest.mark.parametrize("method", [HIRESCAM, INTEGRATED])
def test_maps_of_a_linear_network_add_up_to_the_score_beyond_that_of_grey(
    method, explainer, pictures
):
    labels = np.array([0, 1, 0])
    grey = explainer.logits(np.full((1, SIDE, SIDE, 1), GREY))[0, labels]
    expected = explainer.logits(pictures)[np.arange(3), labels] - grey
    maps = explain(explainer, method, pictures, labels)
    np.testing.assert_allclose(maps.values.sum(axis=(1, 2)), expected, rtol=1e-4)
    if method == INTEGRATED:
        assert maps.misses.max() < 1e-4


def test_scores_are_what_goes_into_the_softmax(explainer, pictures):
    said = looks_left().predict(pictures, verbose=0)
    np.testing.assert_allclose(keras.ops.softmax(explainer.logits(pictures)), said, atol=1e-6)


def test_integrated_gradients_tell_how_far_they_miss_the_score():
    image = keras.Input((2, 2, 1))
    steep = keras.layers.Lambda(lambda x: keras.ops.sigmoid(3 * (x - 200)))(image)
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(
        keras.layers.Flatten()(steep)))  # fmt: skip
    model.layers[-1].set_weights([np.ones((4, 2)), np.zeros(2)])
    picture = np.full((1, 2, 2, 1), 255, np.uint8)
    found = explain(Explainer(model), INTEGRATED, picture, np.array([0]))
    assert found.misses[0] > 0.05, "the rise lies between two steps of the path"


def test_a_network_without_a_picture_has_no_hirescam_but_the_others(pictures):
    config = load_config(
        {"dataset": "d", "architecture": {"layers": [{"kind": "dense", "units": 5}]}}
    )
    explainer = Explainer(float32_clone(build_model(config, (SIDE, SIDE, 1), 2)))
    with pytest.raises(RunStateError, match="no layer .* take integrated gradients or occlusion"):
        explain(explainer, HIRESCAM, pictures, np.zeros(3, int))
    for method in (INTEGRATED, OCCLUSION):
        assert np.ptp(explain(explainer, method, pictures, np.zeros(3, int)).values) > 0


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_the_precision_that_it_was_trained_in_does_not_matter(precision):
    values = {"dataset": "d", "architecture": {"preset": "tiny_cnn"}}
    picture = np.random.default_rng(1).integers(0, 256, (2, 16, 16, 3), np.uint8)

    def maps(precision):
        config = load_config({**values, "training": {"precision": precision}})
        model = build_model(config, (16, 16, 3), 3)
        return explain(Explainer(float32_clone(model)), HIRESCAM, picture, np.zeros(2, int)).values

    np.testing.assert_allclose(maps(precision), maps("float32"), atol=1e-6)


def test_a_square_covers_a_sixth_of_the_side_and_moves_by_half():
    assert [patch_px(side) for side in (48, 32, 224, 8, 3, 1)] == [
        (8, 4), (5, 2), (37, 18), (2, 1), (2, 1), (1, 1),
    ]  # fmt: skip


def test_large_maps_are_made_coarser_by_means():
    maps = np.random.default_rng(0).random((2, 150, 96)).astype(np.float32)
    small = _coarser(maps)
    assert small.shape == (2, MOST_CELLS, MOST_CELLS)
    np.testing.assert_allclose(small[0, 0, 0], maps[0, :2, :1].mean(), rtol=1e-5)
    np.testing.assert_array_equal(_coarser(maps[:, :64, :64]), maps[:, :64, :64])


def test_rank_correlation_of_maps():
    rising = np.arange(12.0).reshape(1, 3, 4)
    assert mean_rank_correlation(rising, rising**2) == pytest.approx(1)
    assert mean_rank_correlation(rising, -rising) == pytest.approx(-1)
    flat = np.ones((1, 3, 4))
    assert mean_rank_correlation(rising, flat) == 0
    assert mean_rank_correlation(flat, rising) is None
    assert mean_rank_correlation(rising, np.full((1, 3, 4), np.nan)) == 0


def test_maps_of_what_was_learnt_change_with_the_weights_and_the_model_stays(pictures):
    model = looks_left()
    before = [weights.copy() for weights in model.get_weights()]
    check = shuffle_check(model, Explainer(model), HIRESCAM, pictures, lambda: None)
    assert (check["method"], check["pictures"]) == (HIRESCAM, 3)
    assert abs(check["signed"]) < 0.5
    assert abs(check["sizes"]) < 0.5
    for weights, was in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, was)


def test_maps_that_show_the_picture_whatever_the_weights_are_stay_but_for_their_signs():
    """As an edge detector: each cell is what the picture is there, times a number of the class."""
    random = np.random.default_rng(2)
    pictures = random.integers(0, 256, (6, SIDE, SIDE, 1), np.uint8)
    image = keras.Input((SIDE, SIDE, 1))
    same = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(image, same(keras.layers.GlobalAveragePooling2D()(
        keras.layers.Conv2D(8, 1, use_bias=False)(image))))  # fmt: skip
    model.set_weights([random.normal(size=(1, 1, 1, 8)), random.normal(size=(8, 2)), np.zeros(2)])
    check = shuffle_check(model, Explainer(model), HIRESCAM, pictures, lambda: None)
    assert check["sizes"] == pytest.approx(1, abs=1e-3)


def test_of_a_rise_of_nearly_nothing_the_miss_is_no_huge_share():
    """What speaks for the class is taken back by what speaks against it, at other steps."""
    image = keras.Input((1, 2, 1))
    rises = keras.layers.Lambda(lambda x: keras.ops.sigmoid(x - [[[140.0], [200.0]]]))(image)
    head = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(image, head(keras.layers.Flatten()(rises)))
    head.set_weights([np.array([[1.0, 0], [-1, 0]]), np.zeros(2)])
    explainer = Explainer(model)
    picture = np.full((1, 1, 2, 1), 255, np.uint8)
    grey = np.full((1, 1, 2, 1), GREY)
    assert abs(explainer.logits(picture) - explainer.logits(grey))[0, 0] < 1e-3
    found = explain(explainer, INTEGRATED, picture, np.array([0]))
    assert 0 < found.misses[0] <= 1
    assert found.misses[0] == pytest.approx(
        abs(found.values.sum()) / np.abs(found.values).sum(), rel=0.05
    )
