"""What a user does to the course of a run: dials and forks, on its page and in the table."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.ui.run.dial_panel import dial_scale
from cnnlab.ui.run.lineage import chart_data
from tests.made_runs import STEPS, made_run, no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.ui.runs_table.rows import column, column_names

RATE, L2, DROPOUT = "optimizer.learning_rate", "regularization.l2", "regularization.dropout"


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id, "augmentation": {"rotation_degrees": 15}})


def asked(run):
    turns = Attempt(workplace().home.attempt(run.id, run.attempt)).asked_dials()
    return [turn["values"] for turn in turns]


def test_apply_asks_for_what_was_set_differently_and_nothing_else(config):
    run = made_run(config)
    app = open_page("runs", run=run.id)
    app.slider(key="dial_dropout").set_value(0.3)
    app.slider(key="dial_rotation_degrees").set_value(30.0)
    app.button(key="turn_dials").click().run()
    assert asked(run) == [{DROPOUT: 0.3, "augmentation.rotation_degrees": 30}]
    app.number_input(key="dial_l2").set_value(0.004)
    app.button(key="turn_dials").click().run()
    assert asked(run)[1:] == [{L2: 0.004}]
    assert errors(app) == []


def test_a_learning_rate_is_turned_by_factors_and_what_is_off_begins_at_the_usual(config):
    app = open_page("runs", run=made_run(config).id)
    app.button(key="dial_learning_rate_x0_5").click().run()
    assert app.number_input(key="dial_learning_rate").value == 0.0005
    app.button(key="dial_learning_rate_x10").click().run()
    assert app.number_input(key="dial_learning_rate").value == 0.005
    app.button(key="dial_l2_x2").click().run()
    assert app.number_input(key="dial_l2").value == 0.001
    app.button(key="dial_l2_off").click().run()
    assert app.number_input(key="dial_l2").value == 0


def test_an_apply_that_can_not_be_is_said_in_a_sentence(config):
    run = made_run(config)
    app = open_page("runs", run=run.id)
    app.button(key="turn_dials").click().run()
    assert "Nothing has been changed" in errors(app)[0]
    app.number_input(key="dial_learning_rate").set_value(99.0)
    app.button(key="turn_dials").click().run()
    assert errors(app) == ["Learning rate must be a number above 0 and at most 10. Received: 99.0"]
    workplace().runs.update(run.id, status=Status.FINISHED)
    app.number_input(key="dial_learning_rate").set_value(0.1)
    app.button(key="turn_dials").click().run()
    assert "is finished: only a running one can be changed" in errors(app)[0]
    assert asked(run) == []


def test_the_panel_shows_what_was_turned_elsewhere_and_keeps_what_is_being_set(config):
    run = made_run(config)
    app = open_page("runs", run=run.id)
    app.slider(key="dial_dropout").set_value(0.5).run()
    lab.turn_dials(run.id, {RATE: 0.25})
    app.button(key="turn_dials").click().run()
    assert app.number_input(key="dial_learning_rate").value == 0.25
    assert asked(run) == [{RATE: 0.25}, {DROPOUT: 0.5}]


def test_another_runs_panel_shows_that_runs_values(config, dataset):
    other = made_run(load_config({"dataset": dataset.id, "regularization": {"dropout": 0.4}}))
    app = open_page("runs", run=made_run(config).id)
    assert app.slider(key="dial_dropout").value == 0
    app.query_params["run"] = other.id
    app.run()
    assert app.slider(key="dial_dropout").value == 0.4


@pytest.mark.parametrize("status", [Status.QUEUED, Status.FINISHED, Status.INTERRUPTED])
def test_only_a_running_run_has_dials(config, status):
    run = made_run(config, status=status, turns=[DialTurn(1, 4, {L2: 0.1})])
    app = open_page("runs", run=run.id)
    assert "turn_dials" not in [button.key for button in app.button]


def test_a_slider_reaches_four_times_the_usual_and_the_value_of_now(config):
    dials = {dial.name: dial for dial in lab.dials(made_run(config).id)}
    assert dial_scale(dials["augmentation.rotation_degrees"]) == (0, 60, 1)
    assert dial_scale(dials[DROPOUT]) == (0, 0.9, 0.05)  # the field's own end
    strong = lab.Dial(
        "augmentation.rotation_degrees", 100.5, dials["augmentation.rotation_degrees"].info
    )
    assert dial_scale(strong) == (0, 101, 1)


def test_a_fork_is_offered_with_the_values_of_its_epoch_and_launched(config):
    turns = [DialTurn(1, STEPS, {L2: 0.01})]
    parent = made_run(config, turns=turns, status=Status.FINISHED, name="Parent")
    app = open_page("runs", run=parent.id)
    app.button(key="fork_run").click().run()
    epochs = app.selectbox(key="fork_epoch")
    assert epochs.options == [
        "Epoch 3: validation accuracy 52.0\u00a0%, the best",
        "Epoch 2: validation accuracy 51.0\u00a0%",
        "Epoch 1: validation accuracy 50.0\u00a0%",
    ]
    assert app.number_input(key="fork_l2").value == 0.01
    epochs.set_value(0).run()
    assert app.number_input(key="fork_l2").value == 0
    app.number_input(key="fork_learning_rate").set_value(0.0001)
    app.number_input(key="fork_zoom_fraction").set_value(0.2)
    app.text_area(key="fork_changes").set_value("training.batch_size=16\n\n").run()
    app.button(key="launch_fork").click().run()
    assert not app.exception
    child = lab.list_runs()[0]
    assert child.origin == {"run": parent.id, "epoch": 0}
    config = load_config(child.config)
    assert (config.optimizer.learning_rate, config.augmentation.zoom_fraction) == (0.0001, 0.2)
    assert (config.training.batch_size, config.regularization.l2) == (16, 0)
    assert child.name == "Parent from epoch 1: Learning rate 0.0001, Zoom 0.2, Batch size 16"


def test_a_fork_at_the_last_epoch_is_offered_more_of_them(config):
    config = load_config(config.model_dump() | {"training": {"epochs": 3}})
    app = open_page("runs", run=made_run(config, status=Status.FINISHED).id)
    app.button(key="fork_run").click().run()
    assert app.number_input(key="fork_epochs").value == 13


def test_a_change_that_a_fork_can_not_make_is_said_with_the_reason(config):
    parent = made_run(config, status=Status.FINISHED)
    app = open_page("runs", run=parent.id)
    app.button(key="fork_run").click().run()
    app.text_area(key="fork_changes").set_value("image.size=64").run()
    app.button(key="launch_fork").click().run()
    assert "can't be changed at a fork: the weights belong to images" in errors(app)[0]
    assert lab.list_runs() == [parent]


def test_the_dialog_stays_open_when_the_page_is_run_again_beneath_it(config):
    run = made_run(config)
    app = open_page("runs", run=run.id)
    app.button(key="fork_run").click().run()
    workplace().runs.update(run.id, status=Status.FINISHED)
    app.run()
    assert "launch_fork" in [button.key for button in app.button]


def test_a_run_without_a_kept_epoch_can_not_be_forked_yet(config):
    app = open_page("runs", run=made_run(config, epochs=0).id)
    app.button(key="fork_run").click().run()
    assert "No epoch of this run is kept yet" in words(app)


def test_the_table_says_where_a_run_comes_from_and_whether_it_was_changed(config):
    parent = made_run(config, name="Parent", status=Status.FINISHED)
    assert "remarks" not in column_names(open_page("runs"))
    child = lab.fork_run(parent.id, 1, name="Child")
    workplace().runs.update(parent.id, changed_by_hand=True)
    app = open_page("runs")
    assert column(app, "remarks") == {
        "Child": "fork of Parent at epoch 2",
        "Parent": "changed by hand",
    }
    lab.delete_run(parent.id)
    app = open_page("runs")
    assert column(app, "remarks") == {"Child": "fork of a deleted run at epoch 2"}
    app = open_page("runs", run=child.id)
    assert "Fork at epoch 2 of a run that was deleted" in words(app)


def test_the_chart_is_given_the_branch_and_the_parents_curve_to_its_end(config):
    parent = made_run(config, epochs=4, status=Status.FINISHED)
    child = lab.fork_run(parent.id, 1)
    data = chart_data(child)
    assert data["branch"] == 1
    assert [record["epoch"] for record in data["parent"]] == [0, 1, 2, 3]
    assert data["dials"][L2] == {"label": "L2", "unit": "", "value": 0}
    lab.delete_run(parent.id)
    assert chart_data(child)["parent"] == []
    assert chart_data(parent)["branch"] is None


def test_a_run_of_another_version_says_so(config, monkeypatch):
    run = made_run(config)
    monkeypatch.setattr(lab, "version_note", lambda view: "Begun by another version")
    assert "Begun by another version" in words(open_page("runs", run=run.id))
