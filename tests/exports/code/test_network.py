"""The network, optimizer and rates of a program are those that training builds."""

import functools
import textwrap

import keras
import numpy as np
import pytest

from cnnlab.domain.config.presets import FIXED_PRESETS
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.config.schedule import learning_rate_at
from cnnlab.domain.course.phases import planned_rate, span_at, spans_of
from cnnlab.exports.code.loop import averaging_lines
from cnnlab.exports.code.optimizer import compile_lines, fused_optimizer, learning_rate_section
from cnnlab.training.network.model import build_model
from cnnlab.training.network.optimizer import build_optimizer
from tests.exports.code.made import BLOCKS, CLASSES, EVERYTHING, OWN_LAYERS, USUAL, loaded, recipe
from tests.exports.web_page.pages import shaken

STRONG = {
    "dropout": 0.3, "spatial_dropout": 0.1, "l1": 1e-5, "l2": 1e-3, "batch_norm": True,
    "gaussian_noise": 0.05, "stochastic_depth": 0.2,
}  # fmt: skip
CONFIGS = {
    "tiny": {"architecture": {"preset": "tiny_cnn"}},
    "small": USUAL | {"architecture": {"preset": "small_cnn", "activation": "elu"}},
    "vgg": {"architecture": {"preset": "vgg_small", "filters": 8}, "regularization": STRONG},
    "resnet": {"architecture": {"preset": "resnet_small"}, "regularization": STRONG},
    "everything": EVERYTHING,
    "own layers": OWN_LAYERS,
    "own layers, regularized": OWN_LAYERS | {"regularization": STRONG},
    "blocks": BLOCKS,
    "blocks, regularized": BLOCKS | {"regularization": STRONG},
    "mobile": {
        "architecture": {"preset": "mobilenet_v3_small"},
        "regularization": {"stochastic_depth": 0.3},
    },
    "lite": {"architecture": {"preset": "efficientnet_lite0", "dense_units": 8}},
    "grayscale": {"image": {"size": 16, "color": "grayscale"}},
    "no dense layer": {"architecture": {"preset": "tiny_cnn", "dense_units": 0, "conv_blocks": 1}},
    "no flatten": {"architecture": {"layers": [{"kind": "conv"}]}},
    "frozen": {"architecture": {"preset": "resnet_small", "frozen_layers": 3}},
}

DEEP = ("mobile", "lite")
"""Take seconds to build: by hand; what they are made of is in the blocks."""


def by_hand(names, left_out=DEEP):
    marks = {True: [pytest.mark.exhaustive], False: []}
    return [pytest.param(name, marks=marks[name in left_out]) for name in names]


@pytest.fixture(autouse=True)
def float32():
    yield
    keras.config.set_dtype_policy("float32")


def built(values, folder):
    """The run's network and the program's, which has its weights."""
    config = load_config({"image": {"size": 16}} | values)
    channels = 3 if config.image.color == "rgb" else 1
    ours = build_model(config, (16, 16, channels), len(CLASSES))
    if config.architecture.preset in FIXED_PRESETS:  # so deep that first weights let nothing pass
        shaken(ours)
    frozen = tuple(layer.name for layer in ours.layers if layer.weights and not layer.trainable)
    known = loaded(recipe(values, frozen=frozen), folder)
    np.savez(folder / "init.npz", **{weight.path: weight.numpy() for weight in ours.weights})
    np.savez(folder / "order.npz", order=np.zeros((1, 4), int))
    theirs, _ = known["begin"]()
    return ours, theirs


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Finds the run's network and the program's by the name of a config, built once.

    They are used alike: what one has learned of its inputs so far, the other has.
    """
    return functools.cache(lambda name: built(CONFIGS[name], tmp_path_factory.mktemp("program")))


@pytest.mark.parametrize("name", by_hand(CONFIGS))
def test_a_program_builds_the_network_of_its_run(name, networks):
    ours, theirs = networks(name)
    shapes = [{weight.path: weight.shape for weight in each.weights} for each in (ours, theirs)]
    assert shapes[0] == shapes[1]
    trained = [{weight.path for weight in each.trainable_weights} for each in (ours, theirs)]
    assert trained[0] == trained[1]
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (5, *ours.input_shape[1:]), np.uint8)
    said = [np.asarray(each(images, training=False)) for each in (ours, theirs)]
    assert np.allclose(*said, atol=1e-6 if name != "everything" else 1e-2)
    assert said[0].std() > 1e-3  # else nothing was compared


@pytest.mark.parametrize("name", by_hand(["vgg", "resnet", "everything", "own layers, regularized",
                                          "blocks, regularized", "mobile"]))  # fmt: skip
def test_what_is_random_draws_as_in_the_run(name, networks):
    ours, theirs = networks(name)
    images = np.random.default_rng(0).integers(0, 256, (5, *ours.input_shape[1:]), np.uint8)
    for _ in range(2):
        said = [np.asarray(each(images, training=True)) for each in (ours, theirs)]
        assert np.allclose(*said, atol=1e-5 if name != "everything" else 3e-2)
    calm = np.asarray(theirs(images, training=False))
    assert np.abs(said[1] - calm).max() > 1e-2


@pytest.mark.parametrize(
    "name", ["vgg", "resnet", "own layers, regularized", "blocks, regularized"]
)
def test_the_penalty_is_that_of_the_run(name, networks):
    ours, theirs = networks(name)
    penalties = [float(sum(each.losses)) for each in (ours, theirs)]
    assert penalties[0] > 0.1 and np.isclose(*penalties, rtol=1e-5)


def executed(lines, **known):
    code = textwrap.dedent("\n".join(lines))
    exec(compile(code, "program", "exec"), known)
    return known


OPTIMIZERS = [
    *({"name": name} for name in ("sgd", "rmsprop", "adam", "adamw", "nadam", "lion", "adamax",
                                  "adagrad", "adadelta", "adafactor", "ftrl", "lamb", "muon",
                                  "schedule_free_adamw")),
    {"name": "sgd", "momentum": 0.8, "nesterov": True, "clip_norm": 2},
    {"name": "adam", "gradient_accumulation_steps": 3, "learning_rate": 3e-4},
    {"name": "adam", "clip_value": 0.5},
]  # fmt: skip


@pytest.mark.parametrize("decay", [0, 0.01])
@pytest.mark.parametrize("wanted", OPTIMIZERS, ids=str)
def test_the_optimizer_is_that_of_the_run(wanted, decay):
    values = {"optimizer": wanted, "regularization": {"weight_decay": decay}}
    config = load_config(values | {"training": {"precision": "mixed_float16"}})
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    known, fused = {"keras": keras, "model": model}, fused_optimizer(config)
    if fused is not None:
        known |= executed(fused[1].splitlines())
    optimizer = executed(compile_lines(config), **known)["optimizer"]
    ours = build_optimizer(config)
    assert ours.get_config() | {"name": ""} == optimizer.get_config() | {"name": ""}
    assert model.optimizer is optimizer  # nothing scales its loss


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_the_averaged_weights_are_those_of_the_run(batches):
    wanted = {"name": "sgd", "ema_momentum": 0.8, "gradient_accumulation_steps": batches}
    config = load_config({"optimizer": wanted | {"learning_rate": 0.5}})
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile(build_optimizer(config), "mse")
    generator, known = np.random.default_rng(0), {"model": model, "average": None, "steps": 4}
    for step in range(8):
        model.train_on_batch(generator.random((3, 2)), generator.random((3, 2)))
        known |= {"epoch": step // 4, "step": step % 4}
        known = executed(averaging_lines(config), **known)
        for ours, theirs in zip(
            model.optimizer._model_variables_moving_average, known["average"], strict=True
        ):
            assert np.allclose(ours.numpy(), theirs, atol=1e-6), step


SCHEDULES = [
    {"name": "cosine"}, {"name": "cosine", "warmup_epochs": 3, "final_fraction": 0.1},
    {"name": "cosine", "warmup_epochs": 30},
    {"name": "cosine_restarts", "first_period_epochs": 3, "restart_factor": 0.8},
    {"name": "cosine_restarts", "warmup_epochs": 1.5}, {"name": "exponential"},
    {"name": "exponential", "warmup_epochs": 2, "every_epochs": 2.5},
    {"name": "step", "every_epochs": 4}, {"name": "step", "every_epochs": 3, "warmup_epochs": 2},
    {"name": "polynomial", "power": 2, "final_fraction": 0.05},
    {"name": "polynomial", "warmup_epochs": 2}, {"name": "inverse_time"},
    {"name": "inverse_time", "warmup_epochs": 2, "decay": 0.3}, {"name": "one_cycle"},
    {"name": "one_cycle", "warmup_epochs": 5}, {"name": "one_cycle", "warmup_epochs": 500},
    {"name": "reduce_on_plateau", "patience_epochs": 2, "least_fraction": 0.1},
    {"name": "reduce_on_plateau", "warmup_epochs": 2},
]  # fmt: skip


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_the_rate_begins_anew_in_each_phase(schedule):
    phases = [{"epochs": 2, "learning_rate": 0.03}, {"epochs": 5}]
    config = load_config({"optimizer": {"schedule": schedule}, "architecture": {"phases": phases}})
    rate_of = executed(learning_rate_section(config), np=np)["learning_rate"]
    losses, steps = [1.0, 0.9, 0.95, 0.97, 0.96, 0.95, 0.95], 3
    for step in range(7 * steps):
        span = span_at(spans_of(config), step // steps)
        seen = losses[: step // steps]
        told = [seen[span.first_epoch :]] if schedule["name"] == "reduce_on_plateau" else []
        here = step - span.first_epoch * steps
        expected = planned_rate(config, step, steps_per_epoch=steps, val_cross_entropies=seen)
        said = rate_of(here, steps, span.learning_rate, span.epochs, *told)
        assert np.isclose(said, expected, rtol=1e-9), step


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_the_rate_of_every_step_is_that_of_the_run(schedule):
    config = load_config({"optimizer": {"schedule": schedule, "learning_rate": 0.02}})
    epochs, steps = config.training.epochs, 7
    lines = learning_rate_section(config)
    rate_of = executed(lines, np=np, EPOCHS=epochs)["learning_rate"]
    losses = [1.0, 0.9, 0.95, 0.94, 0.93, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    for step in range(epochs * steps):
        seen = losses[: step // steps]
        told = [seen] if schedule["name"] == "reduce_on_plateau" else []
        expected = learning_rate_at(
            config.optimizer, step, steps_per_epoch=steps, epochs=epochs, val_cross_entropies=seen
        )
        assert np.isclose(rate_of(step, steps, *told), expected, rtol=1e-9), step
