"""How much room a run needs that a full disk has stopped."""

import numpy as np

from cnnlab.domain.predictions import Predictions
from cnnlab.runner.room import START_BYTES, room_to_go_on
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from tests.made_runs import epoch_record


def test_a_run_that_says_more_needs_more_room(tmp_path):
    needed = []
    for images in (0, 2000):
        attempt = Attempt(tmp_path / str(images))
        attempt.create({})
        recorder = AttemptRecorder(attempt)
        recorder.started({"epochs": 10})
        if images:
            labels = np.arange(images) % 10
            shares = np.random.default_rng(0).dirichlet(np.ones(10), images).astype(np.float32)
            recorder.predictions(0, Predictions(np.arange(images), labels, shares))
        recorder.epoch(epoch_record(0))
        recorder.checkpoint(0, {"weights": np.zeros(1000)}, is_best=True)
        recorder.close()
        needed.append(room_to_go_on(attempt))
    assert needed[0] > 2 * START_BYTES + 8 * 8000
    assert needed[1] > needed[0] + 8 * 2000 * 10  # a byte a class and more


def test_predictions_that_can_not_be_read_are_in_nobodys_way(tmp_path):
    attempt = Attempt(tmp_path)
    attempt.create({})
    assert room_to_go_on(attempt) == 2 * START_BYTES
    recorder = AttemptRecorder(attempt)
    recorder.started({"epochs": 1})
    recorder.predictions(0, Predictions(np.arange(2), np.arange(2), np.eye(2, dtype=np.float32)))
    recorder.epoch(epoch_record(0))
    recorder.close()
    assert room_to_go_on(attempt) > 2 * START_BYTES
    (path,) = attempt.predictions.iterdir()
    content = bytearray(path.read_bytes())
    content[26] ^= 1  # in the list of images, behind its head
    path.write_bytes(content)
    assert room_to_go_on(attempt) == 2 * START_BYTES
