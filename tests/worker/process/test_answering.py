"""What a resident worker says of a picture, with models that are played."""

import base64
import io
import re
import socket
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnnlab.domain.config.run_config import load_config
from cnnlab.jobs.messages import receive_message, send_message
from cnnlab.worker.process import answering
from cnnlab.worker.process.answering import _attend, _Room, _said

ASKED = [{"run": "a", "run_name": "A", "attempt": 1}]


class PlayedModels:
    """One model for every run, of so many channels."""

    def __init__(self, channels):
        self.square = np.arange(4 * 4 * channels, dtype=np.uint8).reshape(4, 4, channels)
        probabilities = np.array([[0.25, 0.75]], np.float32)
        self.model = SimpleNamespace(
            config=load_config({"dataset": "d"}),
            value_range=None,
            class_names=["dark", "bright"],
            familiar=None,
            prepared=lambda content: self.square,
            model=lambda squares: (probabilities, None),
            temperature=lambda: None,
        )

    def find(self, run, attempt):
        return self.model

    def become_familiar(self, run, attempt):
        pass


def test_a_picture_comes_back_as_the_network_sees_it_where_that_is_asked():
    for channels in (3, 1):
        models = PlayedModels(channels)
        asked = {"runs": ASKED, "name": "a.png"}
        (plain,) = _said(asked, b"picture", models)["predictions"]
        assert plain["class"] == "bright"
        assert "seen" not in plain
        (said,) = _said(asked | {"with_seen": True}, b"picture", models)["predictions"]
        content = base64.b64decode(said["seen"].removeprefix("data:image/png;base64,"))
        pixels = np.asarray(Image.open(io.BytesIO(content)))
        assert np.array_equal(pixels.reshape(4, 4, channels), models.square)


def answered(models, asked):
    """What a client is told."""
    ours, theirs = socket.socketpair()
    with theirs:
        send_message(theirs, asked, b"picture", seconds=5)
        _attend(ours, models)
        return receive_message(theirs, most_bytes=0, seconds=5)[0]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory doesn't suffice to answer: ask fewer models at once, or a smaller"),
        (type("ResourceExhaustedError", (Exception,), {})(), "memory doesn't suffice"),
        (ValueError("shapes"), r"can't be asked \(ValueError\): try again"),
    ],
)
def test_an_unexpected_error_is_told_to_who_asks(error, words):
    def fail(squares):
        raise error

    models = PlayedModels(3)
    models.model.model = fail
    said = answered(models, {"runs": ASKED, "name": "a.png"})
    assert re.search(words, said["failure"])
    assert "KeyError" in answered(models, {"no": "request"})["failure"]


def test_numbers_that_are_not_finite_are_said_of_the_run_that_gives_them():
    models = PlayedModels(3)
    sound = models.model
    broken = SimpleNamespace(**vars(sound))
    broken.model = lambda squares: (np.full((1, 2), np.nan, np.float32), None)
    models.find = lambda run, attempt: broken if run == "b" else sound
    runs = [*ASKED, {"run": "b", "run_name": "B", "attempt": 1}]
    said = answered(models, {"runs": runs, "name": "a.png"})
    assert [one["run"] for one in said["predictions"]] == ["a"]
    assert "the run 'B' answers with numbers that aren't finite" in said["problems"]["b"]


def test_four_large_pictures_as_networks_see_them_are_an_answer():
    models = PlayedModels(3)
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    models.model.prepared = lambda content: noise
    runs = [{"run": str(one), "run_name": "A", "attempt": 1} for one in range(4)]
    said = {}
    ours, theirs = socket.socketpair()

    def receive():
        said.update(receive_message(theirs, most_bytes=0, seconds=20)[0])

    with theirs:
        send_message(theirs, {"runs": runs, "name": "a", "with_seen": True}, b"x", seconds=5)
        thread = threading.Thread(target=receive)
        thread.start()
        _attend(ours, models)
        thread.join(20)
    assert len(said["predictions"]) == 4


def test_it_is_growth_that_lets_models_go_one_after_the_other(monkeypatch):
    """However much a warm worker held before."""
    held, now = [10 * 2**30], [100.0]
    monkeypatch.setattr(answering, "resident_bytes", lambda: held[0])
    monkeypatch.setattr(answering, "memory_bytes", lambda: 4 * 2**30)
    monkeypatch.setattr(answering.time, "monotonic", lambda: now[0])
    dropped = []
    models = SimpleNamespace(drop_oldest=lambda: dropped.append(now[0]) or len(dropped) < 3)
    room = _Room()
    assert room.keep(models)
    held[0] += 2 * 2**30
    assert room.keep(models)
    assert room.keep(models)  # what it has given back isn't seen at once
    now[0] += 5
    assert room.keep(models)
    assert dropped == [100.0, 105.0]
    now[0] += 5
    assert not room.keep(models)  # there is none left, so somebody else has to go on
