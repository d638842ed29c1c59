"""A tiny trained model to give away."""

import os
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from PIL import Image as Picture

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.about import About
from cnnlab.exports.agreement import Compared
from cnnlab.exports.model_format import Source
from cnnlab.training.judging.reference import float32_clone, reference_probabilities
from cnnlab.training.network.model import build_model
from tests.datasets.uploads import encoded
from tests.made_once import made_once

WEIGHTS = "model.weights.h5"
CLASSES = ('plain "quoted"', "nl\n<b>", "Ünïcode 🐟")


class Given(NamedTuple):
    """A model with what is known of it, and image files (PNG) with what it says of them."""

    trained: keras.Model
    clone: keras.Model
    about: About
    images: np.ndarray
    labels: np.ndarray
    expected: np.ndarray

    @property
    def source(self):
        return Source(self.clone, self.about, lambda: self.images)

    def compared(self, count=None):
        """The first images as files; their number counts as that of all."""
        images = self.images[:count]
        files = [encoded(Picture.fromarray(np.squeeze(image)), "PNG") for image in images]
        return Compared(files, self.labels[:count], self.expected[:count], len(images))


@pytest.fixture(scope="session")
def given(tmp_path_factory):
    """A model that has learned to tell colours apart, in float32, with what it predicts.

    It is trained once for all processes that share the tests.
    """
    folder = made_once(tmp_path_factory, "given", _train, tmp_path_factory.mktemp("given") / "copy")
    return made_given({}, weights=folder / WEIGHTS)


def _train(folder):
    model, images, labels, _ = _drawn({})
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(images, labels, batch_size=14, epochs=4, verbose=0)
    model.save_weights(folder / WEIGHTS)


@pytest.fixture(scope="session")
def given_mixed():
    """One of another precision, untrained, for grayscale images that are padded."""
    return made_given(
        {
            "training": {"precision": "mixed_bfloat16"},
            "image": {"size": 12, "color": "grayscale", "resize": "pad"},
        }
    )


def made_given(parts, *, weights=None):
    """What is known of a model, untrained unless a file has its weights."""
    model, images, labels, config = _drawn(parts)
    if weights is not None:
        model.load_weights(weights)
    clone = float32_clone(model)
    expected = reference_probabilities(clone, images, lambda: None)
    return Given(model, clone, About(CLASSES, config.image), images, labels, expected)


def _drawn(parts):
    config = load_config(
        {
            "image": {"size": 12},
            "architecture": {"preset": "resnet_small"},
            "regularization": {
                "dropout": 0.2, "l2": 0.1, "stochastic_depth": 0.1, "gaussian_noise": 0.1,
            },
            "augmentation": {"rotation_degrees": 10},
        }
        | parts
    )  # fmt: skip
    channels = 3 if config.image.color == "rgb" else 1
    generator = np.random.default_rng(7)
    labels = np.arange(70) % 3
    images = generator.integers(0, 60, (70, 12, 12, channels), np.uint8)
    images[np.arange(70), :, :, labels % channels] += (60 * (1 + labels))[:, None, None].astype(
        "u1"
    )
    return build_model(config, images.shape[1:], 3), images, labels, config


def pytest_terminal_summary(terminalreporter):
    """The rows of tables that tests have recorded."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    rows = [value for each in reports for name, value in each.user_properties if name == "row"]
    if rows:
        terminalreporter.section("net | format | difference | top-1 | an image | memory | export")
        for row in rows:
            terminalreporter.write_line(row)
