"""The parts of a study's page that are measured on request; nothing is trained or measured."""

import pytest

from cnnlab import lab
from cnnlab.jobs.state import Stage
from cnnlab.lab.runs import newest_attempt
from tests.made_measurements import answer, finish, folder, measurable_study
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words

PARTS = {"units": "Units removed", "landscape": "Landscape"}
STATES = {"units": lab.units_state, "landscape": lab.landscape_state}
BOTH = pytest.mark.parametrize("name", list(PARTS))


@pytest.fixture
def study(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return measurable_study(dataset.id)


def part(study, name):
    app = open_page("study", study=study.id)
    app.segmented_control(key="study_part").set_value(PARTS[name]).run()
    assert not app.exception
    return app


@BOTH
def test_a_button_begins_it_and_progress_is_shown_with_a_way_out(study, name):
    app = part(study, name)
    assert "finished model" in words(app)
    app.button(key=f"measure_{name}").click().run()
    assert not app.exception and not errors(app)
    assert STATES[name](study.id).stage is Stage.WAITING
    assert "Waiting for a worker" in str(app.get("progress")[0].proto)
    app.button(key=f"cancel_{name}").click().run()
    assert STATES[name](study.id).stage is Stage.CANCELLED
    app = part(study, name)
    assert app.button(key=f"measure_{name}")


@BOTH
def test_what_was_found_is_said_in_words_and_asked_for_no_more(study, name):
    app = part(study, name)
    app.button(key=f"measure_{name}").click().run()
    finish(study, name)
    app = part(study, name)
    assert not [button for button in app.button if button.key == f"measure_{name}"]
    shown = words(app)
    if name == "units":
        assert "Can't tell whether dropout is more redundant" in shown.replace("\\", "")
        assert "isn't scaled up" in shown.replace("\\", "")
    else:
        assert "Can't tell whether dropout lies in wider minima" in shown.replace("\\", "")
        assert "Between baseline and dropout" in shown
        assert "no proof" in shown
        assert "of 100 training images and, on the line, 60 validation images" in shown


@BOTH
def test_runs_that_came_since_are_measured_on_top(study, name):
    app = part(study, name)
    app.button(key=f"measure_{name}").click().run()
    found = answer(study, name)
    for key in ("runs", "widths"):
        if key in found:
            found[key] = found[key][:-2]
    finish(study, name, found=found)
    app = part(study, name)
    assert app.button(key=f"measure_{name}").label == "Measure 2 more runs"


@BOTH
def test_why_it_can_not_be_measured_stands_in_place_of_the_button(study, name):
    for run in lab.study_runs(study.id):
        (newest_attempt(run).checkpoints / "manifest.json").unlink()
    app = part(study, name)
    assert not [button for button in app.button if button.key == f"measure_{name}"]
    assert "training states of this study" in words(app)


@BOTH
def test_what_failed_says_so_and_can_be_begun_again(study, name):
    app = part(study, name)
    app.button(key=f"measure_{name}").click().run()
    finish(study, name, status="failed", message="It broke.")
    (folder(study, name) / f"{name}.json").unlink()
    app = part(study, name)
    assert errors(app) == ["It broke."]
    app.button(key=f"measure_{name}").click().run()
    assert STATES[name](study.id).stage is Stage.WAITING
