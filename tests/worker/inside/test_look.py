"""The look inside a net: on a real run, against plain Keras."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import DatasetError, StorageError
from cnnlab.jobs.kinds.feature_maps import FeatureMapsRequest, feature_maps_folder
from cnnlab.jobs.kinds.inside import InsideRequest, inside_folder
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.inside import ArraysFolder
from cnnlab.training.network.model import build_model
from cnnlab.worker.inside.look import look_inside, show_maps
from tests.worker.conftest import do


@pytest.fixture(scope="module")
def looked(run):
    """What the job finds, with training images and t-SNE."""
    files = inside_folder(run.attempt)
    files.folder.mkdir(parents=True)
    found = do(look_inside, InsideRequest("a", 1, True, True), files)
    arrays = files.read_arrays()
    model = run.model
    inside = keras.Model(model.inputs, [model.outputs[0], model.layers[-1].input])
    probabilities, features = inside.predict(run.images, verbose=0)
    return SimpleNamespace(
        found=found, arrays=arrays, probabilities=probabilities, features=features, run=run
    )


def test_points_are_all_images_with_what_the_model_says_of_them(looked):
    arrays, found = looked.arrays, looked.found
    rows, is_training = arrays["positions"], arrays["is_training"]
    assert len(rows) == len(set(rows)) == found["validation"] + found["training"]
    assert np.count_nonzero(is_training) == found["training"] == found["of_training"]
    said = looked.probabilities[rows]
    np.testing.assert_allclose(arrays["probabilities"], said, atol=1e-5)
    assert arrays["pca"].shape == arrays["tsne"].shape == (len(rows), 2)


def test_pca_is_that_of_the_features(looked):
    rows = looked.arrays["positions"]
    centred = looked.features[rows] - looked.features[rows].mean(axis=0)
    shares = np.linalg.svd(centred, compute_uv=False)[:2] ** 2 / (centred**2).sum()
    np.testing.assert_allclose(looked.found["planes"]["pca"]["shares"], shares, rtol=1e-2)
    assert looked.found["features"] == looked.features.shape[1]
    assert 0 < looked.found["planes"]["tsne"]["kept"] <= 1


def test_neighbours_of_wrong_pictures_are_training_images_by_the_angle(looked):
    arrays = looked.arrays
    validation = arrays["positions"][~arrays["is_training"]]
    training = arrays["positions"][arrays["is_training"]]
    wrong = arrays["wrong"]
    assert len(wrong) and set(wrong) <= set(validation)
    assert (np.diff(arrays["wrong_sureness"]) <= 0).all()
    directions = looked.features / np.linalg.norm(looked.features, axis=1, keepdims=True)
    for row, neighbours, distances in zip(
        wrong, arrays["neighbours"], arrays["distances"], strict=True
    ):
        assert set(neighbours) <= set(training)
        apart = 1 - directions[training] @ directions[row]
        np.testing.assert_allclose(distances, np.sort(apart)[:5], atol=1e-4)


def test_filters_are_the_models_own(looked):
    first = looked.run.model.get_layer(looked.found["filter_layer"])
    np.testing.assert_array_equal(
        looked.arrays["filters"], np.asarray(first.kernel).transpose(3, 0, 1, 2)
    )


def test_filters_at_the_start_are_those_that_the_run_began_with(looked, run):
    kernel = looked.arrays["filters_at_start"]
    config = load_config(run.attempt.read_config())
    begun = build_model(config, run.images.shape[1:], looked.probabilities.shape[1])
    first = begun.get_layer(looked.found["filter_layer"])
    np.testing.assert_array_equal(kernel, np.asarray(first.kernel).transpose(3, 0, 1, 2))
    assert not np.array_equal(kernel, looked.arrays["filters"])


def test_another_start_than_that_of_the_run_is_not_shown(run, looked, tmp_path, monkeypatch):
    facts = run.attempt.started()
    facts["layer_checksums"][looked.found["filter_layer"]] = "another version of Keras drew others"
    monkeypatch.setattr(Attempt, "started", lambda attempt: facts)
    assert "filters_at_start" not in _look_anew(tmp_path)


def test_a_start_that_is_gone_takes_nothing_else_away(run, tmp_path, monkeypatch):
    def gone(*given):
        raise StorageError("The weights are gone.")

    monkeypatch.setattr("cnnlab.worker.inside.look.initial_model", gone)
    arrays = _look_anew(tmp_path)
    assert "filters" in arrays and "filters_at_start" not in arrays


def _look_anew(tmp_path):
    files = ArraysFolder(tmp_path / "anew")
    files.folder.mkdir()
    do(look_inside, InsideRequest("a", 1, False, False), files)
    return files.read_arrays()


def test_units_are_told_by_their_strongest_place(looked):
    arrays, model = looked.arrays, looked.run.model
    layer = model.get_layer(looked.found["last_layer"])
    outputs = keras.Model(model.inputs, layer.output).predict(looked.run.images, verbose=0)
    strongest = outputs.max(axis=(1, 2))
    validation = arrays["positions"][~arrays["is_training"]]
    for unit in range(strongest.shape[1]):
        best = np.sort(strongest[validation, unit])[::-1][:8]
        np.testing.assert_allclose(arrays["unit_excitements"][unit], best, atol=1e-4)
        told = strongest[arrays["unit_pictures"][unit], unit]
        np.testing.assert_allclose(told, best, atol=1e-4)


def test_the_example_is_the_surest_mistake_and_its_maps_those_of_the_layers(looked):
    example = looked.found["example"]
    assert example["row"] == looked.arrays["wrong"][0]
    assert example["of_layers"] == len(example["layers"]), "none of a small net is left out"
    for number, layer in enumerate(example["layers"]):
        model = looked.run.model
        values = keras.Model(model.inputs, model.get_layer(layer["name"]).output).predict(
            looked.run.images[[example["row"]]], verbose=0
        )[0]
        shown = values[:, :, layer["shown"]]
        np.testing.assert_allclose(
            [layer["low"], layer["high"]], [shown.min(), shown.max()], atol=1e-4
        )
        shades = looked.arrays[f"maps_{number}"].transpose(1, 2, 0)
        back = layer["low"] + shades / 255 * (layer["high"] - layer["low"])
        np.testing.assert_allclose(back, shown, atol=(layer["high"] - layer["low"]) / 500)


def test_without_training_images_and_tsne_there_are_fewer_points(run, looked, tmp_path):
    files = type(inside_folder(run.attempt))(tmp_path / "inside")
    files.folder.mkdir()
    found = do(look_inside, InsideRequest("a", 1, False, False), files)
    arrays = files.read_arrays()
    assert not arrays["is_training"].any() and len(arrays["positions"]) == found["validation"]
    assert set(found["planes"]) == {"pca"} and "tsne" not in arrays
    np.testing.assert_array_equal(arrays["neighbours"], looked.arrays["neighbours"])


def test_the_maps_of_any_picture_are_shown_and_of_none_refused(run, looked):
    example = looked.found["example"]
    files = feature_maps_folder(run.attempt, example["row"])
    files.folder.mkdir(parents=True)
    maps = do(show_maps, FeatureMapsRequest("a", 1, example["row"]), files)
    assert maps == example
    for number in range(len(maps["layers"])):
        name = f"maps_{number}"
        np.testing.assert_array_equal(files.read_arrays()[name], looked.arrays[name])
    with pytest.raises(DatasetError, match="has no image 9999"):
        do(show_maps, FeatureMapsRequest("a", 1, 9999), files)
