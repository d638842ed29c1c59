"""Many pictures on the Predict page: progress, the table, a filter, what goes wrong."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.familiarity import LEAST_IMAGES
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Status
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.predict import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.workplace import workplace
from cnnlab.ui.predict import page
from cnnlab.ui.predict.trying import Given
from tests.lab.predicting.test_many import PICTURES, finish, uploaded
from tests.made_runs import made_run, no_supervisor
from tests.made_tables import LIMIT
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(RunConfig(dataset=dataset.id), status=Status.FINISHED, name="First")


@pytest.fixture
def key(run, tmp_path):
    return lab.start_predictions([run.id], uploaded(tmp_path, PICTURES))


def shown(app):
    """The columns of the table, None where nothing is known."""
    table = app.dataframe[0].value
    told = table.astype(object).where(table.notna(), None)
    return {name: told[name].tolist() for name in told}


def choose(app, key, *groups):
    """Show only some labels, -1 for what is unlike the training images, -2 for no picture."""
    app.session_state[f"many_filter_{key}"] = [str(group) for group in groups]
    app.run()


def select_first(app):
    """Select the first of the rows that are shown."""
    chosen = {"rows": [0], "columns": [], "cells": []}
    app.session_state[app.dataframe[0].key] = {"selection": chosen}
    app.run()


def test_several_pictures_are_asked_about_and_found_again_by_the_address(
    run, tmp_path, monkeypatch
):
    token = uploaded(tmp_path, PICTURES)
    given = [Given({"token": token, "name": "pics.zip"}, None)]
    nothing = Given(None, None)
    monkeypatch.setattr(page, "render_trying", lambda *_, **__: given.pop() if given else nothing)
    app = open_page("predict", run=run.id)
    key = app.query_params["many"]
    assert lab.start_predictions([run.id], token) == key  # it is the one that was asked for
    assert app.button(key="cancel_many")
    again = open_page("predict", run=run.id, many=key)
    again.button(key="cancel_many").click().run()
    assert lab.predictions_state(key).stage == "cancelled"


def test_the_table_has_every_picture_with_its_class_and_why_one_is_none(run, key):
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    assert not app.error
    table = shown(app)
    assert "**1** First · **2** Second" in words(app)
    assert table["file"] == ["a.png", "b.png", "c.txt"]
    assert table["class1"] == ["dark", "bright", None]
    assert table["probability1"][:2] == [75, 75]
    assert table["unlike1"] == [False, True, None]
    assert "unlike2" not in table  # nobody knows
    assert table["why"] == [None, None, "not an image"]
    assert table["picture"][2] is None
    app.toggle(key="many_calibrated").set_value(True).run()
    assert shown(app)["probability1"][:2] == [62.5, 62.5]
    assert shown(app)["probability2"][:2] == [75, 75]  # not known of this one


def test_how_often_unlike_is_a_mistake_is_told_and_with_few_images_nothing_is_unlike(
    run, key, monkeypatch
):
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    assert "2.0 % to 10.0 % of new pictures" in app.dataframe[0].proto.columns
    monkeypatch.setitem(LIMIT, "images", LEAST_IMAGES - 1)
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    assert "unlike1" not in shown(app)
    assert not [told for told in app.get("button_group")[0].options if "unlike" in told]


def test_counts_per_class_filter_the_table(run, key):
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    offered = app.get("button_group")[0]
    assert offered.options == [
        "dark (1)",
        "bright (1)",
        "unlike anything it knows (1)",
        "no picture (1)",
    ]
    for wanted, files in {
        (0,): ["a.png"],
        (-2,): ["c.txt"],
        (-1, 0): ["a.png", "b.png"],
    }.items():
        choose(app, key, *wanted)
        assert shown(app)["file"] == files


def test_a_selection_is_gone_with_the_rows_that_it_was_made_among(run, key):
    """What is selected are places: the first of other rows would be added as another class."""
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    select_first(app)
    assert "1 picture selected" in words(app)
    app.toggle(key="many_calibrated").set_value(True).run()
    assert "1 picture selected" in words(app)  # the rows are the same
    choose(app, key, 1)
    assert shown(app)["file"] == ["b.png"]
    assert "selected" not in words(app)
    select_first(app)
    assert "1 picture selected" in words(app)
    choose(app, key)
    assert "selected" not in words(app)


def test_a_class_that_is_called_as_what_is_none_is_told_apart_and_draws_nothing(run, key):
    strange = "![](https://example.org/x.png) :red[b]"
    finish(key, classes=("no picture", strange))
    app = open_page("predict", run=run.id, many=key)
    offered = app.get("button_group")[0].options
    assert offered[0] == "no picture (1)"
    assert offered[-1] == "no picture (1) (2)"
    assert "[b]" not in offered[1]
    assert "\\!\\[" in offered[1]
    choose(app, key, 0)
    assert shown(app)["file"] == ["a.png"]
    choose(app, key, -2)
    assert shown(app)["file"] == ["c.txt"]


def test_what_went_wrong_is_said_and_the_last_table_is_found(run, key):
    end_job(job_folder(workplace().home, KIND, key), Stage.FAILED, "It holds no picture.")
    app = open_page("predict", run=run.id)
    app.button(key="open_many").click().run()
    assert errors(app) == ["It holds no picture."]
    assert "Choose the files again" in words(app)
    app.button(key="close_many").click().run()
    assert "many" not in app.query_params
    gone = open_page("predict", run=run.id, many="0" * 16)
    assert "no longer there" in errors(gone)[0]
    assert gone.multiselect(key="run_select").value == [run.id]


def test_a_table_is_deleted_for_good(run, key):
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    app.button(key="delete_many").click().run()
    assert not app.error
    assert "many" not in app.query_params
    assert not [button for button in app.button if button.key == "open_many"]
    with pytest.raises(NotFoundError):
        lab.predictions_state(key)
