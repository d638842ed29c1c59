"""Dials, forks and the queue, without any training."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.course.phases import planned_rate
from cnnlab.domain.errors import BadInputError, ConfigError, RunStateError, StorageError
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from tests.made_runs import STEPS, made_run, no_supervisor

RATE, L2 = "optimizer.learning_rate", "regularization.l2"


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id, "augmentation": {"zoom_fraction": 0.1}})


def test_dials_stand_where_they_were_turned_to_even_before_the_worker_did_it(config):
    run = made_run(config)
    values = {dial.name: dial.value for dial in lab.dials(run.id)}
    assert values["augmentation.zoom_fraction"] == 0.1
    assert values[L2] == 0
    assert "augmentation.rotation_degrees" not in values  # it was off at the start
    assert lab.turn_dials(run.id, {L2: 0.01, RATE: 0.002}) == 1
    assert lab.turn_dials(run.id, {L2: 0.02}) == 2
    values = {dial.name: dial.value for dial in lab.dials(run.id)}
    assert (values[L2], values[RATE]) == (0.02, 0.002)


@pytest.mark.parametrize(
    ("epochs", "turns", "expected"),
    [
        (0, [], 0.02),
        (1, [(1, 0.5)], 0.5),
        (2, [(1, 0.5)], 0.0007),
        (3, [(1, 0.5), (2 * STEPS + 1, 0.25)], 0.25),
        (2, [(1, 0.5), (None, 0.125)], 0.125),
    ],
    ids=["first", "turned", "second", "turned_in_it", "only_asked_for"],
)
def test_the_rate_is_that_of_the_phase_until_it_is_turned_within_it(
    config, epochs, turns, expected
):
    phases = [{"epochs": 2, "learning_rate": 0.02}, {"epochs": 2, "learning_rate": 0.0007}]
    config = load_config(config.model_dump() | {"architecture": {"phases": phases}})
    made = [DialTurn(at + 1, step, {RATE: rate}) for at, (step, rate) in enumerate(turns) if step]
    run = made_run(config, epochs=epochs, turns=made)
    for number, (_, rate) in enumerate(turns, start=1):
        assert lab.turn_dials(run.id, {RATE: rate, L2: number / 10}) == number
    values = {dial.name: dial.value for dial in lab.dials(run.id)}
    assert (values[RATE], values[L2]) == (expected, len(turns) / 10)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"training.epochs": 9}, "training.epochs can't be changed while this run trains"),
        ({"augmentation.rotation_degrees": 9}, "fork the run instead"),
        ({"regularization.dropout": 2.0}, "regularization.dropout"),
    ],
)
def test_what_can_not_be_turned_is_refused_and_nothing_is_asked_for(config, values, message):
    run = made_run(config)
    with pytest.raises(ConfigError, match=message):
        lab.turn_dials(run.id, values)
    assert lab.turn_dials(run.id, {L2: 0.1}) == 1


@pytest.mark.parametrize("status", [Status.QUEUED, Status.INTERRUPTED, Status.FINISHED])
def test_only_a_running_run_is_turned(config, status):
    run = made_run(config, status=status)
    with pytest.raises(RunStateError, match=f"is {status}: only a running one"):
        lab.turn_dials(run.id, {L2: 0.1})


def test_a_fork_begins_with_what_its_parent_had_at_that_epoch(config):
    turns = [DialTurn(1, STEPS, {L2: 0.01}), DialTurn(2, 2 * STEPS, {L2: 0.5})]
    parent = made_run(config, turns=turns, status=Status.STOPPED, name="Parent")
    assert lab.config_at(parent.id, 0).regularization.l2 == 0
    assert lab.config_at(parent.id, 1).regularization.l2 == 0.01
    child = lab.fork_run(parent.id, 1, ["training.epochs=30"])
    assert child.origin == {"run": parent.id, "epoch": 1}
    assert (child.status, child.attempt) == (Status.QUEUED, 1)
    assert child.config["regularization"]["l2"] == 0.01
    assert child.config["training"]["epochs"] == 30
    assert child.name == "Parent from epoch 2, training.epochs=30"
    attempt = Attempt(workplace().home.attempt(child.id, 1))
    assert attempt.history() == Attempt(workplace().home.attempt(parent.id, 1)).history()[:2]
    assert attempt.turns() == []  # they stand in its config
    assert lab.forkable_epochs(child.id) == [1]
    assert lab.load_run(child.id) == child


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("image.size=32", "image can't be changed at a fork: the weights belong to images"),
        ("split.seed=1", "images that were trained on would come to be validated on"),
        ("architecture.filters=8", "the kept weights belong to this network"),
        ("optimizer.name=sgd", "the kept state belongs to this optimizer"),
        ("training.epochs=2", "must be more than 2"),
        ("regularization.dropuot=0.1", "did you mean regularization.dropout"),
    ],
)
def test_what_can_not_change_at_a_fork_is_refused_with_the_reason(config, change, message):
    parent = made_run(config)
    with pytest.raises(ConfigError, match=message):
        lab.fork_run(parent.id, 1, [change])
    assert lab.list_runs() == [parent]


OWN_RATES = [{"epochs": 2, "learning_rate": 0.01}, {"epochs": 8, "learning_rate": 0.001}]


@pytest.mark.parametrize(
    ("phases", "change", "expected"),
    [
        (OWN_RATES, "training.epochs=30", [2, 28]),
        (None, 'architecture.phases=[{"epochs": 2}, {"epochs": 3, "trainable_blocks": 0}]', [2, 3]),
        (OWN_RATES, "training.epochs=2", "must be more than 2, with which the last phase begins"),
        (OWN_RATES, "optimizer.learning_rate=0.1", "learning_rate does nothing here"),
        (None, 'architecture.phases=[{"trainable_blocks": 0}]', "behind phases of 2 epochs in all"),
    ],
)
def test_phases_may_begin_at_a_fork_and_its_length_is_that_of_the_last(
    config, phases, change, expected
):
    network = config.architecture.model_dump() | {"phases": phases}
    parent = made_run(load_config(config.model_dump() | {"architecture": network}))
    if isinstance(expected, str):
        with pytest.raises(ConfigError, match=expected):
            lab.fork_run(parent.id, 1, [change])
        return
    child = load_config(lab.fork_run(parent.id, 1, [change]).config)
    assert [phase.epochs for phase in child.architecture.phases] == expected


@pytest.mark.parametrize(
    ("rates", "turned_in", "forked_after", "expected"),
    [
        ((None, 1e-4, None), 2, 2, {3: 1e-5, 4: 0.001}),
        ((None, None, None), 0, 2, {3: 0.001, 4: 0.001}),
        ((None, None, None), 0, 1, {2: 0.001, 4: 0.001}),
        ((None, None, 0.01), 0, 0, {1: 1e-5, 2: 0.001, 4: 0.01}),
    ],
    ids=["within_the_phase", "in_an_earlier_one", "at_the_end_of_it", "its_null_rate"],
)
def test_a_fork_goes_on_at_the_learning_rate_of_its_parent(
    config, rates, turned_in, forked_after, expected
):
    phases = [{"epochs": 2, "learning_rate": rate} for rate in rates]
    network = config.architecture.model_dump() | {"phases": phases}
    turns = [DialTurn(1, turned_in * STEPS + 1, {RATE: 1e-5})]
    parent = made_run(load_config(config.model_dump() | {"architecture": network}), turns=turns)
    child = load_config(lab.fork_run(parent.id, forked_after).config)
    found = {epoch: planned_rate(child, epoch * STEPS, steps_per_epoch=STEPS) for epoch in expected}
    assert found == expected
    assert child.optimizer.learning_rate == 0.001


@pytest.mark.parametrize("before", [0.0, 0.9])
def test_momentum_is_not_switched_at_a_fork_but_may_be_another(config, before):
    optimizer = {"name": "sgd", "momentum": before}
    parent = made_run(load_config(config.model_dump() | {"optimizer": optimizer}))
    switched = 0.9 if before == 0 else 0.0
    with pytest.raises(ConfigError, match="momentum can't be switched on or off at a fork"):
        lab.fork_run(parent.id, 1, [f"optimizer.momentum={switched}"])
    if before:
        assert lab.fork_run(parent.id, 1, ["optimizer.momentum=0.5"])


def test_a_fork_from_a_damaged_state_leaves_nothing(config):
    parent = made_run(config)
    home = workplace().home
    for state in Attempt(home.attempt(parent.id, 1)).checkpoints.glob("*.state"):
        state.write_bytes(b"damaged")
    with pytest.raises(StorageError, match="missing or damaged"):
        lab.fork_run(parent.id, 1)
    assert [folder.name for folder in home.runs.iterdir()] == [parent.id]
    assert lab.list_runs() == [parent]


def test_an_epoch_that_is_not_kept_is_refused_and_the_kept_ones_are_named(config):
    parent = made_run(config)
    with pytest.raises(BadInputError, match="isn't kept: take one that is.*0, 1, 2"):
        lab.fork_run(parent.id, 7)


def test_the_queue_is_first_come_first_served(config):
    waiting = [lab.launch_run(config) for _ in range(3)]
    workplace().runs.update(waiting[0].id, created_at="2020-01-02T00:00:00.000+00:00")
    workplace().runs.update(waiting[2].id, created_at="2020-01-01T00:00:00.000+00:00")
    places = [lab.queue_place(lab.load_run(run.id)).place for run in waiting]
    assert places == [2, 3, 1]
    lab.stop_run(waiting[2].id)
    assert lab.queue_place(lab.load_run(waiting[2].id)) is None
    assert lab.queue_place(lab.load_run(waiting[0].id)).place == 1
    places = {run: place.place for run, place in lab.queue_places().items()}
    assert places == {waiting[0].id: 1, waiting[1].id: 2}
