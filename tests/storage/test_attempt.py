import numpy as np
import pytest

from cnnlab.domain.history import EpochRecord
from cnnlab.storage.attempt import Attempt, AttemptRecorder
from cnnlab.storage.checkpoints import list_checkpoints, load_checkpoint


@pytest.fixture
def attempts(tmp_path):
    """An attempt with four epochs and three kept checkpoints, and an empty one after it."""
    first, second = Attempt(tmp_path / "attempt-1"), Attempt(tmp_path / "attempt-2")
    for attempt in (first, second):
        attempt.create({"a": 1})
    recorder = AttemptRecorder(first)
    recorder.started({"device": "CPU"})
    values = dict.fromkeys(EpochRecord.__dataclass_fields__, 0.5)
    for epoch in range(4):
        recorder.epoch(EpochRecord(**values | {"epoch": epoch}))
        recorder.checkpoint(epoch, {"weights": np.full(3, epoch)}, is_best=epoch == 1)
    recorder.close()
    return first, second


def _damage(attempt, entry):
    (attempt.checkpoints / entry["file"]).write_bytes(b"damaged")


def test_the_next_attempt_goes_on_from_the_last_checkpoint(attempts):
    first, second = attempts
    for _ in range(2):  # also after a kill in between
        second.continue_from(first)
        assert [record["epoch"] for record in second.history()] == [0, 1, 2, 3]
        assert [entry["epoch"] for entry in list_checkpoints(second.checkpoints)] == [1, 2, 3]
    assert second.started() == {}


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
