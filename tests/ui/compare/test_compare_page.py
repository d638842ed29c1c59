"""The Compare page as a script, without a browser."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.made_pairs import judged_run
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import column_helps, errors, open_page, tables, words


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return load_config({"dataset": dataset.id})


@pytest.fixture
def runs(config):
    """Two that differ in a setting and in two images."""
    other = load_config(config.model_dump(mode="json") | {"regularization": {"l2": 0.01}})
    return [judged_run(config, wrong=[0, 1, 2], name="*plain*"), judged_run(other, wrong=[0])]


def compared(runs):
    return open_page("compare", runs=",".join(run.id for run in runs))


def table(app, column):
    """The table that has a column of this name."""
    [found] = [rows for rows in tables(app).values() if column in rows[0]]
    return found


def column(app, known, name):
    """What one column says in the table that has another one of this name."""
    return [row[name] for row in table(app, known)]


def test_two_runs_side_by_side(runs):
    app = compared(runs)
    assert not app.error
    settings = table(app, "Setting")
    assert settings == [{"Setting": "L2", "A": "off", "B": "0.01"}]
    pairs = table(app, "Pair")
    assert [row["Pair"] for row in pairs] == ["A, B"]
    assert pairs[0]["Only B right"].startswith("2 (")
    assert pairs[0]["Accuracy, B − A (95 %)"].startswith("+")
    assert [row["Epoch"] for row in table(app, "Epoch")] == ["2 of 2", "2 of 2"]
    text = words(app)
    assert "can't tell" in text and r"\*plain\*" in text
    assert "It says nothing of a setting" in text
    assert column(app, "Parameters", "Per picture") == ["not measured"] * 2
    helps = column_helps(app)
    assert helps["Each run by itself"]["Gap"].startswith("Clean train minus validation accuracy")
    assert helps["What they cost"]["Per picture"] == "Of a prepared format, on one CPU."


def test_the_group_of_pictures_is_chosen(runs):
    app = compared(runs)
    group = app.segmented_control(key="compare_group_AB")
    assert group.options == ["Only A (0)", "Only B (2)", "Both wrong (1)"]
    assert group.value == "second", "where there is a picture"
    group.set_value("first").run()
    assert "There are none." in words(app)


def test_the_best_epoch_is_offered_with_a_warning(runs):
    app = compared(runs)
    assert "no image has chosen it" in words(app)
    app.segmented_control(key="compare_at").set_value("best").run()
    assert "these same images have chosen" in words(app)
    assert not app.error


def test_more_than_three_are_compared_with_one_that_is_chosen(config):
    runs = [judged_run(config, wrong=range(at), name=f"run {at}") for at in range(5)]
    app = compared(runs)
    assert column(app, "Pair", "Pair") == [
        "A, B", "A, C", "A, D", "A, E"
    ]  # fmt: skip
    assert "for 10 pairs: all of these runs that can be paired" in words(app).replace("\\", "")
    app.selectbox(key="compare_reference").set_value(runs[1].id).run()
    assert column(app, "Pair", "Pair")[0] == "B, A"
    assert {"Only the first right", "Accuracy, second − first (95 %)"} <= table(app, "Pair")[
        0
    ].keys()
    app.selectbox(key="compare_pair").set_value("B and D").run()
    assert not app.exception and not app.error


def test_the_address_follows_the_choice(runs, config):
    third = judged_run(config, name="third")
    app = compared(runs)
    app.multiselect(key="runs_select").set_value([runs[1].id, third.id]).run()
    assert app.query_params["runs"] == f"{runs[1].id},{third.id}"


def test_without_an_address_runs_are_chosen(runs):
    app = open_page("compare")
    assert "Choose at least two" in words(app)
    app.multiselect(key="runs_select").set_value([run.id for run in runs]).run()
    assert column(app, "Pair", "Pair") == ["A, B"]


def test_one_run_asks_for_another(runs):
    assert "choose one more" in words(compared(runs[:1]))


def test_a_made_up_address_is_answered_in_sentences(runs):
    ids = [*(f"run-{at}" for at in range(48)), runs[0].id, runs[1].id, runs[0].id]
    app = open_page("compare", runs=",".join(ids))
    [error] = errors(app)
    assert error.startswith("48 runs of the address can't be found: 'run-0', 'run-1', 'run-2' and")
    assert column(app, "Pair", "Pair") == ["A, B"]


def test_more_than_fit_are_cut_and_said(config):
    runs = [judged_run(config, name=f"run {at}") for at in range(9)]
    app = compared(runs)
    assert "names 9 runs; 8 at most" in app.warning[0].value
    assert len(table(app, "Epoch")) == 8


def test_what_cannot_be_paired_is_said_and_the_rest_is_shown(config):
    other = load_config(config.model_dump(mode="json") | {"split": {"seed": 1}})
    app = compared([judged_run(config), judged_run(other)])
    assert "A and B can't be paired" in words(app).replace("\\", "")
    assert "No two of these runs can be compared" in words(app)
    assert column(app, "Setting", "Setting") == ["Split seed"]


def test_a_run_that_goes_on_and_one_that_waits_are_shown_as_far_as_they_are(config):
    running = made_run(config, epochs=2, status=Status.RUNNING)
    waiting = lab.launch_run(config, name="waits")
    app = compared([judged_run(config), running, waiting])
    text = words(app).replace("\\", "")
    assert not app.error
    assert "C: it hasn't finished an epoch" in text
    assert column(app, "Epoch", "Accuracy (95 %)")[2] == "–"


def test_equal_runs_say_that_no_setting_differs(config):
    assert "No setting differs" in words(compared([judged_run(config), judged_run(config)]))


def test_what_else_may_differ_is_said_where_no_setting_does(config):
    runs = [judged_run(config), judged_run(config), judged_run(config)]
    workplace().runs.update(runs[1].id, changed_by_hand=True)
    workplace().runs.update(runs[2].id, origin={"run": runs[0].id, "epoch": 0})
    said = words(compared(runs))
    assert "B was changed by hand during the training and C was forked from another run" in said
    assert "comes of the machine" not in said


def watched_config(config, epochs):
    """One whose early stopping could end it before so many epochs."""
    values = config.model_dump(mode="json")
    return load_config(
        values
        | {"training": values["training"] | {"epochs": epochs}}
        | {"regularization": {"early_stopping": True}}
    )


def test_early_stopping_that_ended_nothing_has_chosen_nothing(config):
    app = compared([judged_run(config), judged_run(watched_config(config, 2))])
    assert "no image has chosen it" in words(app)
    assert "decided" not in words(app)
    running = judged_run(watched_config(config, 3), status=Status.STOPPED)
    assert "no image has chosen it" in words(compared([judged_run(config), running]))


def test_what_validation_images_have_chosen_is_said_of_each_run(config):
    watched = load_config(
        watched_config(config, 3).model_dump(mode="json")
        | {"optimizer": {"schedule": "reduce_on_plateau"}}
    )
    trial = judged_run(config)
    workplace().runs.update(trial.id, search="a", trial=0)
    app = compared([judged_run(config), judged_run(watched), trial])
    said = words(app).replace("\\", "")
    assert (
        "These same images decided when B ended and when its learning rate fell, so the numbers "
        "of B may be somewhat too good." in said
    )
    assert "decided perhaps that it won a search, so the numbers of C" in said
    assert "No image has chosen the last epoch of A." in said
    assert "no image has chosen it" not in said


def test_a_run_page_leads_there(runs):
    app = open_page("runs", run=runs[0].id)
    app.button(key="open_compare").click().run()
    assert "choose one more" in words(app)
