"""A run that starts from weights of another one and trains in phases, each with its own layers."""

import weakref
from dataclasses import dataclass

import numpy as np
import pytest

from cnnlab.domain.course.dials import DialTurn
from cnnlab.training.loop.dials import DialBoard
from cnnlab.training.loop.feed import FeatureFeed
from cnnlab.training.loop.fit import fit
from cnnlab.training.network.model import build_model
from tests.training.loop.test_fit import timeless
from tests.training.test_resume import assert_same_states, states_of, within

LAYERS = [
    {"kind": "conv", "filters": 4},
    {"kind": "batch_norm"},
    {"kind": "max_pool"},
    {"kind": "conv", "filters": 5},
    {"kind": "batch_norm"},
    {"kind": "global_average_pool"},
    {"kind": "dropout", "rate": 0.2},
    {"kind": "dense", "units": 6},
]
PHASES = [
    {"epochs": 1, "trainable_blocks": 0},
    {"epochs": 2, "trainable_blocks": 2, "learning_rate": 0.002},
    {"epochs": 1, "learning_rate": 0.001},
]
FIRST, SECOND = ("block1_conv", "block1_batch_norm"), ("block2_batch_norm", "dense")
PARTS = {
    "architecture": {"layers": LAYERS, "phases": PHASES},
    "augmentation": {"flip": "horizontal"},
    "regularization": {"dropout": 0.3, "l2": 0.001},
    "optimizer": {"schedule": "cosine", "ema_momentum": 0.9},
}


@dataclass(frozen=True)
class Start:
    arrays: dict[str, np.ndarray]
    words: str = "another run"
    sha256: str = "5a"
    licence: str = "MIT"
    seen: None = None


@pytest.fixture(scope="module")
def start(tiny_data, tiny_config):
    """Of a network with other seed and statistics."""
    config = tiny_config(architecture={"layers": LAYERS}, training={"seed": 5})
    model = build_model(config, tiny_data.image_shape, tiny_data.classes)
    for weight in model.weights:
        if "moving_" in weight.path:
            weight.assign(weight + 0.25)
    own = [weight for weight in model.weights if not weight.path.startswith("probabilities/")]
    return Start({weight.path: weight.numpy() for weight in own})


@pytest.fixture(scope="module")
def whole(tiny_data, tiny_config, recorder_stopping_at, start):
    """A run of three phases, its state captured after every step."""
    config, recorder = tiny_config(**PARTS), recorder_stopping_at(None)
    outcome = fit(config, tiny_data, recorder, start=start, checkpoint_seconds=0)
    return config, recorder, outcome


def changed(before, after):
    """Layers of which a weight that isn't a statistic differs between two states."""
    return {
        name.split("/")[1]
        for name, values in before.items()
        if name.startswith("model/") and "/moving_" not in name and np.any(values != after[name])
    }


def test_what_fits_is_taken_and_what_trains_changes(whole, start):
    _, recorder, _ = whole
    first, second, third, last = (state for _, state, _ in recorder.checkpoints)
    begun = {f"model/{name}": values for name, values in start.arrays.items()}
    assert changed(begun, first) == set()
    for name in ("mean", "variance"):  # of batch norm that doesn't train, as it came
        path = f"block1_batch_norm/moving_{name}"
        np.testing.assert_array_equal(third[f"model/{path}"], start.arrays[path])
        assert np.any(last[f"model/{path}"] != start.arrays[path])
    assert changed(first, second) == {*SECOND, "probabilities"}
    assert changed(third, last) == {*FIRST, "block2_conv", *SECOND, "probabilities"}


def test_the_run_says_where_its_weights_come_from_and_what_its_phases_are(whole):
    _, recorder, _ = whole
    assert recorder.facts["pretrained"] == {
        "source": "another run",
        "sha256": "5a",
        "licence": "MIT",
        "taken": 14,
        "new": ["probabilities/kernel", "probabilities/bias"],
        "seen": None,
    }
    assert recorder.facts["cached_features"].startswith("Phase 1: The frozen layers are computed")
    assert "Phase 2" not in recorder.facts["cached_features"]
    assert recorder.facts["phases"] == [
        {
            "first_epoch": 0,
            "words": "Phase 1: last layer, learning rate 0.001",
            "trained": ["probabilities"],
        },
        {
            "first_epoch": 1,
            "words": "Phase 2: last 2 blocks, learning rate 0.002",
            "trained": [*SECOND, "probabilities"],
        },
        {
            "first_epoch": 3,
            "words": "Phase 3: all layers, learning rate 0.001",
            "trained": [*FIRST, "block2_conv", *SECOND, "probabilities"],
        },
    ]


def test_features_of_a_phase_are_gone_before_the_next_ones_are_computed(
    tiny_data, tiny_config, recorder, monkeypatch
):
    made, held = [], []
    make = FeatureFeed.make

    def watched(self, *arguments):
        held.append([one for one in made if one() is not None])
        feed = make(self, *arguments)
        made.append(weakref.ref(feed.data.images))
        return feed

    monkeypatch.setattr(FeatureFeed, "make", watched)
    phases = [{"epochs": 1, "trainable_blocks": 0}] * 2
    fit(tiny_config(architecture={"layers": LAYERS, "phases": phases}), tiny_data, recorder)
    assert held == [[], []]


def test_the_schedule_runs_anew_in_each_phase(whole):
    _, recorder, _ = whole
    begun = [step["learning_rate"] for step in recorder.steps if step["step"] == 0]
    assert begun[:1] == [0.001]
    ends = [record["learning_rate"] for record in recorder.epochs]
    assert ends[0] < 0.00016 and ends[1] > 0.0011 and ends[2] < 0.0001 and ends[3] < 0.00016


@pytest.mark.parametrize(
    ("epoch", "step"),
    [
        (0, None),
        (1, 2),
        pytest.param(2, None, marks=pytest.mark.exhaustive),
        pytest.param(3, 1, marks=pytest.mark.exhaustive),
    ],
    ids=lambda place: str(place),
)
def test_resumed_in_any_phase_it_is_the_whole_run_to_the_bit(
    epoch, step, whole, start, tiny_data, recorder
):
    config, expected, outcome = whole
    if step is None:
        begun = states_of(expected, epoch)
    else:
        begun = states_of(expected, epoch - 1) | {"within_state": within(expected, epoch, step)}
    resumed = fit(config, tiny_data, recorder, start=start, **begun)
    assert timeless(resumed.history) == timeless(expected.epochs)
    assert resumed.weights_checksum == outcome.weights_checksum
    assert_same_states(recorder.checkpoints[-1][1], expected.checkpoints[-1][1])
    assert recorder.facts["init_checksum"] == expected.facts["init_checksum"]


def test_a_run_forked_where_a_phase_begins_may_train_other_layers(
    whole, start, tiny_data, tiny_config, recorder
):
    _, parent, _ = whole
    phases = [*PHASES[:1], {"epochs": 1, "trainable_blocks": 1}]
    config = tiny_config(**PARTS | {"architecture": {"layers": LAYERS, "phases": phases}})
    forked = fit(config, tiny_data, recorder, start=start, **states_of(parent, 0))
    assert forked.status == "finished" and len(forked.history) == 2
    assert timeless(forked.history[:1]) == timeless(parent.epochs[:1])
    state = recorder.checkpoints[0][1]
    assert changed(parent.checkpoints[0][1], state) == {"dense", "probabilities"}


def test_early_stopping_waits_for_the_last_phase(tiny_data, tiny_config, recorder, start):
    stops = {"patience_epochs": 1, "min_delta": 1.0}  # nothing counts as an improvement
    phases = [{"epochs": 3, "trainable_blocks": 0}, {"epochs": 5, "trainable_blocks": 1}]
    config = tiny_config(
        architecture={"layers": LAYERS, "phases": phases},
        regularization={"early_stopping": stops},
    )
    outcome = fit(config, tiny_data, recorder, start=start)
    assert outcome.stopped_early and len(outcome.history) == 5


def test_only_dropout_differs_so_the_start_is_the_same(
    whole, start, tiny_data, tiny_config, recorder_stopping_at
):
    parts = PARTS | {"regularization": {"dropout": 0.5}}
    other = recorder_stopping_at(1)
    fit(tiny_config(**parts), tiny_data, other, start=start)
    assert other.facts["init_checksum"] == whole[1].facts["init_checksum"]
    drawn = recorder_stopping_at(1)
    fit(tiny_config(**PARTS), tiny_data, drawn)
    assert drawn.facts["init_checksum"] != whole[1].facts["init_checksum"]
    assert drawn.facts["pretrained"] is None


def test_a_turn_of_the_learning_rate_holds_until_the_next_phase(tiny_config):
    turns = [
        DialTurn(1, 2, {"optimizer.learning_rate": 0.5}),
        DialTurn(2, 9, {"optimizer.learning_rate": 0.25}),
    ]
    board = DialBoard(tiny_config(), turns, {0: 0.1, 4: 0.2, 12: 0.3})
    rates = []
    for step in range(14):
        board.apply_due(step)
        rates.append(board.config.optimizer.learning_rate)
    assert rates == [0.1] * 2 + [0.5] * 2 + [0.2] * 5 + [0.25] * 3 + [0.3] * 2
