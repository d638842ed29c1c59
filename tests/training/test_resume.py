"""Going on from a state: after an epoch, within one, and in another way (a fork)."""

import json

import numpy as np
import pytest

from cnnlab.domain.errors import FencedError, TrainingError
from cnnlab.training.loop.checkpoint import SECONDS, capture, restore
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.compiling import compile_model
from cnnlab.training.network.model import build_model
from tests.training.loop.test_fit import EVERYTHING, timeless

# Kinds of layers that a preset of this size hasn't, each of which draws or keeps statistics.
LAYERS = [
    {"kind": "conv", "filters": 6, "strides": 2, "use_bias": False, "activation": "relu6"},
    {"kind": "inverted_residual_block", "filters": 6, "expanded_filters": 8, "squeeze_filters": 2,
     "activation": "hard_silu"},
    {"kind": "branch_block", "paths": [[{"kind": "spatial_dropout", "rate": 0.1}], []]},
    {"kind": "max_pool"}, {"kind": "dense", "units": 8},
]  # fmt: skip


@pytest.fixture(scope="module")
def whole_run(tiny_data, tiny_config, recorder_stopping_at):
    """A run of four epochs with much switched on, its state captured after every step."""
    regularization = EVERYTHING["regularization"] | {"stochastic_depth": 0.2}
    own = {"architecture": {"layers": LAYERS}, "regularization": regularization}
    config, recorder = tiny_config(**EVERYTHING | own), recorder_stopping_at(None)
    outcome = fit(config, tiny_data, recorder, checkpoint_seconds=0)
    return config, recorder, outcome


def states_of(recorder, epoch):
    """Keywords of `fit` with which it goes on after an epoch of an earlier run."""
    history = json.loads(json.dumps(recorder.epochs))
    return {"history": history, "state": recorder.checkpoints[epoch][1]}


def within(recorder, epoch, step):
    (state,) = [state for *place, state in recorder.within if place == [epoch, step]]
    return state


def assert_same_states(states, expected):
    assert states.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(states[name], expected[name], err_msg=name)


def test_states_within_epochs_are_handed_over_but_not_at_their_ends(whole_run):
    _, recorder, _ = whole_run
    places = [(epoch, step) for epoch, step, _ in recorder.within]
    assert places == [(epoch, step) for epoch in range(4) for step in (1, 2, 3)]


def test_states_within_epochs_change_nothing(whole_run, tiny_data, recorder):
    config, whole, outcome = whole_run
    plain = fit(config, tiny_data, recorder)
    assert recorder.within == []  # these epochs are short
    assert timeless(recorder.epochs) == timeless(whole.epochs)
    assert plain.weights_checksum == outcome.weights_checksum


def test_run_resumed_within_an_epoch_is_the_whole_run_to_the_bit(whole_run, tiny_data, recorder):
    config, whole, outcome = whole_run
    state = within(whole, 1, 2)
    resumed = fit(config, tiny_data, recorder, **states_of(whole, 0), within_state=state)
    assert timeless(resumed.history) == timeless(whole.epochs)
    assert [record["epoch"] for record in recorder.epochs] == [1, 2, 3]
    assert resumed.weights_checksum == outcome.weights_checksum
    assert_same_states(recorder.checkpoints[-1][1], whole.checkpoints[-1][1])
    assert recorder.steps[0]["epoch"] == 1 and recorder.steps[0]["step"] == 2
    assert recorder.phases == ["Building the model", "Compiling", "Training"]


@pytest.mark.parametrize(
    "changes",
    [
        {
            "optimizer": {"gradient_accumulation_steps": 3},
            "regularization": {"batch_norm": True},
            "training": {"precision": "mixed_float16"},
        },
        pytest.param(
            {
                "optimizer": {"name": "schedule_free_adamw"},
                "training": {"epochs": 1, "precision": "mixed_bfloat16"},
            },
            marks=pytest.mark.exhaustive,
        ),
        {
            "optimizer": {"clip_value": 0.1, "ema_momentum": 0.9},
            "augmentation": {"mixup_alpha": 0.2},
            "regularization": {"label_smoothing": 0.1},
            "training": {"loss": "focal", "sampling": "balanced"},
        },
    ],
)
def test_first_epoch_is_resumed_to_the_bit(changes, tiny_data, tiny_config, recorder_stopping_at):
    config = tiny_config(**changes)
    whole, resumed = recorder_stopping_at(None), recorder_stopping_at(None)
    expected = fit(config, tiny_data, whole, checkpoint_seconds=0)
    outcome = fit(config, tiny_data, resumed, within_state=within(whole, 0, 1))
    assert timeless(outcome.history) == timeless(whole.epochs)
    assert outcome.weights_checksum == expected.weights_checksum


def test_time_of_both_parts_counts(whole_run, tiny_data, recorder_stopping_at):
    config, whole, _ = whole_run
    recorder = recorder_stopping_at(3)  # after steps 2 and 3 of this epoch and the next one's first
    before = 100_000.0  # more than the other part takes on any machine
    state = within(whole, 1, 2) | {SECONDS: np.array(before)}
    fit(config, tiny_data, recorder, **states_of(whole, 0), within_state=state)
    (record,) = recorder.epochs
    assert before < record["seconds"] < 2 * before
    assert record["images_per_second"] == pytest.approx(52 / record["seconds"])
    assert recorder.steps[0]["seconds"] > before


def test_stop_in_a_resumed_epoch_leaves_the_model_of_the_epoch_before(
    whole_run, tiny_data, recorder_stopping_at
):
    config, whole, _ = whole_run
    recorder = recorder_stopping_at(1)
    state = within(whole, 1, 2)
    outcome = fit(config, tiny_data, recorder, **states_of(whole, 0), within_state=state)
    assert outcome.status == "stopped" and outcome.best_epoch == 0
    first = fit(config, tiny_data, recorder_stopping_at(4))
    assert outcome.weights_checksum == first.weights_checksum


def test_state_within_another_epoch_is_refused(whole_run, tiny_data, recorder):
    config, whole, _ = whole_run
    with pytest.raises(TrainingError, match="isn't of the epoch that comes next"):
        fit(config, tiny_data, recorder, **states_of(whole, 1), within_state=within(whole, 1, 2))


@pytest.fixture(scope="module")
def parent(tiny_data, tiny_config, recorder_stopping_at):
    """A plain run of one epoch, to be forked."""
    recorder = recorder_stopping_at(None)
    fit(tiny_config(training={"epochs": 1}), tiny_data, recorder)
    return recorder


def test_fork_with_more_epochs_is_the_longer_run(
    parent, tiny_data, tiny_config, recorder_stopping_at
):
    whole, forked = recorder_stopping_at(None), recorder_stopping_at(None)
    expected = fit(tiny_config(), tiny_data, whole)
    outcome = fit(tiny_config(), tiny_data, forked, **states_of(parent, 0), device="cpu")
    assert timeless(outcome.history) == timeless(whole.epochs)
    assert outcome.weights_checksum == expected.weights_checksum
    assert_same_states(forked.checkpoints[-1][1], whole.checkpoints[-1][1])


@pytest.mark.parametrize(
    "changes",
    [
        {"regularization": {"dropout": 0.5, "spatial_dropout": 0.1, "gaussian_noise": 0.1}},
        {"training": {"batch_size": 7}},
        *(
            pytest.param(parts, marks=pytest.mark.exhaustive)
            for parts in (
                {"optimizer": {"learning_rate": 0.02, "clip_norm": 1.0}},
                {"augmentation": {"flip": "horizontal", "mixup_alpha": 0.2}},
                {"regularization": {"label_smoothing": 0.3, "l2": 0.01, "weight_decay": 0.01}},
                {
                    "training": {"epochs": 9},
                    "regularization": {"early_stopping": {"patience_epochs": 1}},
                },
            )
        ),
    ],
)
def test_forks_train_on_in_their_own_way(changes, parent, tiny_data, tiny_config, recorder):
    config = tiny_config(**changes)
    begun = states_of(parent, 0)
    forked = fit(config, tiny_data, recorder, **begun)
    assert forked.status == "finished"
    assert timeless(forked.history[:1]) == timeless(parent.epochs)
    assert [record["epoch"] for record in recorder.epochs] == list(range(1, len(forked.history)))
    # An epoch later, the weights are other ones, but still near the parent's.
    name = "model/dense/kernel"
    moved = np.abs(recorder.checkpoints[0][1][name] - begun["state"][name])
    assert 0 < moved.max() < 0.3


def test_a_fork_takes_over_the_random_layers_that_it_shares(tiny_data, tiny_config):
    def built(**regularization):
        config = tiny_config(regularization=regularization)
        model = build_model(config, tiny_data.image_shape, tiny_data.classes)
        compile_model(model, config)
        return model

    state = capture(built(dropout=0.5), 0)
    seeds = {name: values + 7 for name, values in state.items() if name.startswith("seeds/")}
    assert len(seeds) == 2
    child = built(dropout=0.2, gaussian_noise=0.1)
    own = capture(child, 0)
    restore(child, state | seeds)
    taken = capture(child, 0)
    for name in (name for name in taken if name.startswith("seeds/")):
        np.testing.assert_array_equal(taken[name], seeds.get(name, own[name]))


def test_best_epoch_is_that_of_the_states_at_hand(whole_run, tiny_data, recorder):
    """Where the state of the best epoch wasn't kept, the best of the others is the model."""
    config, whole, _ = whole_run
    begun = states_of(whole, 2)
    begun["history"][0] |= {"val_accuracy": 1.0, "val_cross_entropy": 0.0}
    begun["history"][2] |= {"val_accuracy": 0.9}
    outcome = fit(config, tiny_data, recorder, **begun)
    expected = 3 if outcome.history[3]["val_accuracy"] > 0.9 else 2
    assert outcome.best_epoch == 0
    assert outcome.kept_epoch == expected
    assert recorder.checkpoints[0][2] == (expected == 3)


def test_a_newer_attempt_ends_the_training_at_once(tiny_data, tiny_config, recorder):
    def fenced():
        raise FencedError("A newer attempt of this run has taken over.")

    recorder.should_stop = fenced
    with pytest.raises(FencedError):
        fit(tiny_config(), tiny_data, recorder)
    assert recorder.epochs == []


def test_evaluation_shows_signs_of_life(parent):
    assert parent.beats > 0
