"""Whole runs whose dials are turned: the bits of those that were built with the new values."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnlab.domain.course.dials import DialTurn, dials_of, turned, turned_by
from cnnlab.training.input.augmenter import Augmenter
from cnnlab.training.loop.checkpoint import capture, restore
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.network import dialled
from tests.training.loop.test_dials import (
    BATCH,
    CALLS,
    LEAD,
    PREFETCHED,
    REGULARIZATION,
    STEPS,
    compiled,
)
from tests.waiting import wait_until

AUGMENTATION = {
    "flip": "both",
    "rotation_degrees": 20,
    "contrast_fraction": 0.3,
    "mixup_alpha": 0.3,
}


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


def train(config, data, *turns, asked=(), state=None, first_step=0, has_dials=True):
    """Train with or without dials; returns the states after every step."""
    board = DialBoard(config, turns) if has_dials else None
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


@pytest.mark.exhaustive
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


@pytest.mark.parametrize(
    "first_step", [TURN.step - 3, pytest.param(TURN.step + 3, marks=pytest.mark.exhaustive)]
)
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
    board = DialBoard(config)
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


@pytest.mark.exhaustive
def test_mixed_precision_trains_and_turns(tiny_config, tiny_data):
    precision = {"precision": "mixed_float16"}
    config = tiny_config(training=precision, regularization={"gaussian_noise": 0.1})
    values = {"regularization.dropout": 0.5, "regularization.l2": 0.1}
    states = train(config, tiny_data, DialTurn(1, 3, values))
    others = train(config, tiny_data)
    assert is_same(states[2], others[2]) and not is_same(states[3], others[3])
    assert all(np.isfinite(values).all() for values in states[STEPS - 1].values())


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
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
    board = DialBoard(config)
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
