"""What the Train page says of augmentation that changes what images show."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError
from cnnlab.jobs.state import Stage
from cnnlab.ui.train import guard
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words

PAIR = {"shown": "b", "taken_for": "d", "fraction": 0.9, "low": 0.8, "images": [1, 2]}
OUTCOME = {
    "findings": [
        {
            "field": "augmentation.rotation_degrees",
            "value": 90.0,
            "safe": 15.0,
            "pairs": [PAIR],
            "words": "Rotation makes images of b look like d. Set augmentation.rotation_degrees.",
        },
        {
            "field": "augmentation.flip",
            "value": "horizontal",
            "safe": "none",
            "pairs": [PAIR],
            "words": "A horizontal flip makes images of b look like d.",
        },
    ],
    "notes": ["Hue has to be learned."],
    "checked": ["augmentation.flip", "augmentation.rotation_degrees"],
    "can_tell": True,
    "words": "A small net tells 98 % right.",
    "images": 100,
    "accuracy": 0.98,
    "seconds": 12.0,
}


@pytest.fixture
def looks(dataset, monkeypatch, plain_start):
    """The looks that were asked for, by their keys; what each of them says is set by the test."""
    no_supervisor(monkeypatch)
    known = {"state": lab.GuardState(phase="Looking at flip"), "asked": {}, "taken_back": []}

    def start(config, *, again):
        key = lab.guard_key(config)
        known["asked"][key] = config
        return key

    def read(key):
        if key not in known["asked"]:
            raise NotFoundError("It isn't there.")
        return known["state"]

    pictures = np.full((2, 3, 8, 8, 3), 90, np.uint8)
    monkeypatch.setattr(lab, "start_guard", start)
    monkeypatch.setattr(lab, "read_guard", read)
    monkeypatch.setattr(lab, "cancel_guard", known["taken_back"].append)
    monkeypatch.setattr(lab, "guard_pictures", lambda key, finding, pair: pictures)
    return known


@pytest.fixture
def app(looks):
    app = open_page("train")
    app.session_state["aug_flip"] = "horizontal"
    app.session_state["aug_rotation_degrees"] = 90.0
    return app.run()


def test_without_augmentation_there_is_nothing_to_look_at(looks):
    assert "start_guard" not in {button.key for button in open_page("train").button}


def test_a_warning_names_the_classes_and_one_press_mends_each(app, looks):
    app.button(key="start_guard").click().run()
    assert "Looking at flip ..." in words(app)
    looks["state"] = lab.GuardState(Stage.FINISHED, answer=OUTCOME)
    app.run()
    warnings = [one.value.replace("\\", "") for one in app.warning]
    assert "A horizontal flip makes images of b look like d." in warnings[1]
    assert "Set Rotation." in warnings[0]
    assert "Hue has to be learned." in app.info[-1].value.replace("\\", "")
    assert app.button(key="guard_fix_rotation_degrees").label == "Set Rotation to 15°"
    assert app.button(key="guard_fix_flip").label == "Switch Flip off"
    app.button(key="guard_fix_rotation_degrees").click().run()
    assert app.session_state["aug_rotation_degrees"] == 15.0
    assert errors(app) == []


def test_switching_the_flip_off_leaves_the_rest(app, looks):
    app.button(key="start_guard").click().run()
    looks["state"] = lab.GuardState(Stage.FINISHED, answer=OUTCOME)
    app.run()
    app.button(key="guard_fix_flip").click().run()
    assert app.session_state["aug_flip"] == "none"
    assert app.session_state["aug_rotation_degrees"] == 90.0


def test_a_changed_augmentation_is_looked_at_once_the_form_rests(app, looks, monkeypatch):
    assert looks["asked"] == {}
    monkeypatch.setattr(guard, "_REST_SECONDS", 0.0)
    app.run()
    (first,) = looks["asked"]
    app.session_state["aug_flip"] = "vertical"
    app.run()
    assert looks["taken_back"] == [first]
    app.run()
    assert len(looks["asked"]) == 2


def test_harmless_ones_and_what_cant_be_said_are_told_quietly(app, looks):
    app.button(key="start_guard").click().run()
    quiet = OUTCOME | {"findings": [], "notes": []}
    looks["state"] = lab.GuardState(Stage.FINISHED, answer=quiet)
    app.run()
    assert not app.warning
    assert "Nothing found that would change" in words(app)
    unsure = quiet | {"can_tell": False, "words": "There are too few images."}
    looks["state"] = lab.GuardState(Stage.FINISHED, answer=unsure)
    app.run()
    assert "There are too few images" in words(app)
    assert "Nothing found" not in words(app)
    looks["state"] = lab.GuardState(Stage.FAILED, problem="The disk is full.")
    app.run()
    assert "The disk is full" in errors(app)[0]
