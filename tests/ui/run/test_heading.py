"""The head of a run's page: its title in words, what was noted, all settings one click away."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def config(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return {"dataset": dataset.id}


def titled(config, **changes):
    run = lab.launch_run(load_config({**config, **changes}))
    return run.name.replace(lab.load_dataset(run.dataset).name, "Digits")


def test_a_title_says_dataset_network_and_what_is_switched_on(config):
    assert titled(config) == "Digits, small CNN"
    assert titled(config, regularization={"dropout": 0.3}) == "Digits, small CNN, dropout 0.3"
    flat = {"layers": [{"kind": "flatten"}]}
    assert titled(config, architecture=flat) == "Digits, own network"
    told = titled(
        config,
        architecture={"preset": "tiny_cnn"},
        regularization={"l2": 0.001, "batch_norm": True, "dropout": 0.5},
        augmentation={"rotation_degrees": 15},
    )
    assert told.startswith("Digits, tiny CNN, ") and told.endswith(", 1 more")
    assert "dropout 0.5, L2 0.001, rotation 15°" in told


def test_names_that_are_written_their_own_way_keep_it_within_a_title(config):
    told = titled(
        config,
        regularization={"weight_decay": 0.01},
        augmentation={"cutmix_alpha": 0.2, "randaugment_operations": 2},
    )
    assert "CutMix 0.2" in told and "RandAugment 2" in told and "weight decay 0.01" in told


def test_a_run_that_nobody_named_is_stored_with_its_name_in_words(config):
    name = lab.load_dataset(config["dataset"]).name
    run = lab.launch_run(load_config({**config, "optimizer": {"learning_rate": 0.02}}), name=" ")
    assert run.name == f"{name}, small CNN, learning rate 0.02"


def test_a_name_that_an_earlier_version_would_have_made_up_is_shown_as_it_was_given(config):
    run = made_run(load_config({**config, "regularization": {"dropout": 0.3}}))
    lab.bring_home_up_to_date()
    lab.rename_run(run.id, "Dropout 0.3")
    lab.bring_home_up_to_date()
    assert open_page("runs", run=run.id).title[0].value == r"Dropout 0\.3"
    (listed,) = lab.list_all_runs().runs
    assert listed.row.name == "Dropout 0.3"


def test_a_run_of_a_study_is_called_as_everywhere_else(config):
    run = made_run(load_config(config), status=Status.FINISHED, name="strong, seed 0 · Study").id
    workplace().runs.update(run, study="s", arm="strong")
    app = open_page("runs", run=run)
    assert app.title[0].value == "strong, seed 0 · Study"
    assert not any("· seed 0" in one.value for one in app.caption)
    lab.rename_run(run, "renamed")
    app = open_page("runs", run=run)
    assert app.title[0].value == "renamed"
    assert any("· seed 0" in one.value for one in app.caption)


def test_tags_and_note_are_read_without_a_click(config):
    run = made_run(load_config(config), status=Status.FINISHED).id
    lab.note_run(run, "Ask Ann.")
    lab.tag_run(run, ["approved"])
    said = words(open_page("runs", run=run))
    assert "approved" in said and "Ask Ann" in said


def test_the_next_step_is_the_one_primary_button(config):
    run = made_run(load_config(config), status=Status.FINISHED).id
    for status, primary in (
        (Status.FINISHED, {"open_predict"}),
        (Status.STOPPED, {"resume_run"}),
        (Status.INTERRUPTED, {"resume_run"}),
    ):
        workplace().runs.update(run, status=status)
        app = open_page("runs", run=run)
        assert errors(app) == []
        assert {one.key for one in app.button if one.proto.type == "primary"} == primary
    failed = made_run(load_config(config), status=Status.FAILED, epochs=0).id
    app = open_page("runs", run=failed)
    assert {one.key for one in app.button if one.proto.type == "primary"} == {"clone_run"}


def test_stop_is_neutral_and_the_dials_stand_open_beside_the_curves(config):
    app = open_page("runs", run=made_run(load_config(config)).id)
    assert app.button(key="stop_run").proto.type == "secondary"
    assert [one.proto.expanded for one in app.expander if "dials" in one.label] == [True]
