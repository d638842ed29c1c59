"""A job that is watched: how far it is, the way to end it, and what became of it meanwhile."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.jobs.state import JobState, Stage
from cnnlab.ui.watching import found_at_first
from tests.ui.apps import errors

UNDER_WAY = JobState(Stage.RUNNING, phase="Reading *images*", done=1500, total=3000)

SCRIPT = """
import streamlit as st
from cnnlab.ui.watching import watch_job
from tests.ui.test_watching import JOB

st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
if JOB.ended_after and st.session_state["drawn"] > 1:
    st.success("The whole page was drawn anew.")
else:
    watch_job("look", JOB.read, JOB.cancel if JOB.can_be_ended else None, is_counted=JOB.is_counted)
"""


class Job:
    """Where it stands is what a test says, or raises."""

    def __init__(self):
        self.stands = UNDER_WAY
        self.refusal = None
        self.cancelled = 0
        self.can_be_ended = self.is_counted = True
        self.ended_after = False

    def read(self):
        if isinstance(self.stands, Exception):
            raise self.stands
        return self.stands

    def cancel(self):
        self.cancelled += 1
        if self.refusal:
            raise self.refusal


JOB = Job()


@pytest.fixture
def job():
    JOB.__init__()
    return JOB


def watched():
    app = AppTest.from_string(SCRIPT, default_timeout=30).run()
    assert not app.exception
    return app


def progress(app):
    return str(app.get("progress")[0].proto)


def test_how_far_it_is_is_said_and_a_click_ends_it(job):
    app = watched()
    assert r"Reading \\*images\\* 1,500 of 3,000 ..." in progress(app)
    assert "value: 50" in progress(app)
    app.button(key="cancel_look").click().run()
    assert job.cancelled == 1


def test_what_is_not_counted_says_the_phase_alone_and_what_can_not_be_ended_has_no_button(job):
    job.is_counted = job.can_be_ended = False
    app = watched()
    assert "1,500" not in progress(app)
    assert not app.button


@pytest.mark.parametrize(
    "stands", [JobState(Stage.FINISHED), None, NotFoundError("There is no run 'r'.")]
)
def test_what_has_ended_or_was_deleted_meanwhile_has_the_whole_page_drawn_anew(job, stands):
    """It says what is so now; no traceback, whatever is clicked."""
    job.ended_after, job.stands = True, stands
    app = watched()
    assert app.success[0].value == "The whole page was drawn anew."
    assert app.session_state["drawn"] == 2


def test_a_run_that_was_deleted_can_be_cancelled_without_a_traceback(job):
    app = watched()
    job.refusal = NotFoundError("There is no run 'r'.")
    app.button(key="cancel_look").click().run()
    assert not app.exception
    assert not errors(app)


def test_a_disk_that_does_not_answer_is_said_and_asked_again(job):
    job.stands = StorageError("Can't use /disk.")
    app = watched()
    assert errors(app) == ["Can't use /disk."]
    job.stands = UNDER_WAY
    app.run()
    assert not errors(app)
    assert app.button(key="cancel_look")


def test_why_it_can_not_be_ended_is_said_once(job):
    app = watched()
    job.refusal = StorageError("The disk is full.")
    app.button(key="cancel_look").click().run()
    assert errors(app) == ["The disk is full."]
    assert not errors(app.run())


def test_what_a_page_has_found_is_looked_up_again_only_from_the_second_time_on():
    looks = iter(["second", "third"])
    look = found_at_first("first", lambda: next(looks))
    assert [look(), look(), look()] == ["first", "second", "third"]
