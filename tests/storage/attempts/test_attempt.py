import json
import shutil

import numpy as np
import pytest

from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.errors import StorageError
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.training import EpochRecord
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from cnnlab.storage.attempts.checkpoints import list_checkpoints, load_checkpoint, load_states

TURN = DialTurn(1, 7, {"optimizer.learning_rate": 0.5})


def _record(epoch):
    values = dict.fromkeys(EpochRecord.__annotations__, 0.5)
    return EpochRecord(**values | {"epoch": epoch, "val_accuracy": 0.9 if epoch == 1 else 0.5})


def _said(epoch):
    probabilities = np.array([[0.9, 0.1], [0.5 - epoch / 100, 0.5 + epoch / 100]], np.float32)
    return Predictions(np.array([4, 8]), np.array([0, 1]), probabilities)


def _said_after(attempt):
    """What the second image's second class was said to be, by epoch."""
    found = attempt.read_predictions()
    return {} if found is None else dict(zip(found.epochs, found.of_image(1)[:, 1], strict=True))


@pytest.fixture
def attempts(tmp_path):
    """An attempt with four epochs, of which the second is the best, and an empty one after it."""
    first, second = Attempt(tmp_path / "attempt-1"), Attempt(tmp_path / "attempt-2")
    for attempt in (first, second):
        attempt.create({"a": 1})
    recorder = AttemptRecorder(first)
    recorder.started({"device": "CPU", "epochs": 6})
    for epoch in range(4):
        recorder.predictions(epoch, _said(epoch))
        recorder.epoch(_record(epoch))
        recorder.checkpoint(epoch, {"weights": np.full(3, epoch)}, is_best=epoch == 1)
    recorder.close()
    return first, second


def _damage(attempt, entry):
    (attempt.checkpoints / entry["file"]).write_bytes(b"damaged")


def test_the_next_attempt_goes_on_from_the_last_checkpoint(attempts):
    first, second = attempts
    for _ in range(2):  # also after a kill in between
        assert second.continue_from(first)
        assert [record["epoch"] for record in second.history()] == [0, 1, 2, 3]
        assert second.forkable_epochs() == [0, 1, 2, 3]
    assert second.started() is None


def test_the_next_attempt_goes_on_within_an_epoch(attempts):
    first, second = attempts
    recorder = AttemptRecorder(first)
    recorder.checkpoint_within(4, 2, {"weights": np.full(3, 9)})
    recorder.epoch(_record(4))  # its checkpoint was cut off: the rest of it is trained again
    recorder.close()
    assert second.continue_from(first)
    assert [record["epoch"] for record in second.history()] == [0, 1, 2, 3]
    states = load_states(second.checkpoints)
    assert states["state"]["weights"][0] == 3
    assert states["within_state"]["weights"][0] == 9
    assert second.forkable_epochs() == [0, 1, 2, 3]


def test_the_next_attempt_goes_on_within_the_first_epoch(tmp_path):
    first, second = Attempt(tmp_path / "attempt-1"), Attempt(tmp_path / "attempt-2")
    for attempt in (first, second):
        attempt.create({"a": 1})
    recorder = AttemptRecorder(first)
    recorder.checkpoint_within(0, 2, {"weights": np.zeros(3)})
    recorder.close()
    assert second.continue_from(first)
    assert second.history() == []
    assert load_states(second.checkpoints)["within_state"] is not None


def test_a_damaged_checkpoint_is_passed_over(attempts):
    first, second = attempts
    _damage(first, list_checkpoints(first.checkpoints)[-1])
    second.continue_from(first)
    assert [record["epoch"] for record in second.history()] == [0, 1, 2]
    last = list_checkpoints(second.checkpoints)[-1]
    assert load_checkpoint(second.checkpoints, last)["weights"].tolist() == [2, 2, 2]


def test_without_a_sound_checkpoint_it_begins_at_the_start(attempts):
    first, second = attempts
    for entry in list_checkpoints(first.checkpoints):
        _damage(first, entry)
    assert not second.continue_from(first)
    assert second.history() == []
    assert list_checkpoints(second.checkpoints) == []


def test_turns_of_the_dials_outlive_a_kill_before_the_first_checkpoint(tmp_path):
    first, second, third = (Attempt(tmp_path / f"attempt-{number}") for number in (1, 2, 3))
    for attempt in (first, second, third):
        attempt.create({"a": 1})
    first.ask_for_dials(TURN.values)
    recorder = AttemptRecorder(first)
    recorder.turned(TURN)
    recorder.close()
    assert not second.continue_from(first)
    assert second.turns() == [TURN]
    assert second.asked_dials() == first.asked_dials()
    recorder = AttemptRecorder(second)
    recorder.turned(DialTurn(2, 9, TURN.values))
    recorder.close()
    for earlier in (second, first):  # the older one knows less
        assert not third.continue_from(earlier)
    assert [turn.number for turn in third.turns()] == [1, 2]


def test_what_a_kill_left_behind_is_removed(attempts):
    first, second = attempts
    left = [first.folder / ".model.keras.01.part", first.checkpoints / ".epoch-00005.state.01.part"]
    for file in left:
        file.write_bytes(b"half")
    second.continue_from(first)
    assert not any(file.exists() for file in left)
    left = second.checkpoints / ".epoch-00005.state.01.part"
    left.write_bytes(b"half")
    AttemptRecorder(second).close()
    assert not left.exists()


def test_a_fork_begins_with_the_epochs_up_to_it(attempts):
    parent, child = attempts
    parent.ask_for_dials(TURN.values)
    recorder = AttemptRecorder(parent)
    recorder.turned(TURN)
    recorder.checkpoint_within(3, 2, {"weights": np.zeros(3)})
    recorder.close()
    child.fork_from(parent, 2)
    assert [record["epoch"] for record in child.history()] == [0, 1, 2]
    assert child.turns() == [] and child.asked_dials() == []
    states = load_states(child.checkpoints)
    assert states["state"]["weights"][0] == 2
    assert states["best_state"]["weights"][0] == 1
    assert states["within_state"] is None


def test_a_fork_knows_only_the_best_of_its_own_epochs(attempts):
    parent, child = attempts
    manifest = parent.checkpoints / "manifest.json"
    entries = json.loads(manifest.read_text())
    for entry in entries:  # the first epoch was the best until the second one was
        entry["best"] |= entry["epoch"] == 0
    manifest.write_text(json.dumps(entries))
    child.fork_from(parent, 0)
    assert load_states(child.checkpoints)["best_state"]["weights"][0] == 0


def test_a_fork_from_a_damaged_state_is_refused(attempts):
    parent, child = attempts
    _damage(parent, list_checkpoints(parent.checkpoints)[2])
    with pytest.raises(StorageError, match=r"after epoch 2 is missing or damaged.*fork from"):
        child.fork_from(parent, 2)
    assert child.history() == []


def _expected(epochs):
    return {epoch: pytest.approx(0.5 + epoch / 100, rel=1e-3) for epoch in range(epochs)}


def test_predictions_go_on_with_the_attempts_and_are_those_of_a_whole_one(attempts):
    first, second = attempts
    assert _said_after(first) == _expected(4)
    _damage(first, list_checkpoints(first.checkpoints)[-1])  # the last epoch is trained again
    second.continue_from(first)
    assert _said_after(second) == _expected(3)
    recorder = AttemptRecorder(second)
    recorder.started({"device": "CPU", "epochs": 6})
    for epoch in (3, 4):
        recorder.predictions(epoch, _said(epoch))
        assert _said_after(second) == _expected(epoch)  # it has no record yet
        recorder.epoch(_record(epoch))
        assert _said_after(second) == _expected(epoch + 1)
    recorder.close()
    assert _said_after(first) == _expected(4)


def test_a_fork_has_the_predictions_up_to_it(attempts):
    parent, child = attempts
    child.fork_from(parent, 1)
    assert _said_after(child) == _expected(2)


def test_a_run_that_an_earlier_version_began_has_those_of_its_later_epochs(attempts):
    first, second = attempts
    shutil.rmtree(first.predictions)
    assert first.read_predictions() is None
    second.continue_from(first)
    recorder = AttemptRecorder(second)
    recorder.started({"device": "CPU", "epochs": 6})
    recorder.predictions(4, _said(4))
    recorder.epoch(_record(4))
    recorder.close()
    assert list(_said_after(second)) == [4]
