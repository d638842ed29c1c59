"""The learning-rate test on the pages that ask for a learning rate."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.jobs.state import Stage
from tests.made_lr_tests import FOUND, UNTOLD
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def found(dataset, monkeypatch):
    """Where the test stands, to be set by a test; the configs that were asked about."""
    no_supervisor(monkeypatch)
    found = {"state": lab.LrTestState(phase="Raising the learning rate"), "asked": []}

    def start(config, *, again):
        found["asked"].append(config)
        return "key"

    monkeypatch.setattr(lab, "start_lr_test", start)
    monkeypatch.setattr(lab, "read_lr_test", lambda key: found["state"])
    return found


def finished(answer):
    return lab.LrTestState(Stage.FINISHED, answer=answer)


def keys(app):
    return [button.key for button in app.button]


@pytest.mark.parametrize("page", ["train", "study"])
def test_a_rate_is_found_and_taken_by_one_click(page, found, dataset):
    app = open_page(page)
    app.button(key="lr_test").click().run()
    assert found["asked"][0].dataset == dataset.id
    assert "cancel_lr_test" in keys(app)
    found["state"] = finished(FOUND)
    app.run()
    assert FOUND["words"] in words(app).replace("\\", "")
    app.button(key="take_lr_test").click().run()
    assert app.number_input(key="learning_rate").value == 0.0042
    assert app.button(key="take_lr_test").disabled
    assert "The form has changed" not in words(app)  # the rate itself is no part of it
    assert errors(app) == []


def test_a_schedule_has_its_peak_there(found):
    app = open_page("train")
    app.button(key="lr_test").click().run()
    found["state"] = finished(FOUND)
    app.selectbox(key="schedule").set_value("one_cycle").run()
    assert "The one cycle schedule rises to this rate, its peak" in words(app)
    assert "The form has changed" not in words(app)


def test_a_test_of_another_form_says_so_and_is_not_taken(found):
    app = open_page("train")
    app.button(key="lr_test").click().run()
    found["state"] = finished(FOUND)
    app.selectbox(key="optimizer").set_value("sgd").run()
    assert "The form has changed since this test" in words(app)
    assert FOUND["words"] in words(app).replace("\\", "")  # greyed, not gone
    assert "take_lr_test" not in keys(app)


def test_tests_that_can_not_tell_say_why_with_the_forms_labels(found):
    app = open_page("train")
    app.button(key="lr_test").click().run()
    found["state"] = finished(UNTOLD)
    app.run()
    assert "The tests disagree: raise Batch size (now 32)." in app.warning[0].value.replace(
        "\\", ""
    )
    assert "take_lr_test" not in keys(app)


def test_a_cancelled_test_leaves_nothing(found, monkeypatch):
    cancelled = []
    monkeypatch.setattr(lab, "cancel_lr_test", cancelled.append)
    app = open_page("train")
    app.button(key="lr_test").click().run()
    app.button(key="cancel_lr_test").click().run()
    assert cancelled == ["key"]
    assert "Raising the learning rate" not in words(app)


def test_what_can_not_be_tested_is_said(found, monkeypatch):
    app = open_page("train")
    app.number_input(key="epochs").set_value(0).run()
    assert app.button(key="lr_test").disabled
    app.number_input(key="epochs").set_value(5).run()
    found["state"] = lab.LrTestState(Stage.FAILED, problem="The layer conv needs an image")
    app.button(key="lr_test").click().run()
    assert errors(app) == ["The layer conv needs an image"]

    def full(config, *, again):
        raise StorageError("The disk is full at x.")

    monkeypatch.setattr(lab, "start_lr_test", full)
    app.button(key="lr_test").click().run()
    assert "The disk is full at x." in errors(app)
