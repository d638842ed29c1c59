"""The search for wrong labels among training images: its cost, its progress, what it found."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.domain.errors import RunStateError
from cnnlab.jobs.state import JobState, Stage
from tests.ui.apps import words

PAGE = """
from cnnlab.domain.run import Run, Status
from cnnlab.ui.judge.crossfit_view import render_crossfit

render_crossfit(Run("r", "a run", "DATASET", {}, Status.FINISHED))
"""
FOUND = {
    "suspects": [],
    "folds": 5,
    "images": 300,
    "accuracy": {"value": 0.8, "low": 0.75, "high": 0.84},
    "not_judged": [f"class {number}" for number in range(7)],
    "seconds": 90.0,
}


@pytest.fixture
def search(monkeypatch, dataset):
    """A search whose state a test says; what is started is noted."""
    started = []
    monkeypatch.setattr(lab, "crossfit_seconds", lambda run, folds: 60.0 * folds)
    monkeypatch.setattr(lab, "start_crossfit", lambda run, folds: started.append((run, folds)))

    def open_with(state):
        monkeypatch.setattr(lab, "crossfit_state", lambda run: state)
        app = AppTest.from_string(PAGE.replace("DATASET", dataset.id), default_timeout=60).run()
        assert not app.exception
        return app

    return open_with, started


def test_the_cost_is_said_before_it_starts(search):
    open_with, started = search
    app = open_with(None)
    assert "It costs 5 trainings: about 5\u00a0min" in words(app)
    app.selectbox(key="crossfit_folds").set_value(10).run()
    assert "It costs 10 trainings: about 10\u00a0min" in words(app)
    app.button(key="start_crossfit").click().run()
    assert started == [("r", 10)]


def test_what_is_under_way_can_be_cancelled(search, monkeypatch):
    open_with, _ = search
    cancelled = []
    monkeypatch.setattr(lab, "cancel_crossfit", cancelled.append)
    app = open_with(JobState(Stage.RUNNING, phase="Training model 2 of 5", done=2, total=5))
    app.button(key="cancel_crossfit").click().run()
    assert cancelled == ["r"]


def test_what_was_found_is_told_with_what_was_not_judged(search):
    open_with, _ = search
    told = words(open_with(JobState(Stage.FINISHED, answer=FOUND))).replace("\\", "")
    assert "looked at 300 training images, each by the one that wasn't trained on it" in told
    assert "say the label that it has in 80.0\u00a0% (75.0 to 84.0\u00a0%)." in told
    assert "'class 4' and 2 more." in told
    assert "No label of the other classes looks wrong" in told


def test_where_hardly_a_class_was_judged_that_is_said(search):
    open_with, _ = search
    app = open_with(JobState(Stage.FINISHED, answer=FOUND | {"judged": 12}))
    assert not app.success
    assert "No label was judged: 12 images" in app.info[0].value


def test_what_failed_or_cannot_start_is_said_and_can_be_tried_again(search, monkeypatch):
    open_with, _ = search
    app = open_with(JobState(Stage.FAILED, problem="The disk is full."))
    assert app.error[0].value.replace("\\", "") == "The disk is full."

    def refuse(run, folds):
        raise RunStateError("It has no epoch.")

    monkeypatch.setattr(lab, "start_crossfit", refuse)
    app.button(key="start_crossfit").click().run()
    assert "It has no epoch." in [error.value.replace("\\", "") for error in app.error]


def test_another_runs_problem_is_not_told_here(search):
    open_with, _ = search
    app = open_with(None)
    app.session_state["crossfit_problem"] = ("another run", "It has no epoch.")
    app.run()
    assert not app.error


def test_what_was_cancelled_is_no_error(search):
    open_with, _ = search
    assert not open_with(JobState(Stage.CANCELLED, problem="It was cancelled.")).error
