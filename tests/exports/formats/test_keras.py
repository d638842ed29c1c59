"""The `.keras` file: what plain Keras finds in it."""

import json
import zipfile

import keras
import numpy as np
import pytest

from cnnlab.exports.formats.keras import DESCRIPTION, FORMAT

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_it_says_what_its_classes_and_images_are(given, tmp_path):
    FORMAT.save(given.source, tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        said = json.loads(archive.read(DESCRIPTION))
    assert said["class_names"] == list(given.about.class_names)
    assert said["image"] == {"size": 12, "color": "rgb", "resize": "crop"}


def test_the_weights_are_those_of_the_model_in_float32_and_nothing_else(given_mixed, tmp_path):
    FORMAT.save(given_mixed.source, tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert {layer.compute_dtype for layer in loaded.layers} == {"float32"}
    assert (tmp_path / "model.keras").stat().st_size < 2 * 4 * loaded.count_params()
    for own, other in zip(loaded.weights, given_mixed.trained.weights, strict=True):
        np.testing.assert_array_equal(own.value.numpy(), other.value.numpy())
