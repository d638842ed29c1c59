"""What is said of how the arms of a study begin."""

from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.documents.content import SharedStart

PAGE = """
from types import SimpleNamespace

from cnnlab.domain.study import Kind
from cnnlab.ui.study.closer.details import render_same_start

render_same_start(SimpleNamespace(study=SimpleNamespace(seeds=[0], kind=Kind.COMPARE)))
"""


def told(arms, monkeypatch):
    start = SharedStart(0, "abc", same_weights=arms, same_order=arms)
    monkeypatch.setattr(lab, "shared_starts", lambda view: [start])
    app = AppTest.from_string(PAGE).run()
    assert not app.exception
    return app.markdown[0].value


def test_one_arm_alone_is_not_praised_for_starting_as_itself(monkeypatch):
    assert told(["plain"], monkeypatch).startswith(":gray-badge[same start] nothing to compare")


def test_two_arms_that_begin_alike_are_said_to(monkeypatch):
    assert told(["plain", "l2"], monkeypatch).startswith(":green-badge[")
