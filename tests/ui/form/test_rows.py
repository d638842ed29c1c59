"""The form as its user sees it: rows, sets, words, steps, what applies, what is wrong where."""

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.fields import walk
from cnnlab.ui.form.changes import SECTIONS, section_of
from cnnlab.ui.train.lr_test import next_rate
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, recipe_choice, words


@pytest.fixture
def app(dataset, monkeypatch, plain_start):
    no_supervisor(monkeypatch)
    return open_page("train")


def keys(app):
    """Of all widgets that take a value."""
    widgets = (*app.number_input, *app.slider, *app.toggle, *app.selectbox, *app.text_input)
    return {widget.key for widget in widgets}


def test_choices_are_said_in_words_and_keep_their_values(app):
    preset, optimizer = app.selectbox(key="preset"), app.selectbox(key="optimizer")
    assert "Small CNN" in preset.options and "Adam" in optimizer.options
    assert (preset.value, optimizer.value) == ("small_cnn", "adam")
    assert app.selectbox(key="color").options == ["RGB", "Grayscale"]
    assert "Small CNN: the good default" in preset.help
    assert "small_cnn" not in preset.help
    shares = ("reg_dropout", "validation_fraction", "test_fraction")
    assert {app.slider(key=key).proto.format for key in shares} == {"percent"}


def test_help_leads_to_the_lesson_that_shows_what_the_field_does(app):
    address = "(lessons?lesson=redundancy)"  # relative: below a base path too
    assert app.button(key="reg_dropout_switch").help.endswith(address)
    assert "lesson" not in app.selectbox(key="preset").help


def test_only_what_applies_is_shown(app):
    hidden = {"momentum", "nesterov", "focal_gamma", "early_patience_epochs"}
    hidden |= {"reg_stochastic_depth", "aug_randaugment_magnitude"}
    assert not hidden & keys(app)
    app.selectbox(key="optimizer").select("sgd")
    app.selectbox(key="preset").select("resnet_small")
    app.selectbox(key="loss").select("focal")
    app.toggle(key="reg_early_stopping").set_value(True)
    app.slider(key="aug_randaugment_operations").set_value(2).run()
    assert hidden <= keys(app)
    assert {"aug_hue_fraction", "clip_norm", "clip_value", "validation_fraction"} <= keys(app)
    app.number_input(key="clip_norm").set_value(1.0)
    app.number_input(key="folds").set_value(5)
    app.selectbox(key="color").select("grayscale").run()
    assert not {"aug_hue_fraction", "clip_value", "validation_fraction"} & keys(app)


def test_what_was_set_is_shown_even_where_it_has_no_effect(app):
    app.slider(key="aug_hue_fraction").set_value(0.1)
    app.selectbox(key="color").select("grayscale").run()
    assert "aug_hue_fraction" in keys(app)


def test_the_set_that_is_shown_is_the_one_that_is_on(app):
    names = ("off", "light", "medium", "strong")
    chosen = lambda: [  # noqa: E731
        name for name in names if app.button(key=f"augment_{name}").icon == ":material/check:"
    ]
    assert chosen() == ["off"]
    app.button(key="augment_medium").click().run()
    assert app.slider(key="aug_rotation_degrees").value == 15 and chosen() == ["medium"]
    app.slider(key="aug_mixup_alpha").set_value(0.2).run()
    assert chosen() == ["medium"] and "and MixUp" in words(app)
    app.slider(key="aug_rotation_degrees").set_value(16.0).run()
    assert chosen() == [] and "A mix of your own." in words(app)
    app.button(key="augment_off").click().run()
    assert app.slider(key="aug_mixup_alpha").value == 0 and chosen() == ["off"]


def test_every_field_has_one_section_and_every_section_some():
    names = [name for name, _ in walk(RunConfig) if name != "dataset"]
    assert {section_of(name) for name in names} == set(SECTIONS)
    assert section_of("optimizer.name") == "Main choices"
    assert section_of("optimizer.schedule.warmup_epochs") == "Optimizer"


def test_changes_are_counted_and_taken_back_by_section_and_as_a_whole(app):
    shown = lambda: {one.key for one in app.button if one.key.startswith("reset_")}  # noqa: E731
    assert shown() == set()
    app.number_input(key="epochs").set_value(7)
    app.slider(key="reg_dropout").set_value(0.3)
    app.number_input(key="reg_l2").set_value(0.01)
    app.toggle(key="reg_early_stopping").set_value(True)
    app.number_input(key="seed").set_value(4).run()
    assert shown() == {"reset_main_choices", "reset_regularization", "reset_all"}
    assert recipe_choice(app).value == "own"
    assert app.button(key="reset_regularization").label == "Reset 3 changes"
    told = app.button(key="reset_regularization").help.replace("\\", "")
    assert "Dropout: 0.3 instead of off" in told
    app.button(key="reset_regularization").click().run()
    assert app.slider(key="reg_dropout").value == 0
    assert not app.toggle(key="reg_early_stopping").value
    assert app.number_input(key="epochs").value == 7
    app.button(key="reset_all").click().run()
    assert (app.number_input(key="epochs").value, app.number_input(key="seed").value) == (20, 0)
    assert shown() == set() and recipe_choice(app).value == "plain"


def test_a_problem_is_said_at_its_field_and_once_beside_the_start(app):
    app.number_input(key="epochs").set_value(0).run()
    assert len(errors(app)) == 1
    said = [one.value for one in app.markdown if one.value.startswith(":red[:material/error:")]
    assert len(said) == 1 and "Must be a whole number from 1 to 10,000" in said[0]
    app.number_input(key="epochs").set_value(3).run()
    assert not [one for one in app.markdown if one.value.startswith(":red[:material/error:")]


@pytest.mark.parametrize(
    ("rate", "down", "up"),
    [(0.001, 0.0005, 0.002), (0.0037, 0.002, 0.005), (0.05, 0.02, 0.1), (10.0, 5.0, 10.0)]
    + [(0.0, 1e-7, 2e-7), (9.999, 5.0, 10.0), (1e-7, 1e-7, 2e-7)],
)
def test_the_rate_steps_by_one_two_five(rate, down, up):
    assert next_rate(rate, is_up=False) == pytest.approx(down, rel=1e-12)
    assert next_rate(rate, is_up=True) == pytest.approx(up, rel=1e-12)


def test_the_buttons_beside_the_rate_step_it(app):
    app.button(key="learning_rate_higher").click().run()
    assert app.number_input(key="learning_rate").value == 0.002
    app.button(key="learning_rate_lower").click().run()
    app.button(key="learning_rate_lower").click().run()
    assert app.number_input(key="learning_rate").value == 0.0005
