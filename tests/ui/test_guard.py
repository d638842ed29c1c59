"""What the Train page says of augmentation that changes what images show."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import NotFoundError, StorageError
from cnnlab.domain.recipes.recipe import Choice, Recipe, RecipeName
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
    "noted": ["augmentation.hue_fraction"],
    "checked": ["augmentation.flip", "augmentation.rotation_degrees"],
    "judged": ["b", "d"],
    "can_tell": True,
    "words": "A small net tells 98\u00a0% right.",
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
    assert "Hue has to be learned." in app.warning[-1].value.replace("\\", "")
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


def test_a_look_that_failed_can_be_begun_again(app, looks):
    app.button(key="start_guard").click().run()
    looks["state"] = lab.GuardState(Stage.FAILED, problem="The worker was lost.")
    app.run()
    looks["asked"].clear()
    app.button(key="start_guard").click().run()
    assert len(looks["asked"]) == 1


def test_a_look_that_cant_begin_is_tried_once_and_then_by_the_button_alone(looks, app, monkeypatch):
    tries = []

    def refuse(config, *, again):
        tries.append(config)
        raise StorageError("The disk is full: make room.")

    monkeypatch.setattr(lab, "start_guard", refuse)
    monkeypatch.setattr(guard, "_REST_SECONDS", 0.0)
    app.run(timeout=20)
    assert len(tries) == 1
    assert "The disk is full" in errors(app)[0]
    app.run()
    assert len(tries) == 1
    app.button(key="start_guard").click().run()
    assert len(tries) == 2


@pytest.mark.parametrize(
    ("field", "value"), [("image_size", 24), ("split_seed", 5), ("label_noise", 0.1)]
)
def test_nothing_but_a_changed_augmentation_begins_a_look(field, value, app, looks, monkeypatch):
    monkeypatch.setattr(guard, "_REST_SECONDS", 0.0)
    app.run()
    before = dict(looks["asked"])
    app.session_state[field] = value
    app.run()
    assert looks["asked"] == before


def test_what_came_with_a_file_is_looked_at_on_request(looks, monkeypatch):
    monkeypatch.setattr(guard, "_REST_SECONDS", 0.0)
    app = open_page("train")
    config = load_config({"augmentation": {"flip": "horizontal"}})
    app.session_state["form_base"] = config.model_dump(mode="json")
    app.session_state["aug_flip"] = "horizontal"
    app.run()
    assert looks["asked"] == {} and "start_guard" in {button.key for button in app.button}


def test_a_finding_that_the_good_model_heeds_stays_to_be_seen(looks, monkeypatch):
    monkeypatch.setattr(guard, "_REST_SECONDS", 0.0)
    strength = [8.0]

    def pick(name, config):
        return Recipe(name, (Choice({"augmentation.rotation_degrees": strength[0]}, "It is so."),))

    monkeypatch.setattr(lab, "pick_recipe", pick)
    monkeypatch.setattr("cnnlab.ui.form.state.FIRST_RECIPE", RecipeName.GOOD)
    app = open_page("train")
    app.button(key="start_guard").click().run()
    (key,) = looks["asked"]
    looks["state"] = lab.GuardState(Stage.FINISHED, answer=OUTCOME)
    strength[0] = 2.0
    monkeypatch.setattr(lab, "guards_of_recipe", lambda config: {key: OUTCOME})
    app.run()
    assert app.session_state["aug_rotation_degrees"] == 2.0
    said = [one.value.replace("\\", "") for one in app.info]
    assert any("Good model heeds" in one and "Rotation makes images of b" in one for one in said)
    assert list(looks["asked"]) == [key]  # no second look by itself
