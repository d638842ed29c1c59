"""The live stream: rows as they come, over disconnects, restarts of the run and its end."""

import contextlib
import itertools

import pytest
from starlette.websockets import WebSocketDisconnect

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.server.streams.channel import MOST_STEPS, known_of
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder

FACTS = {"device": "CPU", "steps_per_epoch": 2}


def _epoch(number, **values):
    fields = dict.fromkeys(EpochRecord.__annotations__, 0.5)
    return EpochRecord(**fields | {"epoch": number} | values)


def _live(run, **position):
    query = "&".join(f"{name}={count}" for name, count in position.items())
    return f"ws://127.0.0.1:8501/api/runs/{run.id}/live?{query}"


def _receive_until(socket, name, count):
    """Messages until so many rows of a kind have come."""
    rows = []
    while len(rows) < count:
        rows += socket.receive_json().get(name, [])
    return rows


def test_the_stream_sends_what_is_there_and_what_comes(allowed, run, recorder):
    recorder.epoch(_epoch(0))
    with allowed.websocket_connect(_live(run)) as socket:
        first = socket.receive_json()
        assert first["status"] == "running"
        recorder.epoch(_epoch(1))
        recorder.step({"epoch": 2, "step": 0, "loss": 1.0})
        epochs = first.get("epochs", []) or _receive_until(socket, "epochs", 1)
        if len(epochs) < 2:
            epochs += _receive_until(socket, "epochs", 2 - len(epochs))
        assert [record["epoch"] for record in epochs] == [0, 1]


def test_the_weights_of_the_layers_stay_in_the_history(allowed, run, recorder):
    weights = [{"layer": "dense", "norm": 1.0, "near_zero": 0.5}]
    recorder.epoch(_epoch(0, weights=weights))
    with allowed.websocket_connect(_live(run)) as socket:
        (record,) = _receive_until(socket, "epochs", 1)
    assert record["val_accuracy"] == 0.5 and "weights" not in record
    assert Attempt(workplace().home.attempt(run.id, 1)).history()[0]["weights"] == weights


def test_a_client_that_comes_back_gets_only_what_it_misses(allowed, run, recorder):
    for number in range(3):
        recorder.epoch(_epoch(number))
    recorder.step({"epoch": 3, "step": 0, "loss": 1.0})
    recorder.step({"epoch": 3, "step": 1, "loss": 0.9})
    with allowed.websocket_connect(_live(run, epochs=2, steps=1)) as socket:
        message = socket.receive_json()
    assert [record["epoch"] for record in message["epochs"]] == [2]
    assert [row["step"] for row in message["steps"]] == [1]
    assert message["next"] == {"attempt": 1, "epochs": 3, "turns": 0, "steps": 2}


def test_steps_of_finished_epochs_are_not_sent(allowed, run, recorder):
    recorder.phase("Training")
    recorder.step({"epoch": 0, "step": 0, "loss": 1.0})
    recorder.epoch(_epoch(0))
    with allowed.websocket_connect(_live(run)) as socket:
        message = socket.receive_json()
    assert [row["kind"] for row in message["steps"]] == ["phase"]


def test_a_hundred_thousand_steps_are_thinned_for_who_comes_late(allowed, run, recorder):
    recorder.phase("Training")
    for step in range(100_000):
        recorder.step({"epoch": 0, "step": step, "loss": 1.0})
    with allowed.websocket_connect(_live(run)) as socket:
        message = socket.receive_json()
    assert message["next"]["steps"] == 100_001
    assert message["steps"][0]["kind"] == "phase"
    steps = [row["step"] for row in message["steps"][1:]]
    assert MOST_STEPS / 2 < len(steps) <= MOST_STEPS
    assert (steps[0] < 100, steps[-1]) == (True, 99_999)
    gaps = {later - earlier for earlier, later in itertools.pairwise(steps)}
    assert max(gaps) - min(gaps) <= 1
    with allowed.websocket_connect(_live(run, attempt=1, steps=99_991)) as socket:
        message = socket.receive_json()
    assert [row["step"] for row in message["steps"]] == list(range(99_990, 100_000))


def test_the_stream_ends_with_the_run(allowed, run, recorder):
    with allowed.websocket_connect(_live(run)) as socket:
        assert socket.receive_json()["status"] == "running"
        recorder.epoch(_epoch(0))
        workplace().runs.update(run.id, status=Status.FINISHED)
        messages = []
        with pytest.raises(WebSocketDisconnect):
            while True:
                messages.append(socket.receive_json())
    assert messages[-1]["status"] == "finished"
    assert sum(len(message.get("epochs", [])) for message in messages) == 1


def test_damaged_files_end_the_stream_with_a_sentence(allowed, run, recorder):
    recorder.epoch(_epoch(0))
    recorder.epoch(_epoch(1))
    events = workplace().home.attempt(run.id, 1) / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"crc":', b'"cRc":', 1))
    with allowed.websocket_connect(_live(run)) as socket:
        messages = []
        with pytest.raises(WebSocketDisconnect):
            while True:
                messages.append(socket.receive_json())
    assert "is damaged in line 1" in messages[-1]["error"]


def test_twenty_watchers_share_one_poller(allowed, run, recorder, monkeypatch):
    reads = []
    original = lab.log_tail
    monkeypatch.setattr(
        "cnnlab.server.streams.channel.lab.log_tail", lambda run: reads.append(run) or original(run)
    )
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            socket = stack.enter_context(allowed.websocket_connect(_live(run)))
            assert socket.receive_json()["status"] == "running"
        before = len(reads)
    assert before < 20  # one poller reads for all: a few times a second at most


def test_an_unknown_run_is_said(allowed, run):
    address = _live(run).replace(run.id, "nobody")
    with allowed.websocket_connect(address) as socket:
        assert "no run 'nobody'" in socket.receive_json()["error"]


class Page:
    """What the page's script does with the messages."""

    def __init__(self):
        self.next = {"attempt": 0, "epochs": 0, "turns": 0, "steps": 0}
        self.epochs, self.turns, self.steps, self.state = [], [], [], {}

    def take(self, message):
        following = message.pop("next", self.next)
        if following["attempt"] != self.next["attempt"]:
            self.epochs, self.turns, self.steps = [], [], []
        self.next = following
        for name in ("epochs", "turns", "steps"):
            getattr(self, name).extend(message.pop(name, []))
        self.state |= message

    def follow(self, socket, until):
        while not until(self):
            self.take(socket.receive_json())

    @property
    def shown(self):
        return [record["epoch"] for record in self.epochs]


def _begin_again(run, *, epochs):
    """What supervisor and worker do: the next attempt takes over and says what it begins with."""
    number = lab.load_run(run.id).attempt + 1
    workplace().runs.update(
        run.id, attempt=number, status=Status.RUNNING, message="Restarted (1): it was killed."
    )
    attempt = Attempt(workplace().home.attempt(run.id, number))
    attempt.create(run.config)
    recorder = AttemptRecorder(attempt)
    for epoch in range(epochs):
        recorder.epoch(_epoch(epoch))
    return recorder


def test_what_a_page_knows_and_what_its_stream_brings_are_all_rows_once(allowed, run, recorder):
    recorder.started(FACTS)
    recorder.turned(DialTurn(1, 1, {"regularization.l2": 0.1}))
    recorder.epoch(_epoch(0))
    recorder.step({"epoch": 1, "step": 0, "loss": 1.0})
    page = Page()
    page.take(known_of(run))  # drawn before any socket is open
    assert (page.shown, len(page.turns), page.state["status"]) == ([0], 1, "running")
    assert page.state["facts"] == FACTS
    recorder.step({"epoch": 1, "step": 1, "loss": 0.9})
    recorder.epoch(_epoch(1))
    recorder.step({"epoch": 2, "step": 0, "loss": 0.8})
    with allowed.websocket_connect(_live(run, **page.next)) as socket:
        page.follow(socket, lambda page: len(page.steps) > 1)
        again = _begin_again(run, epochs=1)
        again.started(FACTS)
        again.epoch(_epoch(1))
        page.follow(socket, lambda page: page.next["attempt"] == 2 and len(page.epochs) == 2)
        again.close()
    assert page.shown == [0, 1]


@pytest.mark.parametrize("epochs", [0, 1, 3])
def test_a_page_of_an_ended_run_knows_all_of_it(run, recorder, epochs):
    recorder.started(FACTS)
    for number in range(epochs):
        recorder.step({"epoch": number, "step": 0, "loss": 1.0})
        recorder.epoch(_epoch(number))
    workplace().runs.update(run.id, status=Status.STOPPED, message="By the user.")
    known = known_of(lab.load_run(run.id))
    assert [record["epoch"] for record in known.get("epochs", [])] == list(range(epochs))
    assert (known["status"], known["message"]) == ("stopped", "By the user.")
    assert known["next"] == {"attempt": 1, "epochs": epochs, "turns": 0, "steps": epochs}


def test_a_page_of_a_run_with_damaged_files_knows_that(run, recorder):
    recorder.epoch(_epoch(0))
    recorder.epoch(_epoch(1))
    events = workplace().home.attempt(run.id, 1) / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"crc":', b'"cRc":', 1))
    assert "is damaged in line 1" in known_of(run)["error"]


def test_an_open_view_follows_a_run_to_its_next_attempt(allowed, run, recorder):
    recorder.started(FACTS)
    for number in range(3):
        recorder.epoch(_epoch(number))
    page = Page()
    with allowed.websocket_connect(_live(run)) as socket:
        page.follow(socket, lambda page: len(page.epochs) == 3)
        workplace().runs.update(run.id, status=Status.INTERRUPTED)
        page.follow(socket, lambda page: page.state["status"] == "interrupted")
        again = _begin_again(run, epochs=2)
        again.phase("Starting TensorFlow")
        page.follow(socket, lambda page: page.state["phase"] == "Starting TensorFlow")
        assert page.shown == [0, 1, 2]  # nothing is taken away before the next worker has begun
        assert page.state["message"] == "Restarted (1): it was killed."
        again.started(FACTS)
        again.epoch(_epoch(2))
        again.epoch(_epoch(3))
        page.follow(socket, lambda page: len(page.epochs) == 4)
        again.close()
    assert page.shown == [0, 1, 2, 3]
    assert page.next["attempt"] == 2
    assert [row["text"] for row in page.steps if row["kind"] == "phase"] == ["Starting TensorFlow"]


def test_a_client_that_was_away_during_a_restart_has_every_epoch_once(allowed, run, recorder):
    recorder.started(FACTS)
    for number in range(3):
        recorder.epoch(_epoch(number))
    page = Page()
    with allowed.websocket_connect(_live(run)) as socket:
        page.follow(socket, lambda page: len(page.epochs) == 3)
    again = _begin_again(run, epochs=2)  # the last one is trained once more
    again.started(FACTS)
    again.epoch(_epoch(2, val_accuracy=0.75))
    with allowed.websocket_connect(_live(run, **page.next)) as socket:
        page.follow(socket, lambda page: page.next["attempt"] == 2)
        page.follow(socket, lambda page: len(page.epochs) == 3)
    again.close()
    assert page.shown == [0, 1, 2]
    assert page.epochs[2]["val_accuracy"] == 0.75


def test_a_page_that_comes_while_a_run_restarts_sees_its_curve_at_once(allowed, run, recorder):
    recorder.started(FACTS)
    recorder.epoch(_epoch(0))
    _begin_again(run, epochs=0).close()
    with allowed.websocket_connect(_live(run)) as socket:
        message = socket.receive_json()
    assert [record["epoch"] for record in message["epochs"]] == [0]
    assert message["next"]["attempt"] == 1


def test_an_interrupted_run_is_watched_on(allowed, run, recorder):
    recorder.started(FACTS)
    workplace().runs.update(run.id, status=Status.INTERRUPTED)
    page = Page()
    with allowed.websocket_connect(_live(run)) as socket:
        page.follow(socket, lambda page: page.state.get("status") == "interrupted")
        workplace().runs.update(run.id, status=Status.RUNNING)
        page.follow(socket, lambda page: page.state["status"] == "running")


def test_a_resumed_run_is_watched_anew_although_its_end_was(allowed, run, recorder):
    recorder.epoch(_epoch(0))
    workplace().runs.update(run.id, status=Status.STOPPED)
    page = Page()
    with allowed.websocket_connect(_live(run)) as socket:
        with pytest.raises(WebSocketDisconnect):
            page.follow(socket, lambda page: False)
        lab.resume_run(run.id)
        with allowed.websocket_connect(_live(run, **page.next)) as second:
            page.follow(second, lambda page: page.state["status"] == "queued")


def test_turns_come_like_epochs(allowed, run, recorder):
    recorder.started(FACTS)
    turns = [DialTurn(number, 10 * number, {"regularization.l2": number}) for number in (1, 2, 3)]
    recorder.turned(turns[0])
    recorder.epoch(_epoch(0))
    page = Page()
    with allowed.websocket_connect(_live(run)) as socket:
        page.follow(socket, lambda page: page.turns)
        recorder.turned(turns[1])
        page.follow(socket, lambda page: len(page.turns) == 2)
    recorder.turned(turns[2])
    with allowed.websocket_connect(_live(run, **page.next)) as socket:
        page.follow(socket, lambda page: len(page.turns) == 3)
    assert page.turns == [turn.to_json() for turn in turns]
    assert page.shown == [0]


def test_a_run_that_waits_says_its_place(allowed, run):
    for _ in range(2):
        last = lab.launch_run(RunConfig(dataset=run.dataset))
    with allowed.websocket_connect(_live(run)) as socket:
        assert socket.receive_json()["queue"] == ""
    with allowed.websocket_connect(_live(last)) as socket:
        assert socket.receive_json()["queue"].startswith("2nd of 2 in the queue")


def test_a_run_changed_by_hand_says_so(allowed, run, recorder):
    workplace().runs.update(run.id, changed_by_hand=True)
    with allowed.websocket_connect(_live(run)) as socket:
        assert socket.receive_json()["changed_by_hand"] is True
