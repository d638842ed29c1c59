"""Asking for one picture: the worker that holds the models is played by the test."""

import contextlib
import threading

import pytest

from cnnlab import lab
from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.jobs.asking import job_folder, queued_jobs
from cnnlab.jobs.kinds.answer_pictures import KEY, KIND, SOCKET
from cnnlab.jobs.messages import listening, receive_message, send_message
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.predicting import live
from cnnlab.lab.workplace import workplace
from tests.made_runs import made_run, no_supervisor

READY = {"predictions": [{"class": "dark"}], "problems": {}}


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED, name="First")


@pytest.fixture
def files(run):
    """Of the job that answers."""
    live._lost.clear()
    files = job_folder(workplace().home, KIND, KEY)
    files.folder.mkdir(parents=True)
    return files


@contextlib.contextmanager
def worker(files, *answers):
    """Answers one client after another; None closes the connection instead."""
    asked = []

    def serve(listener):
        for answer in answers:
            client, _ = listener.accept()
            with client:
                asked.append(receive_message(client, most_bytes=100, seconds=5))
                if answer is not None:
                    send_message(client, answer, seconds=5)

    with listening(files.folder / SOCKET) as listener:
        thread = threading.Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        yield asked
        thread.join(5)


def test_a_picture_is_answered_by_who_holds_the_model(run, files):
    with worker(files, READY) as asked:
        answer = lab.predict_picture([run.id], b"picture", "a\u202eb.png")
    assert answer["predictions"] == READY["predictions"]
    assert answer["milliseconds"] > 0
    assert answer.keys() == {"predictions", "milliseconds"}
    ((values, content),) = asked
    assert content == b"picture"
    assert values["runs"] == [{"run": run.id, "run_name": "First", "attempt": 1}]
    assert values["name"] == "a\ufffdb.png"


def test_where_nobody_answers_a_worker_is_asked_for_and_the_page_asks_again(run, files):
    answer = lab.predict_picture([run.id], b"picture", "a.png")
    assert answer["phase"] == "Waiting for a worker"
    assert "problem" not in answer
    (job,) = queued_jobs(workplace().home)
    assert job.kind is KIND
    assert lab.warm_predictions([run.id])["phase"] == "Waiting for a worker"
    with worker(files, READY | {"predictions": [], "phase": "Loading the model"}):
        assert lab.warm_predictions([run.id])["phase"] == "Loading the model"


@pytest.mark.parametrize("stage", [Stage.FINISHED, Stage.CANCELLED])
def test_one_that_ended_for_want_of_pictures_comes_again(run, files, stage):
    lab.predict_picture([run.id], b"picture", "a.png")
    files.mark_started()
    end_job(files, stage, "nobody came")
    answer = lab.predict_picture([run.id], b"picture", "a.png")
    assert answer["phase"] == "Starting a worker"
    assert not files.result.exists()
    assert len(list(queued_jobs(workplace().home))) == 1


def test_a_worker_killed_in_mid_answer_comes_again_and_twice_in_a_row_is_told(run, files):
    lab.predict_picture([run.id], b"picture", "a.png")
    files.mark_started()
    lock = take_lock(files.lock)
    with worker(files, None):
        answer = lab.predict_picture([run.id], b"picture", "a.png")
    assert answer.keys() == {"predictions", "milliseconds", "phase"}
    del lock
    end_job(files, Stage.LOST, "The prediction was lost: the worker was killed. Start it again.")
    assert "phase" in lab.predict_picture([run.id], b"picture", "a.png")
    end_job(files, Stage.LOST, "The prediction was lost: the worker was killed. Start it again.")
    answer = lab.predict_picture([run.id], b"picture", "a.png")
    assert answer["problem"].startswith("The prediction was lost")
    assert "phase" in lab.predict_picture([run.id], b"picture", "a.png")


def test_losses_with_answers_in_between_are_not_in_a_row(run, files):
    for _ in range(3):
        end_job(files, Stage.LOST, "lost")
        assert "phase" in lab.predict_picture([run.id], b"picture", "a.png")
        with worker(files, READY):
            lab.predict_picture([run.id], b"picture", "a.png")


def test_a_worker_that_could_not_begin_says_why_once(run, files):
    lab.predict_picture([run.id], b"picture", "a.png")
    end_job(files, Stage.FAILED, "There is too little memory to load TensorFlow.")
    assert "too little memory" in lab.predict_picture([run.id], b"x", "a.png")["problem"]
    assert "phase" in lab.predict_picture([run.id], b"x", "a.png")


def test_a_worker_that_is_slow_is_asked_again(run, files, monkeypatch):
    monkeypatch.setattr(live, "ANSWER_SECONDS", 0.05)
    with listening(files.folder / SOCKET):
        answer = lab.predict_picture([run.id], b"picture", "a.png")
    assert answer["phase"] == "The models are busy"


def test_runs_that_cannot_be_asked_say_why_and_the_others_answer(run, files):
    begun = made_run(load_config({"dataset": run.config["dataset"]}), name="Begun")
    empty = made_run(
        load_config({"dataset": run.config["dataset"]}), epochs=0, status=Status.STOPPED, name="E"
    )
    said = READY | {"problems": {run.id: "its states are gone"}}
    with worker(files, said):
        answer = lab.predict_picture([begun.id, run.id, empty.id, "gone"], b"x", "a.png")
    assert answer["predictions"] == READY["predictions"]
    assert "problem" not in answer
    assert answer["problems"] == {
        begun.id: "The run 'Begun' hasn't ended, so it has no model to ask.",
        empty.id: "The run 'E' has no finished epoch, so it has no model to ask.",
        "gone": "There is no run 'gone': see the runs page for those there are.",
        run.id: "its states are gone",
    }


def test_a_bad_picture_is_told_in_one_sentence(run, files):
    said = {"predictions": [], "problems": {}, "problem": "damaged: the image ends too early"}
    with worker(files, said):
        answer = lab.predict_picture([run.id], b"x", "a.png")
    sentence = "The file 'a.png' can't be read as a picture: damaged: the image ends too early."
    assert answer["problem"] == sentence
    empty = lab.predict_picture([run.id], b"", "a.png")
    assert empty["problem"] == "The file 'a.png' is empty (0 bytes): choose another one."
    large = lab.predict_picture([run.id], b"x" * (MAX_IMAGE_BYTES + 1), "a.png")
    assert "is larger than 20\u00a0MiB, the limit of a picture" in large["problem"]


def test_what_failed_in_the_worker_is_told_as_it_is(run, files):
    with worker(files, {"predictions": [], "problems": {}, "failure": "The memory is full."}):
        answer = lab.predict_picture([run.id], b"x", "a.png")
    assert answer["problem"] == "The memory is full."
    assert "phase" not in answer
