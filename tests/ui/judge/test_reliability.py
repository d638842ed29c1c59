"""How sure the model is, as the page shows it."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab.ui.judge.reliability import _use_words
from tests.ui.apps import words

PAGE = """
from cnnlab.ui.judge.reliability import render_reliability
from tests.made_judgements import made_judgement, made_predictions

predictions = made_predictions()
render_reliability(made_judgement("SPLIT", predictions), predictions, None)
"""


def open_reliability(split="validation"):
    app = AppTest.from_string(PAGE.replace("SPLIT", split)).run()
    assert not app.exception
    return app


def test_a_model_that_is_too_sure_is_helped_by_a_temperature():
    told = words(open_reliability()).replace("\\", "")
    assert "Too sure: it is" in told
    assert "A temperature helps: T = " in told


def test_on_test_images_no_temperature_is_fitted():
    told = words(open_reliability("test"))
    assert "measured on the validation images" in told
    assert "T = " not in told


def test_what_it_may_leave_out_moves_the_sentence():
    app = open_reliability()
    assert "on 10\u00a0% of the images" in words(app)
    app.slider(key="left_out").set_value(0).run()
    assert "If it must answer on every image" in words(app).replace("\\", "")


@pytest.mark.parametrize(
    ("temperature", "why"),
    [(1.0, ": none is known to make it truer."), (1.1, ": a gain as small as this")],
)
def test_a_model_that_is_left_as_it_is_has_a_reason(temperature, why):
    said = _use_words({"temperature": temperature, "helps": False})
    assert said.startswith(f"Leave the model as it is{why}")
