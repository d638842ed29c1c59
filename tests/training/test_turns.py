"""Dials that are turned while a run trains."""

import json

import keras
import pytest

from cnnlab.training.input.data import pipeline_depth
from cnnlab.training.loop import recording as reports
from cnnlab.training.loop.fit import fit
from tests.training.loop.test_fit import timeless

MUCH = {
    "augmentation": {"rotation_degrees": 10, "noise_stddev": 5},
    "regularization": {"dropout": 0.3, "batch_norm": True},
    "training": {"epochs": 4},
}
TURNED = {
    "optimizer.learning_rate": 0.004,
    "regularization.dropout": 0.6,
    "regularization.l2": 0.01,
    "regularization.label_smoothing": 0.2,
    "augmentation.rotation_degrees": 45.0,
}
ASKED_BEFORE_STEP = 3


@pytest.fixture(scope="module")
def live(tiny_data, tiny_config, recorder_stopping_at):
    """A run of 16 steps whose dials were turned while it trained, and all that it told in order."""
    recorder, told = recorder_stopping_at(None), []
    recorder.asked_dials = lambda: asked_after(recorder)
    recorder.step = lambda record: told.append(("step", record))
    recorder.turned = lambda turn: (recorder.turns.append(turn), told.append(("turned", turn)))
    config = tiny_config(**MUCH)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reports, "SECONDS_BETWEEN_RECORDS", 0.0)
        outcome = fit(config, tiny_data, recorder, checkpoint_seconds=0)
    return config, recorder, outcome, told


def asked_after(recorder):
    recorder.asks = getattr(recorder, "asks", -1) + 1
    return [{"number": 1, "values": TURNED}] if recorder.asks >= ASKED_BEFORE_STEP else []


def test_a_turn_is_told_before_it_holds(live):
    _, recorder, _, told = live
    (turn,) = recorder.turns
    assert turn.values == TURNED and turn.number == 1
    assert ASKED_BEFORE_STEP < turn.step <= ASKED_BEFORE_STEP + pipeline_depth(2)
    kinds = [kind for kind, _ in told]
    before = [record for kind, record in told[: kinds.index("turned")] if kind == "step"]
    assert len(before) <= turn.step
    rates = [record["learning_rate"] for kind, record in told if kind == "step"]
    assert rates == [0.001] * turn.step + [0.004] * (16 - turn.step)


def test_a_turn_changes_what_is_trained(live, tiny_data, recorder):
    config, turned, _, _ = live
    fit(config, tiny_data, recorder)
    assert recorder.epochs[0]["loss"] == turned.epochs[0]["loss"]  # not yet
    assert recorder.epochs[-1]["penalty"] == 0 and turned.epochs[-1]["penalty"] > 0
    assert recorder.epochs[-1]["cross_entropy"] != turned.epochs[-1]["cross_entropy"]


def test_turns_are_made_again_at_their_own_steps(live, tiny_data, recorder):
    config, turned, outcome, _ = live
    recorder.asked = [{"number": 1, "values": TURNED}]  # made already: not planned twice
    again = fit(config, tiny_data, recorder, turns=turned.turns)
    assert recorder.turns == []
    assert timeless(again.history) == timeless(turned.epochs)
    assert again.weights_checksum == outcome.weights_checksum


@pytest.mark.parametrize("place", [(0, 2), (2, 1)])
def test_turns_before_and_after_the_place_of_a_resume_hold(place, live, tiny_data, recorder):
    config, turned, outcome, _ = live
    epoch, step = place
    (within,) = [state for *where, state in turned.within if where == [epoch, step]]
    begun = {"history": turned.epochs[:epoch], "within_state": within}
    if epoch:
        begun["state"] = turned.checkpoints[epoch - 1][1]
    resumed = fit(config, tiny_data, recorder, turns=turned.turns, **begun)
    assert timeless(resumed.history) == timeless(turned.epochs)
    assert resumed.weights_checksum == outcome.weights_checksum


def test_a_turn_that_can_not_be_made_is_left_out(tiny_data, tiny_config, recorder):
    recorder.asked = [{"number": 1, "values": {"augmentation.zoom_fraction": 0.1}}]
    outcome = fit(tiny_config(training={"epochs": 1}), tiny_data, recorder)
    assert outcome.status == "finished" and recorder.turns == []


def test_the_model_that_is_given_away_is_plain_keras(live):
    _, _, outcome, _ = live
    kinds = {type(layer) for layer in outcome.model.layers} | {type(outcome.model)}
    assert all(kind.__module__.startswith("keras.") for kind in kinds)
    assert keras.models.model_from_json(outcome.model.to_json())
    assert "cnnlab." not in json.dumps(outcome.model.get_config())
