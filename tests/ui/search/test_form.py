"""The form of a search as a script: what is ticked, what is asked, and what is wrong with it."""

import pytest

from cnnlab import lab
from cnnlab.domain.search import Range
from cnnlab.ui.search.fields import USUAL, range_words
from tests.ui.apps import errors, open_page, words

RATE, DROPOUT, ROTATION = (
    "optimizer_learning_rate",
    "regularization_dropout",
    "augmentation_rotation_degrees",
)


def launch(app):
    app.button(key="launch_search").click().run()
    assert not app.exception
    [search] = lab.list_searches()
    return search


def tick(app, *fields):
    """These alone."""
    for box in app.checkbox:
        if box.key.startswith("search_tick_"):
            box.set_value(box.key.removeprefix("search_tick_") in fields)
    app.run()


def test_the_usual_five_are_launched_with_one_click(quiet):
    app = open_page("search")
    assert not app.error
    shown = words(app)
    assert "5 fields of at most 12" in shown and "**40 trials**" in shown
    told = app.text_input(key="search_name").placeholder
    search = launch(app)
    assert search.name == told and told.endswith(f"· {lab.list_datasets()[0].name}")
    usual = lab.search_ranges()
    assert {one.field: one for one in search.ranges} == {name: usual[name] for name in USUAL}
    assert (search.trials, search.minutes, search.seeds) == (40, None, (0,))
    assert (search.objective, search.second, search.sampler) == ("val_accuracy", None, "tpe")
    assert search.prunes and search.confirm_seeds == 5
    assert search.dataset == quiet.id
    assert app.query_params["search"] in (search.id, [search.id])


def test_every_choice_of_the_form_arrives_in_the_search(quiet):
    app = open_page("search")
    tick(app, DROPOUT, "architecture_preset", "optimizer_schedule", "architecture_dense_units")
    app.number_input(key=f"search_from_{DROPOUT}").set_value(0.1)
    app.number_input(key=f"search_to_{DROPOUT}").set_value(0.4)
    app.selectbox(key=f"search_scale_{DROPOUT}").set_value("evenly by its logarithm")
    app.multiselect(key="search_choices_architecture_preset").set_value(["tiny cnn", "small cnn"])
    app.multiselect(key="search_choices_optimizer_schedule").set_value(["off", "cosine"])
    app.multiselect(key="search_choices_architecture_dense_units").set_value(["64", "256"])
    app.segmented_control(key="search_budget").set_value("Minutes").run()
    app.number_input(key="search_minutes").set_value(12.0)
    app.number_input(key="search_seeds").set_value(2)
    app.selectbox(key="search_objective").set_value("gap_penalised")
    app.selectbox(key="search_sampler").set_value("random")
    app.number_input(key="search_confirm_seeds").set_value(3)
    app.text_input(key="search_name").set_value("mine").run()
    search = launch(app)
    cosine = {"name": "cosine", "warmup_epochs": 0.0, "final_fraction": 0.0}
    assert search.ranges == (
        Range("architecture.preset", choices=("tiny_cnn", "small_cnn")),
        Range("architecture.dense_units", choices=(64, 256)),
        Range("regularization.dropout", 0.1, 0.4, log=True),
        Range("optimizer.schedule", choices=(None, cosine)),
    )
    assert (search.trials, search.minutes, len(search.seeds)) == (None, 12, 2)
    assert (search.objective, search.sampler) == ("gap_penalised", "random")
    assert (search.confirm_seeds, search.name) == (3, "mine")


def test_a_second_objective_ends_nothing_early(quiet):
    app = open_page("search")
    app.selectbox(key="search_second").set_value("parameters").run()
    assert app.toggle(key="search_prunes").disabled
    search = launch(app)
    assert (search.second, search.prunes) == ("parameters", False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda app: app.button(key="search_none").click(), "Nothing is searched"),
        (
            lambda app: app.number_input(key=f"search_from_{DROPOUT}").set_value(0.7),
            "Dropout must go from a lower to a higher number. Received: low=0.7, high=0.6",
        ),
        (
            lambda app: app.number_input(key="search_from_regularization_l2").set_value(0.0),
            "can't be drawn by its logarithm from 0 or less",
        ),
        (
            lambda app: app.number_input(key=f"search_to_{DROPOUT}").set_value(1.5),
            "isn't possible",
        ),
    ],
)
def test_what_is_wrong_is_said_once_and_blocks_the_start(quiet, change, said):
    app = open_page("search")
    change(app).run()
    [problem] = errors(app)
    assert said in problem
    assert app.button(key="launch_search").disabled


def test_a_field_is_found_by_its_name_and_what_is_not_shown_stays_ticked(quiet):
    app = open_page("search")
    app.text_input(key="search_field_filter").set_value("batch norm").run()
    shown = [box.key for box in app.checkbox if box.key.startswith("search_tick_")]
    assert shown == ["search_tick_regularization_batch_norm"]
    assert "5 fields of at most 12" in words(app)
    assert not app.button(key="launch_search").disabled
    app.text_input(key="search_field_filter").set_value("no such field").run()
    assert "No field is called so" in words(app)
    assert len(launch(app).ranges) == 5


def test_few_trials_promise_nothing(quiet):
    app = open_page("search")
    assert "promise nothing" not in words(app)
    app.number_input(key="search_trials_budget").set_value(29).run()
    assert "random settings would do as well" in words(app)


def test_the_time_is_estimated_until_a_check_has_measured_a_run(quiet, monkeypatch):
    monkeypatch.setattr(lab, "time_of_run", lambda _: lab.RunTime(30.0, is_measured=False))
    app = open_page("search")
    assert "**40 trials**, about 20\u00a0min" in words(app)
    assert "5\u00a0min. Estimated, within a factor of two." in words(app)
    monkeypatch.setattr(lab, "time_of_run", lambda _: None)
    app.run()
    assert "Check before training* says how long" in words(app)
    monkeypatch.setattr(lab, "time_of_run", lambda _: lab.RunTime(30.0, is_measured=True))
    app.run()
    assert "Estimated" not in words(app)
    assert "**40 trials**, about 20\u00a0min; less where hopeless ones are ended early" in words(
        app
    )
    assert "The closing study comes on top: 10 runs, 5\u00a0min." in words(app)
    app.segmented_control(key="search_budget").set_value("Minutes").run()
    app.number_input(key="search_minutes").set_value(10.0).run()
    assert "about 20 trials fit into it" in words(app)
    assert "promise nothing" in words(app)


def test_the_start_setting_is_that_of_the_train_page(quiet):
    app = open_page("search")
    assert "Start setting, the plain defaults" in words(app)
    app.session_state["epochs"] = 7
    app.session_state["reg_l2"] = 0.003
    app.run()
    shown = words(app).replace("\\", "")
    assert "Start setting, as on Train:** Small CNN, 48 px, 7 epochs, L2 0.003" in shown
    search = launch(app)
    assert search.base["training"]["epochs"] == 7
    assert search.start["regularization.l2"] == 0.003


def test_a_range_is_said_in_words():
    assert range_words(Range("optimizer.learning_rate", 1e-4, 0.03, log=True)) == (
        "Learning rate 0.0001 to 0.03 (log)"
    )
    assert range_words(Range("augmentation.flip", choices=("none", "horizontal"))) == (
        "Flip none or horizontal"
    )
