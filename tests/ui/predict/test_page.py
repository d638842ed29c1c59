"""The Predict page without a browser: its runs, the address, and a picture that is added."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Status
from cnnlab.server.downloads import model_address
from cnnlab.ui.predict import page
from cnnlab.ui.predict.trying import Given
from tests.made_exports import finish
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def runs(dataset, monkeypatch):
    """Two runs that can be asked, the older one first."""
    no_supervisor(monkeypatch)
    config = RunConfig(dataset=dataset.id)
    return [made_run(config, status=Status.FINISHED, name=name) for name in ("older", "newer")]


@pytest.fixture
def upload_of_a_picture(dataset):
    """The token of a picture that isn't in the dataset."""
    buffer = io.BytesIO()
    pixels = np.random.default_rng(9).integers(0, 255, (16, 16, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    token = lab.begin_upload("my photo.png", len(buffer.getvalue()))
    lab.append_chunk(token, 0, buffer.getvalue())
    return token


def asked(app):
    return app.multiselect(key="run_select").value


def test_the_newest_run_is_asked_and_the_address_stays(runs):
    app = open_page("predict")
    assert asked(app) == [runs[1].id]
    assert dict(app.query_params) == {}


def test_the_address_names_the_runs_and_follows_the_choice(runs):
    older, newer = (run.id for run in runs)
    app = open_page("predict", run=older)
    assert asked(app) == [older]
    app.multiselect(key="run_select").set_value([older, newer]).run()
    assert asked(app) == [older, newer]
    assert dict(app.query_params) == {"runs": f"{older},{newer}"}
    app.multiselect(key="run_select").set_value([newer]).run()
    assert dict(app.query_params) == {"run": newer}
    app.multiselect(key="run_select").set_value([]).run()
    assert asked(app) == []  # nobody is asked for those who want nobody
    assert "No run is chosen" in words(app)


def test_runs_of_the_address_that_cannot_be_asked_are_said_and_the_others_are_asked(runs, dataset):
    waiting = lab.launch_run(RunConfig(dataset=dataset.id), name="waiting")
    app = open_page("predict", runs=f"nobody,{runs[0].id},{waiting.id},{runs[0].id}")
    assert "no run 'nobody'" in errors(app)[0]
    assert "The run 'waiting' has no model yet: it is queued" in words(app)
    assert asked(app) == [runs[0].id]


def test_a_model_is_downloaded_by_one_click_from_where_it_is_tried(runs):
    older, newer = (run.id for run in runs)
    app = open_page("predict", run=newer)
    assert not app.get("link_button")
    assert app.button(key=f"open_formats_{newer}").label == "Take it along"
    finish(runs[1], "onnx", "model.onnx")
    app.run()
    [link] = app.get("link_button")
    assert link.proto.label == "Download the model"
    assert link.proto.url == model_address(newer, "onnx")
    app.multiselect(key="run_select").set_value([newer, older]).run()
    [link] = app.get("link_button")
    assert link.proto.label == "Download the model of newer"
    app.button(key=f"open_formats_{older}").click().run()
    assert app.title[0].value == "Models"


def test_the_page_of_an_ended_run_leads_to_trying_it(runs):
    app = open_page("runs", run=runs[0].id)
    app.button(key="open_predict").click().run()
    assert app.title[0].value == "Try a model"
    assert asked(app) == [runs[0].id]


def test_the_panel_of_a_run_loads_nothing_before_it_is_opened(runs, monkeypatch):
    warmed = []
    monkeypatch.setattr(lab, "warm_predictions", warmed.append)
    app = open_page("runs", run=runs[0].id)
    assert warmed == []
    app.session_state["try_panel"] = True
    app.run()
    assert warmed == [[runs[0].id]]
    app.button(key="open_whole_predict").click().run()
    assert app.title[0].value == "Try a model"


def test_a_picture_is_added_to_the_newest_version_as_the_class_that_the_user_says(
    runs, dataset, upload_of_a_picture, monkeypatch
):
    sent = Given(None, {"token": upload_of_a_picture, "name": "my photo.png"})
    given = [sent, sent, sent]  # here each click in the dialog runs the whole page
    nothing = Given(None, None)
    monkeypatch.setattr(page, "render_trying", lambda *_, **__: given.pop() if given else nothing)
    app = open_page("predict")
    assert app.button(key="confirm_add").disabled  # what it shows, nobody else can say
    app.selectbox(key="add_class").set_value("dark").run()
    app.button(key="confirm_add").click().run()
    assert not app.error
    versions = sorted(lab.list_datasets(), key=lambda each: each.version)
    assert [each.images for each in versions] == [48, 49]
    assert versions[1].classes["dark"] == dataset.classes["dark"] + 1
    assert "version 2" in words(app)
    app.button(key="open_added").click().run()
    assert app.selectbox(key="dataset_select").value == versions[1].id


def test_pictures_of_its_own_validation_set_are_there_to_be_tried(runs, dataset):
    [data] = samples_of(open_page("predict", run=runs[0].id))
    assert {each["label"] for each in data} == set(dataset.classes)
    assert all(f"/{dataset.id}/images/" in each["whole"] for each in data)


def test_without_its_dataset_a_model_is_tried_with_other_pictures(runs, dataset, monkeypatch):
    def gone(*_):
        raise NotFoundError("It is gone.")

    monkeypatch.setattr(lab, "sample_pictures", gone)
    app = open_page("predict", run=runs[0].id)
    assert not app.exception and samples_of(app) == []


def samples_of(app):
    """What each strip of samples is given."""
    given = [data for part in app.get("bidi_component") for data in json.loads(part.proto.json)]
    return [data["samples"] for data in given if data.get("part") == "samples"]
