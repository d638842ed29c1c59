"""The config of a run leaves its page as a file and fills the form of the Train page."""

import json

import pytest

from cnnlab.domain.config.config_file import config_text
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page

CHANGED = {
    "augmentation": {"rotation_degrees": 12},
    "architecture": {"layers": [{"kind": "conv", "filters": 8}, {"kind": "flatten"}]},
    "optimizer": {"schedule": {"name": "cosine", "warmup_epochs": 2}},
    "regularization": {"early_stopping": {"patience_epochs": 7}},
    "training": {"batch_size": "auto"},
}


@pytest.fixture
def app(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return open_page("train")


def give(app, content, name="my config.json"):
    app.file_uploader(key="config_upload").upload(name, content, "application/json").run()
    assert not app.exception


def shown(app):
    return [each.value.replace("\\", "") for each in app.success]


def launched(app, monkeypatch):
    """The config that the form would train now."""
    given = []
    monkeypatch.setattr("cnnlab.lab.launch_run", lambda config, name: given.append(config))
    app.button(key="launch_run").click().run()
    return given[0]


def test_a_file_fills_every_field_of_the_form(app, dataset, monkeypatch):
    config = load_config(CHANGED | {"dataset": dataset.id})
    give(app, config_text(config.model_dump(mode="json")).encode())
    assert app.slider(key="aug_rotation_degrees").value == 12
    assert "The form shows my config.json" in shown(app)[0] and "2 own layers" in shown(app)[0]
    assert launched(app, monkeypatch) == config


def test_a_dataset_that_is_not_here_leaves_the_chosen_one(app, dataset, monkeypatch):
    give(app, json.dumps(CHANGED | {"dataset": "elsewhere-1a2b"}).encode())
    assert "Its dataset, elsewhere-1a2b, isn't here: the chosen one stays" in shown(app)[0]
    assert launched(app, monkeypatch).dataset == dataset.id


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no json", "The config file my config.json can't be read as JSON"),
        (b"[1]", "must hold a JSON object"),
        (b'{"training": {"epochs": 0}}', "Epochs must be a whole number from 1 to 10,000"),
        (b'{"trainig": {}}', "trainig is not a field of the config"),
        (b'{"training": {"wat": 1}}', "training.wat is not a field of the config. The form"),
        (b'{"training": {"epoch": 1}}', "of the config; did you mean Epochs? The form is as"),
    ],
)
def test_what_cannot_be_used_is_said_and_leaves_the_form(app, content, said, monkeypatch):
    before = app.slider(key="aug_rotation_degrees").value
    give(app, content)
    assert len(errors(app)) == 1 and said in errors(app)[0]
    assert "The form is as it was" in errors(app)[0] and not shown(app)
    assert app.slider(key="aug_rotation_degrees").value == before


def test_a_file_that_is_no_config_takes_away_what_was_said_of_the_one_before(app):
    give(app, json.dumps(CHANGED).encode())
    assert shown(app)
    app.file_uploader(key="config_upload").set_value(("a.py", b"import os", "text/plain")).run()
    assert not shown(app) and "a.py can't be read as JSON" in errors(app)[0]


def test_the_page_of_a_run_gives_its_config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    run = made_run(load_config({"dataset": dataset.id} | CHANGED), status=Status.FINISHED)
    app = open_page("runs", run=run.id)
    button = app.download_button(key="download_config")
    assert button.label == "Download as config.json"
    assert load_config(json.loads(config_text(run.config))) == load_config(run.config)
