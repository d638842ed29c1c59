"""Dials: each turn holds from its step on, can be replayed, and computes the bits of a constant."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.course.dials import DialTurn, turned, turned_by
from cnnlab.domain.errors import ConfigError
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network import dialled
from cnnlab.training.network.model import build_model, layer_table
from cnnlab.training.network.optimizer import build_optimizer
from cnnlab.training.seeds import checksum

STEPS, BATCH, PREFETCHED, CALLS = 12, 16, 2, 2
LEAD = PREFETCHED + CALLS
REGULARIZATION = {
    "dropout": 0.3,
    "spatial_dropout": 0.1,
    "gaussian_noise": 0.05,
    "l1": 1e-4,
    "l2": 1e-3,
    "label_smoothing": 0.1,
}
STRENGTHS = [
    "rotation_degrees", "zoom_fraction", "shift_fraction", "shear_degrees", "perspective_fraction",
    "elastic_px", "blur_sigma_px", "brightness_fraction", "contrast_fraction",
    "saturation_fraction", "hue_fraction", "grayscale_fraction", "noise_stddev",
    "erasing_fraction", "mixup_alpha", "cutmix_alpha",
]  # fmt: skip


def board_of(config, *turns):
    return DialBoard(config, turns)


def compiled(config, data, board, **compiling):
    model = build_model(config, data.image_shape, data.classes, board)
    smoothing = config.regularization.label_smoothing
    plain_loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    loss = board.loss() if board else plain_loss
    model.compile(build_optimizer(config), loss, **({"jit_compile": False} | compiling))
    model.optimizer.build(model.trainable_variables)
    return model


# The board alone.


@pytest.fixture
def config(tiny_config):
    """A run with every regularizer and two augmentations on."""
    return tiny_config(
        regularization=REGULARIZATION,
        augmentation={"rotation_degrees": 20, "contrast_fraction": 0.3},
    )


def values_at(board, step):
    """What the network reads at a step, and what the input path reads for it."""
    board.apply_due(step)
    read = {name: board.value(f"regularization.{name}").numpy() for name in REGULARIZATION}
    return read | dict(zip(board.augmentations, board.strengths_at(step), strict=True))


def test_turn_holds_from_its_step_on_everywhere(config):
    board = board_of(config)
    launched = REGULARIZATION | {"rotation_degrees": 20, "contrast_fraction": 0.3}
    assert values_at(board, 0) == launched
    asked = {f"regularization.{name}": 0.7 for name in REGULARIZATION}
    asked |= {"augmentation.rotation_degrees": 5.0, "optimizer.learning_rate": 0.5}
    turn = board.request(1, asked, step=3, lead=LEAD)
    assert turn == DialTurn(1, 3 + LEAD, asked)
    assert values_at(board, 6) == launched and board.config == config
    held = dict.fromkeys(REGULARIZATION, 0.7) | {"rotation_degrees": 5, "contrast_fraction": 0.3}
    assert values_at(board, 7) == values_at(board, 8) == held
    assert board.config == turned_by(config, [turn])
    assert board.config.optimizer.learning_rate == 0.5


def test_turns_of_earlier_attempts_hold_from_their_own_steps_on(config):
    turns = [
        DialTurn(1, 2, {"regularization.l2": 0.1, "augmentation.rotation_degrees": 1.0}),
        DialTurn(2, 9, {"regularization.l2": 0.2, "augmentation.rotation_degrees": 2.0}),
    ]
    board = board_of(config, *reversed(turns))
    assert board.turns == turns
    for step, l2, degrees in ((5, 0.1, 1), (8, 0.1, 1), (9, 0.2, 2), (10, 0.2, 2)):
        values = values_at(board, step)
        assert (values["l2"], values["rotation_degrees"]) == (l2, degrees)


def test_turn_asked_for_in_a_resumed_run_outlasts_an_older_one_of_a_later_step(config):
    older = DialTurn(1, 9, {"regularization.l2": 0.1, "regularization.l1": 0.1})
    live = board_of(config, older)
    newer = live.request(2, {"regularization.l2": 0.2}, step=1, lead=LEAD)
    for board in (live, board_of(config, older, newer)):
        seen = [(values["l2"], values["l1"]) for values in (values_at(board, s) for s in (4, 5, 9))]
        assert seen == [(1e-3, 1e-4), (0.2, 1e-4), (0.2, 0.1)]
    assert live.config == turned_by(config, [older, newer])


def test_two_turns_of_one_step_both_hold(config):
    board = board_of(config)
    board.request(1, {"regularization.l2": 0.1, "regularization.l1": 0.1}, step=0, lead=LEAD)
    board.request(2, {"regularization.l2": 0.2}, step=0, lead=LEAD)
    values = values_at(board, LEAD)
    assert (values["l2"], values["l1"]) == (0.2, 0.1)


def test_impossible_turn_is_refused_and_changes_nothing(config):
    board = board_of(config)
    for values in ({"regularization.dropout": 2.0}, {"augmentation.hue_fraction": 0.1}):
        with pytest.raises(ConfigError, match=next(iter(values))):
            board.request(1, values, step=0, lead=LEAD)
    with pytest.raises(ConfigError, match="hue_fraction"):
        board_of(config, DialTurn(1, 3, {"augmentation.hue_fraction": 0.1}))
    assert board.turns == []
    assert values_at(board, 99)["dropout"] == 0.3


# The network: the same as one without dials.


@pytest.mark.parametrize("preset", ["vgg_small", "resnet_small"])
@pytest.mark.parametrize("regularization", [{}, REGULARIZATION | {"batch_norm": True}])
def test_names_weights_and_table_are_those_of_a_network_without_dials(
    preset, regularization, tiny_config
):
    config = tiny_config(architecture={"preset": preset}, regularization=regularization)
    plain = build_model(config, (12, 12, 3), 3)
    with_dials = build_model(config, (12, 12, 3), 3, board_of(config))
    assert [weight.path for weight in with_dials.weights] == [w.path for w in plain.weights]
    assert checksum(with_dials.weights) == checksum(plain.weights)
    assert layer_table(with_dials) == layer_table(plain)
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} == {"keras"}
    assert type(plain).__module__.split(".")[0] == "keras"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("strength", [0.05, 0.1, 0.3, 0.7, 0.9])
@pytest.mark.parametrize("kind", ["Dropout", "SpatialDropout2D", "GaussianNoise"])
def test_random_layer_draws_and_rounds_as_the_one_of_keras(kind, strength, dtype):
    inputs = np.random.default_rng(0).normal(size=(4, 6, 6, 8)).astype(np.float32)
    theirs = getattr(keras.layers, kind)(strength, seed=5, dtype=dtype)
    ours = getattr(dialled, kind)(tf.Variable(strength, dtype=tf.float64), seed=5, dtype=dtype)
    for _ in range(2):
        expected = theirs(inputs, training=True)
        np.testing.assert_array_equal(tf.cast(ours(inputs, training=True), tf.float32), expected)
    np.testing.assert_array_equal(ours(inputs), theirs(inputs))


def test_draws_of_a_step_do_not_depend_on_earlier_turns():
    inputs, dial = np.ones((4, 50), np.float32), tf.Variable(0.0, dtype=tf.float64)
    always = keras.layers.Dropout(0.5, seed=5)
    ours = dialled.Dropout(dial, seed=5)
    always(inputs, training=True)
    np.testing.assert_array_equal(ours(inputs, training=True), inputs)
    dial.assign(0.5)
    np.testing.assert_array_equal(ours(inputs, training=True), always(inputs, training=True))


@pytest.mark.parametrize(
    ("l1", "l2", "skip_zero"),
    [
        *((0, 0, True), (0.3, 0, False), (0, 0.07, True), (0.3, 0.07, False)),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in ((0, 0, False), (0.3, 0, True), (0, 0.07, False), (0.3, 0.07, True))
        ),
    ],
)
def test_penalties_and_their_gradients_are_those_of_keras(l1, l2, skip_zero, tiny_config):
    config = tiny_config(regularization={"l1": l1, "l2": l2})
    plain = build_model(config, (12, 12, 3), 3)
    with_dials = build_model(config, (12, 12, 3), 3, board_of(config))

    def of_keras():
        kernels = [weight.value for weight in plain.weights if weight.name == "kernel"]
        with tf.GradientTape() as tape:
            total = tf.add_n([tf.constant(0.0), *plain.losses])
        gradients = tape.gradient(total, kernels)
        return total, [
            kernel * 0 if g is None else g for kernel, g in zip(kernels, gradients, strict=True)
        ]

    def of_dials():
        kernels = [weight for weight in with_dials.weights if weight.name == "kernel"]
        zeros = [tf.zeros(kernel.shape) for kernel in kernels]
        values = [tf.convert_to_tensor(kernel) for kernel in kernels]
        return kernels[0].regularizer.add(values, zeros, tf.constant(1.0), skip_zero)

    total, gradients = tf.function(of_dials)()
    expected, expected_gradients = tf.function(of_keras)()
    assert with_dials.penalty() == pytest.approx(float(expected), rel=1e-6)
    assert (float(total) > 0) == bool(l1 or l2)
    assert float(total) == pytest.approx(float(expected), rel=1e-6)  # added up in another order
    for ours, theirs in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        ("sgd", "float32"),
        ("adam", "mixed_float16"),
        pytest.param("adam", "float32", marks=pytest.mark.exhaustive),
        pytest.param("sgd", "mixed_float16", marks=pytest.mark.exhaustive),
    ],
)
def test_a_step_is_that_of_keras(name, precision, tiny_config, tiny_data):
    """With class weights, penalties, clipping and, in float16, a scaled loss."""
    config = tiny_config(
        regularization={"l1": 1e-3, "l2": 0.03},
        optimizer={"name": name, "clip_norm": 0.5, "learning_rate": 0.01},
        training={"precision": precision},
    )
    images = tiny_data.images[:6]
    labels = np.eye(tiny_data.classes, dtype=np.float32)[tiny_data.labels[:6]]
    weights = np.linspace(0.5, 1.5, 6, dtype=np.float32)
    ours = compiled(config, tiny_data, board_of(config))
    theirs = compiled(config, tiny_data, None)
    for _ in range(3):
        logs = [model.train_on_batch(images, labels, weights) for model in (ours, theirs)]
        np.testing.assert_allclose(logs[0], logs[1], rtol=1e-5)
    for weight, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-4, atol=1e-6, err_msg=weight.path)


def test_frozen_layers_have_no_penalty(tiny_config):
    config = tiny_config(regularization={"l2": 0.1}, architecture={"frozen_layers": 3})
    model = build_model(config, (12, 12, 3), 3, board_of(config))
    kernel = model.get_layer("probabilities").kernel
    assert model.penalty() == pytest.approx(0.1 * float(tf.reduce_sum(tf.square(kernel))))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.37])
def test_label_smoothing_is_that_of_keras(smoothing, tiny_config):
    config = tiny_config(regularization={"label_smoothing": smoothing})
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), 8).astype(np.float32)
    labels, weights = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2, 0, 1]], np.arange(8.0)
    theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    expected = theirs(labels, probabilities, sample_weight=weights)
    assert board_of(config).loss()(labels, probabilities, sample_weight=weights) == expected


# The input path: the same as one without dials.


def augmenter_of(augmentation, board=None):
    """Augments four images as the batch of a given step."""
    images = np.random.default_rng(1).integers(0, 256, (4, 12, 12, 3), np.uint8)
    augment = tf.function(Augmenter(augmentation, 7, board))
    return lambda step: [
        array.numpy() for array in augment(images, tf.eye(4), tf.constant(step, tf.int64))
    ]


def assert_same(results, others):
    for result, other in zip(results, others, strict=True):
        np.testing.assert_array_equal(result, other)


@pytest.fixture(scope="module")
def flipped():
    """Augments by flips alone."""
    return augmenter_of(Augmentation(flip="both"))


@pytest.mark.parametrize("name", STRENGTHS)
def test_augmentation_is_that_of_the_constant_from_exactly_its_step_on(name, flipped, tiny_config):
    """And none at 0; one augmenter is turned to both, for making it is what takes long."""
    config = tiny_config(augmentation={"flip": "both", name: 0.4})
    turns = [DialTurn(n, n + 4, {f"augmentation.{name}": at}) for n, at in ((1, 0.15), (2, 0.0))]
    new = turned(config, turns[0].values)
    augment = augmenter_of(config.augmentation, board_of(config, *turns))
    before, after = augmenter_of(config.augmentation), augmenter_of(new.augmentation)
    assert_same(augment(4), before(4))
    assert_same(augment(5), after(5))
    assert not np.allclose(augment(5)[0], before(5)[0], atol=0.1)
    images, labels = augment(6)
    np.testing.assert_allclose(images, flipped(6)[0], atol=0.01)
    np.testing.assert_array_equal(labels, np.eye(4))
