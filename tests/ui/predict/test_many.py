"""Many pictures on the Predict page: progress, the table, a filter, what goes wrong."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.familiarity import LEAST_IMAGES
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Status
from cnnlab.domain.words import UNKNOWN
from cnnlab.jobs.asking import job_folder
from cnnlab.jobs.kinds.predict import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.workplace import workplace
from cnnlab.ui.components.table import table
from cnnlab.ui.judge.pictures import shown as shown_pictures
from cnnlab.ui.predict import page
from cnnlab.ui.predict.trying import Given
from tests.lab.predicting.test_many import PICTURES, finish, uploaded
from tests.made_runs import made_run, no_supervisor
from tests.made_tables import LIMIT
from tests.ui.apps import column_helps, errors, open_page, tables, words


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(RunConfig(dataset=dataset.id), status=Status.FINISHED, name="First")


@pytest.fixture
def key(run, tmp_path):
    return lab.start_predictions([run.id], uploaded(tmp_path, PICTURES))


TABLE = "What is said of each picture"


def shown(app):
    """What the table says, column by column."""
    rows = tables(app).get(TABLE, [])
    return {name: [row[name] for row in rows] for name in rows[0]}


def choose(app, key, *groups):
    """Show only some labels, -1 for what is unlike the training images, -2 for no picture."""
    app.session_state[f"many_filter_{key}"] = [str(group) for group in groups]
    app.run()


@pytest.fixture
def tick(monkeypatch):
    """Has a user tick pictures, by their numbers."""
    ticked = []
    drawn = table._table

    def told(*, data, **options):
        drawn(data=data, **options)
        return {"ticked": list(ticked)}

    monkeypatch.setattr(table, "_table", told)
    return ticked.extend


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
    said = shown(app)
    assert "**1** First · **2** Second" in words(app)
    assert said["File"] == ["a.png", "b.png", "c.txt"]
    assert said["Class 1"] == ["dark", "bright", UNKNOWN]
    assert said["Probability 1"] == ["75.0\u00a0%", "75.0\u00a0%", UNKNOWN]
    assert said["Unlike 1"] == ["no", "yes", UNKNOWN]
    assert "Unlike 2" not in said  # nobody knows
    assert said["Why it isn't asked about"] == [UNKNOWN, UNKNOWN, "not an image"]
    assert [bool(address) for address in said["Picture"]] == [True, True, False]
    app.toggle(key="many_calibrated").set_value(True).run()
    assert shown(app)["Probability 1"][:2] == ["62.5\u00a0%", "62.5\u00a0%"]
    assert shown(app)["Probability 2"][:2] == [
        "75.0\u00a0%",
        "75.0\u00a0%",
    ]  # not known of this one


def test_the_order_is_by_how_sure_the_first_run_is_and_no_picture_is_last(run, key, monkeypatch):
    finish(key)
    known = lab.predictions_table(key)
    known.probabilities[:2, 0, 0] = 0.6, 0.9
    monkeypatch.setattr(lab, "predictions_table", lambda key: known)
    app = open_page("predict", run=run.id, many=key)
    files = {}
    for order in ("Surest first", "Least sure first", "As given"):
        app.segmented_control(key="many_order").set_value(order).run()
        files[order] = shown(app)["File"]
    assert files["Surest first"] == ["b.png", "a.png", "c.txt"]
    assert files["Least sure first"] == files["As given"] == ["a.png", "b.png", "c.txt"]


def test_of_many_pictures_some_are_drawn_and_more_on_request(run, key, monkeypatch):
    finish(key)
    monkeypatch.setattr(shown_pictures, "SHOWN", 2)
    monkeypatch.setattr(shown_pictures.shown_count, "__defaults__", (2,))
    app = open_page("predict", run=run.id, many=key)
    assert shown(app)["File"] == ["a.png", "b.png"]
    assert "2 of 3 pictures" in words(app)
    app.button(key="many_rows_more").click().run()
    assert shown(app)["File"] == ["a.png", "b.png", "c.txt"]


def test_how_often_unlike_is_a_mistake_is_told_and_with_few_images_nothing_is_unlike(
    run, key, monkeypatch
):
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    assert "2.0\u00a0% to 10.0\u00a0% of new pictures" in column_helps(app)[TABLE]["Unlike 1"]
    monkeypatch.setitem(LIMIT, "images", LEAST_IMAGES - 1)
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    assert "Unlike 1" not in shown(app)
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
        assert shown(app)["File"] == files


def test_what_is_ticked_are_pictures_and_those_count_that_are_seen(run, key, tick):
    """The first of other rows would be added as another class."""
    finish(key)
    app = open_page("predict", run=run.id, many=key)
    assert "selected" not in words(app) and app.button(key="add_many").disabled
    tick(["0", "2"])
    app.run()
    assert "1 picture selected" in words(app), "of the two one is no picture"
    app.toggle(key="many_calibrated").set_value(True).run()
    assert "1 picture selected" in words(app)
    choose(app, key, 1)
    assert shown(app)["File"] == ["b.png"]
    assert "selected" not in words(app)
    choose(app, key)
    assert "1 picture selected" in words(app)


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
    assert shown(app)["File"] == ["a.png"]
    choose(app, key, -2)
    assert shown(app)["File"] == ["c.txt"]


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
