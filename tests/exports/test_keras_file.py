"""The exported model in a process without cnnlab."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageOps

from cnnlab.datasets.pictures.decode import open_image, to_square
from cnnlab.domain.errors import TrainingError
from cnnlab.exports.keras_file import read_description, save_keras, usage_snippet, verify_keras
from cnnlab.training.network.model import build_model

CLASSES = ('plain "quoted"', "nl\n<b>", "Ünïcode 🐟")


@pytest.fixture(scope="module")
def config(tiny_config):
    return tiny_config(
        architecture={"preset": "resnet_small"},
        regularization={"dropout": 0.2, "l2": 0.1, "stochastic_depth": 0.1, "gaussian_noise": 0.1},
        augmentation={"rotation_degrees": 10},
    )


@pytest.fixture(scope="module")
def model(config):
    return build_model(config, (12, 12, 3), 3)


def test_export_predicts_the_same_in_plain_keras(model, config, tiny_data, tmp_path):
    path = tmp_path / "model.keras"
    save_keras(model, path, CLASSES, config.image)
    assert read_description(path)["class_names"] == list(CLASSES)
    assert read_description(path)["image"] == {"size": 12, "color": "rgb", "resize": "crop"}
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
    check = verify_keras(path, model, tiny_data.images)
    assert check["max_abs_difference"] < 1e-5 and check["top1_agreement"] == 1
    assert check["milliseconds_per_image"] > 0 and check["bytes"] == path.stat().st_size


def test_a_model_of_a_mixed_precision_is_given_away_in_float32(tiny_config, tiny_data, tmp_path):
    config = tiny_config(
        architecture={"preset": "resnet_small"}, training={"precision": "mixed_bfloat16"}
    )
    model, path = build_model(config, (12, 12, 3), 3), tmp_path / "model.keras"
    save_keras(model, path, CLASSES, config.image)
    loaded = keras.models.load_model(path)
    assert {layer.compute_dtype for layer in loaded.layers} == {"float32"}
    for own, other in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(own.value.numpy(), other.value.numpy())
    check = verify_keras(path, model, tiny_data.images)
    assert 0 < check["max_abs_difference"] < 0.05  # bfloat16 has 8 significant bits


def test_damaged_export_is_not_offered(model, config, tiny_data, tmp_path):
    path = tmp_path / "model.keras"
    save_keras(model, path, CLASSES, config.image)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(TrainingError, match="can't be loaded by plain Keras"):
        verify_keras(path, model, tiny_data.images)


@pytest.mark.parametrize("resize", ["crop", "pad", "stretch"])
def test_snippet_compiles_for_every_resize_rule(config, resize):
    for color in ("rgb", "grayscale"):
        image = config.image.model_copy(update={"resize": resize, "color": color})
        compile(usage_snippet(CLASSES, image, "model.keras"), "predict.py", "exec")


def test_snippet_prints_the_classes_and_probabilities(model, config, tiny_data, tmp_path):
    path = tmp_path / "model.keras"
    save_keras(model, path, CLASSES, config.image)
    script = tmp_path / "predict.py"
    script.write_text(usage_snippet(CLASSES, config.image, "model.keras"), encoding="utf-8")
    Picture.fromarray(tiny_data.images[0]).save(tmp_path / "image.png")
    done = subprocess.run(
        [sys.executable, "-I", str(script), "image.png"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    probabilities = keras.models.load_model(path).predict(tiny_data.images[:1], verbose=0)[0]
    best = int(np.argmax(probabilities))
    assert done.stdout.startswith(f"{CLASSES[best]}: {probabilities[best]:.1%}")
    assert done.stdout.count("%") == 3


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK", "I;16"])
def test_the_snippet_prepares_images_as_training_does(mode, config, tmp_path):
    ramp = np.linspace(0, 65535, 40 * 30).reshape(40, 30).astype(np.uint16)
    picture = Picture.fromarray(ramp) if mode == "I;16" else _half_transparent().convert(mode)
    path = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
    picture.save(path)
    script = usage_snippet(CLASSES, config.image, "model.keras")
    body = script[script.index("image = ImageOps") : script.index("probabilities =")]
    names = {"Image": Picture, "ImageOps": ImageOps, "np": np, "sys": _Arguments(path)}
    exec(body, names)
    expected = to_square(
        open_image(path), config.image.size, config.image.color, config.image.resize
    )
    difference = np.abs(names["pixels"][0].astype(int) - expected.astype(int))
    assert difference.mean() < 2


class _Arguments:
    def __init__(self, path):
        self.argv = ["predict.py", str(path)]


def _half_transparent():
    pixels = np.random.default_rng(0).integers(0, 255, (4, 3, 4), dtype=np.uint8)
    return Picture.fromarray(pixels).resize((30, 40))
