"""Offline pages of small networks, for the tests."""

import dataclasses
from typing import NamedTuple

import numpy as np
from PIL import Image as Picture

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.about import About
from cnnlab.exports.agreement import Compared
from cnnlab.exports.model_format import Source
from cnnlab.exports.web_page.document import page_html
from cnnlab.exports.web_page.numbers import PageFacts
from cnnlab.exports.web_page.plan import plan_of
from cnnlab.exports.web_page.weights import to_text
from cnnlab.training.judging.reference import float32_clone, reference_probabilities
from cnnlab.training.network.model import build_model
from tests.datasets.uploads import encoded

NOISE = np.random.default_rng(3).integers(0, 256, (6, 13, 13, 3))
IMAGES = (NOISE * np.linspace(0, 1, 18).reshape(6, 1, 1, 3)[::-1]).astype(np.uint8)

FACTS = PageFacts(
    run="20261130-120000-abcd",
    dataset="three <colours>",
    train=70,
    validation=20,
    report=None,
    when="30 November 2026",
    version="0.0",
)


def write_page(path, source, *, in_halves=False, facts=FACTS, **about):
    """Write the page of a model."""
    told = dataclasses.replace(source.about, **about)
    rows, weights = to_text(plan_of(source.model), in_halves=in_halves)
    path.write_text(page_html(told, facts, rows, weights), encoding="utf-8")
    return path


def shaken(model, seed=0):
    """A model whose weights are all drawn, also those that begin as 0 or 1."""
    generator = np.random.default_rng(seed)
    weights = []
    for weight in model.weights:
        is_depthwise = len(weight.shape) == 4 and weight.shape[-1] == 1
        taken = np.prod(weight.shape[:2]) / 2 if is_depthwise else np.prod(weight.shape[:-1])
        drawn = generator.normal(0, 1 / max(4, taken) ** 0.5, weight.shape)
        if "variance" in weight.path:
            drawn = np.abs(drawn) + 0.5
        if "gamma" in weight.path:
            drawn = drawn + 1
        weights.append(drawn.astype(np.float32))
    model.set_weights(weights)
    return model


def built(parts):
    """The network of a config, for images of 13 px and 4 classes, with weights that were drawn."""
    config = load_config(parts)
    channels = 3 if config.image.color == "rgb" else 1
    return shaken(float32_clone(build_model(config, (13, 13, channels), 4)))


class Drawn(NamedTuple):
    """A network with what it says of image files."""

    source: Source
    compared: Compared


def made(parts):
    """The network of a config, and image files as they are given to it."""
    model = built(parts)
    image = load_config({**parts, "image": {**parts.get("image", {}), "size": 13}}).image
    about = About(("a", "b", "c", "d"), image)
    images = IMAGES[..., : model.input_shape[-1]]
    expected = reference_probabilities(model, images, lambda: None)
    files = [encoded(Picture.fromarray(np.squeeze(each)), "PNG") for each in images]
    labels = np.argmax(expected, axis=1)
    compared = Compared(files, labels, expected, len(files))
    return Drawn(Source(model, about, lambda: images), compared)
