"""Dials: each turn holds from its step on, can be replayed, and computes the bits of a constant."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.dials import DialTurn, dials_of, turned, turned_by
from cnnlab.domain.errors import ConfigError
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.loop.checkpoint import capture, restore
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network import dialled
from cnnlab.training.network.model import build_model, layer_table
from cnnlab.training.network.optimizer import build_optimizer
from cnnlab.training.seeds import checksum
from tests.waiting import wait_until

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
AUGMENTATION = {
    "flip": "both",
    "rotation_degrees": 20,
    "contrast_fraction": 0.3,
    "mixup_alpha": 0.3,
}
STRENGTHS = [
    "rotation_degrees", "zoom_fraction", "shift_fraction", "shear_degrees", "perspective_fraction",
    "elastic_px", "blur_sigma_px", "brightness_fraction", "contrast_fraction",
    "saturation_fraction", "hue_fraction", "grayscale_fraction", "noise_stddev",
    "erasing_fraction", "mixup_alpha", "cutmix_alpha",
]  # fmt: skip


def board_of(config, *turns):
    return DialBoard(config, turns)


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


# Whole runs.


class Turner(keras.callbacks.Callback):
    """Asks for turns before given steps, makes them hold, and keeps the state after every step."""

    def __init__(self, board, asked, begun, first_step):
        super().__init__()
        self.board, self.asked, self.begun, self.first_step = board, asked, begun, first_step
        self.states = {}

    def on_train_batch_begin(self, batch, logs=None):
        step = self.first_step + batch
        if step in self.asked:
            # The worst case: the input path is as far ahead as it ever gets.
            wait_until(lambda: max(self.begun) >= min(step + LEAD, STEPS) - 1)
            number = len(self.board.turns) + 1
            self.board.request(number, self.asked[step], step=step, lead=LEAD)
        if self.board:
            self.board.apply_due(step)

    def on_train_batch_end(self, batch, logs=None):
        self.states[self.first_step + batch] = capture(self.model, 0)


def batches_of(config, data, board, first_step):
    """The batches of a run, made as the input path makes them: ahead and by parallel calls."""
    images = tf.constant(data.images[data.train])
    labels = tf.one_hot(data.labels[data.train], data.classes)
    augmenter = Augmenter(config.augmentation, config.training.seed, board)
    begun = []

    def look_up(step):
        begun.append(int(step))
        return board.strengths_at(step) if board else np.zeros(0)

    def batch(step):
        strengths = tf.numpy_function(look_up, [step], tf.float64, stateful=False)
        chosen = tf.math.floormod(tf.range(BATCH) + 7 * tf.cast(step, tf.int32), len(data.train))
        return augmenter(tf.gather(images, chosen), tf.gather(labels, chosen), step, strengths)

    options = tf.data.Options()
    options.autotune.enabled = False
    steps = tf.data.Dataset.range(first_step, STEPS)
    dataset = steps.map(batch, num_parallel_calls=CALLS, deterministic=True)
    return dataset.prefetch(PREFETCHED).with_options(options), begun


def compiled(config, data, board, **compiling):
    model = build_model(config, data.image_shape, data.classes, board)
    smoothing = config.regularization.label_smoothing
    plain_loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    loss = board.loss() if board else plain_loss
    model.compile(build_optimizer(config), loss, **({"jit_compile": False} | compiling))
    model.optimizer.build(model.trainable_variables)
    return model


def train(config, data, *turns, asked=(), state=None, first_step=0, has_dials=True):
    """Train with or without dials; returns the states after every step."""
    board = board_of(config, *turns) if has_dials else None
    dataset, begun = batches_of(config, data, board, first_step)
    model = compiled(config, data, board)
    if state is not None:
        restore(model, state)
    turner = Turner(board, dict(asked), begun, first_step)
    model.fit(dataset, shuffle=False, verbose=0, callbacks=[turner])
    return turner.states


def is_same(state, other, equal=np.array_equal):
    """Whether all but the running means of the epoch is equal to the bit, or as `equal` says."""
    names = [name for name in state if not name.startswith("metrics/")]
    return all(equal(state[name], other[name]) for name in names)


def is_close(state, other):
    """Whether all is equal but for rounding: of the penalties' gradients, added in other order."""
    return is_same(state, other, lambda ours, theirs: np.allclose(ours, theirs, 1e-3, 1e-5))


EVERYTHING = {"regularization": REGULARIZATION, "augmentation": AUGMENTATION}
ASKED = {
    "regularization.dropout": 0.6,
    "regularization.l1": 1e-3,
    "regularization.l2": 2e-2,
    "regularization.gaussian_noise": 0.1,
    "regularization.label_smoothing": 0.2,
    "augmentation.rotation_degrees": 5.0,
    "augmentation.mixup_alpha": 1.0,
}
ASKED_BEFORE = 2
TURN = DialTurn(1, ASKED_BEFORE + LEAD, ASKED)


@pytest.fixture(scope="module")
def untouched(tiny_config, tiny_data):
    return train(tiny_config(**EVERYTHING), tiny_data)


@pytest.fixture(scope="module")
def live(tiny_config, tiny_data):
    """A run in which dials are turned while it trains, by a callback."""
    return train(tiny_config(**EVERYTHING), tiny_data, asked={ASKED_BEFORE: ASKED})


def test_run_whose_dials_stay_is_that_of_one_without_dials(untouched, tiny_config, tiny_data):
    plain = train(tiny_config(**EVERYTHING), tiny_data, has_dials=False)
    assert is_close(untouched[STEPS - 1], plain[STEPS - 1])


def test_run_without_regularizers_has_the_weights_of_one_without_dials(tiny_config, tiny_data):
    with_dials, plain = (
        train(tiny_config(), tiny_data, has_dials=has_dials)[STEPS - 1]
        for has_dials in (True, False)
    )
    assert is_same(weights_and_optimizer(plain), with_dials)


def weights_and_optimizer(state):
    return {name: state[name] for name in state if name.startswith(("model/", "optimizer/"))}


def test_turn_changes_nothing_before_its_step(live, untouched):
    same = [is_same(live[step], untouched[step]) for step in range(STEPS)]
    assert same == [step < TURN.step for step in range(STEPS)]


def test_turn_given_at_the_start_has_the_bits_of_the_live_one(live, tiny_config, tiny_data):
    replayed = train(tiny_config(**EVERYTHING), tiny_data, TURN)
    assert all(is_same(live[step], replayed[step]) for step in range(STEPS))


@pytest.mark.parametrize("first_step", [TURN.step - 3, TURN.step + 3])
def test_run_resumed_around_a_turn_has_the_bits_of_the_live_one(
    first_step, live, tiny_config, tiny_data
):
    config, state = tiny_config(**EVERYTHING), live[first_step - 1]
    resumed = train(config, tiny_data, TURN, state=state, first_step=first_step)
    assert is_same(live[STEPS - 1], resumed[STEPS - 1])


def test_turn_has_the_bits_of_a_network_built_with_the_new_values(live, tiny_config, tiny_data):
    constant = turned(tiny_config(**EVERYTHING), ASKED)
    begin = {"state": live[TURN.step - 1], "first_step": TURN.step}
    built = train(constant, tiny_data, **begin)
    assert is_same(live[STEPS - 1], built[STEPS - 1])
    plain = train(constant, tiny_data, has_dials=False, **begin)
    assert is_close(live[STEPS - 1], plain[STEPS - 1])
    assert not is_close(live[STEPS - 1], live[STEPS - 2])


def test_seeds_of_layers_that_are_off_are_part_of_the_state(tiny_config, tiny_data):
    states = train(tiny_config(), tiny_data)
    seeds = [values for name, values in states[3].items() if name.startswith("seeds/")]
    assert [int(count) for _, count in seeds] == [4, 4]  # in front of both dense layers


@pytest.fixture(scope="module")
def everything_off(tiny_config, tiny_data):
    """A compiled model and its board, launched with all that can be off at 0."""
    config = tiny_config(regularization={"spatial_dropout": 0.1, "gaussian_noise": 0.05})
    board = board_of(config)
    model = compiled(config, tiny_data, board)
    return board, model, capture(model, 0)


@pytest.mark.parametrize("name", REGULARIZATION)
def test_every_dial_of_the_network_changes_the_loss_of_a_step(name, everything_off, tiny_data):
    board, model, start = everything_off
    images, labels = tiny_data.images[:BATCH], tf.one_hot(tiny_data.labels[:BATCH], 3)
    losses = []
    for value in (0.0, 0.5, 0.0):
        restore(model, start)
        board.value(f"regularization.{name}").assign(value)
        losses.append(float(model.train_on_batch(images, labels)))
    assert losses[0] == losses[2] and abs(losses[1] - losses[0]) > 1e-3


def test_mixed_precision_trains_and_turns(tiny_config, tiny_data):
    precision = {"precision": "mixed_float16"}
    config = tiny_config(training=precision, regularization={"gaussian_noise": 0.1})
    values = {"regularization.dropout": 0.5, "regularization.l2": 0.1}
    states = train(config, tiny_data, DialTurn(1, 3, values))
    others = train(config, tiny_data)
    assert is_same(states[2], others[2]) and not is_same(states[3], others[3])
    assert all(np.isfinite(values).all() for values in states[STEPS - 1].values())


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_turns_trace_nothing_anew(jit_compile, tiny_config, tiny_data, monkeypatch):
    config = tiny_config(**EVERYTHING)
    traces = []
    for owner, name in (
        (Augmenter, "__call__"),
        (dialled.Dropout, "call"),
        (dialled.GaussianNoise, "call"),
        (dialled.L1L2, "add"),
        (dialled.CategoricalCrossentropy, "call"),
    ):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name), traces))
    board = board_of(config)
    dataset, begun = batches_of(config, tiny_data, board, 0)
    model = compiled(config, tiny_data, board, jit_compile=jit_compile)
    seen = []
    asked = {2 + index: {name: 0.01} for index, name in enumerate(list(dials_of(config))[1:6])}
    turner = Turner(board, asked | {7: ASKED}, begun, 0)
    counter = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(len(traces))
    )
    model.fit(dataset, shuffle=False, verbose=0, callbacks=[turner, counter])
    assert turner.board.config == turned_by(config, board.turns) and len(board.turns) == 6
    assert seen == [seen[0]] * STEPS and seen[0] > 5


def counted(function, calls):
    @functools.wraps(function)
    def counting(*arguments, **named):
        calls.append(function)
        return function(*arguments, **named)

    return counting
