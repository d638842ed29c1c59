"""An optimizer is chosen: the form fills in what belongs to it, and keeps what the user set."""

import json

import pytest

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.optimizer_facts import OPTIMIZER_FACTS
from tests.ui.apps import errors, go_to, late_clock, open_page, words

pytestmark = pytest.mark.usefixtures("plain_start")


@pytest.fixture
def app(dataset):
    return open_page("train")


def choose(app, name):
    app.selectbox(key="optimizer").select(name).run()
    assert not app.exception
    return [app.number_input(key=key).value for key in ("learning_rate", "reg_weight_decay")]


def test_what_an_optimizer_is_for_is_said_and_its_numbers_are_filled_in(app):
    assert f"**Adam.** {OPTIMIZER_FACTS['adam'].purpose}" in words(app)
    assert "Set for" not in words(app)
    assert choose(app, "lion") == [0.0001, 0.1]
    assert "Set for Lion: learning rate 0.0001 and weight decay 0.1." in words(app)
    assert choose(app, "sgd") == [0.01, 0]
    assert "Set for SGD: learning rate 0.01, weight decay 0 and momentum 0.9." in words(app)
    choose(app, "rmsprop")
    assert app.number_input(key="momentum").value == 0
    assert choose(app, "adam") == [0.001, 0]
    assert "momentum" not in {number.key for number in app.number_input}
    assert app.session_state["momentum"] == 0.9  # as the config has it
    assert "Set for Adam: learning rate 0.001." in words(app)


def test_every_optimizer_can_be_chosen_and_trained(app):
    for name in OPTIMIZER_FACTS:
        rate, decay = choose(app, name)
        assert rate == USUAL_LEARNING_RATES[name]
        assert decay == OPTIMIZER_FACTS[name].settings.get("regularization.weight_decay", 0)
        assert not errors(app)


def test_a_weight_decay_that_the_user_set_stays(app):
    app.number_input(key="reg_weight_decay").set_value(0.03).run()
    assert choose(app, "adamw") == [0.001, 0.03]
    assert "your weight decay of 0.03 stays (usual: 0.01)" in words(app)
    assert choose(app, "sgd") == [0.01, 0.03]
    app.number_input(key="reg_weight_decay").set_value(0.0).run()
    assert choose(app, "lamb") == [0.001, 0.01]
    app.number_input(key="reg_weight_decay").set_value(0.2).run()
    assert choose(app, "adam") == [0.001, 0.2]


def test_a_loaded_config_has_nothing_filled_in(app):
    choose(app, "adamw")
    loaded = {"optimizer": {"name": "adamw"}, "regularization": {"weight_decay": 0.01}}
    app.file_uploader(key="config_upload").upload(
        "mine.json", json.dumps(loaded).encode(), "application/json"
    ).run()
    assert "Set for" not in words(app)
    assert choose(app, "sgd") == [0.01, 0.01]  # it came with the config, so it stays


def test_an_optimizer_that_a_clock_sends_too_late_fills_in_nothing(app):
    app.number_input(key="learning_rate").set_value(0.02).run()
    with late_clock():
        assert choose(app, "lion") == [0.02, 0]
    assert choose(app, "sgd") == [0.01, 0]


def test_another_optimizer_of_the_study_page_is_not_said_to_be_filled_in(app):
    choose(app, "adamw")
    go_to(app, "study")
    app.selectbox(key="optimizer").select("sgd").run()
    go_to(app, "train")
    assert OPTIMIZER_FACTS["sgd"].purpose in words(app) and "Set for" not in words(app)
