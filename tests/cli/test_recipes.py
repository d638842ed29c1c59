"""`train --recipe`, without any training."""

import json

import pytest

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.recipes.good_model import good_recipe
from cnnlab.domain.recipes.recipe import SetFacts
from tests.cli.test_cli import Shell
from tests.made_runs import no_supervisor


@pytest.fixture
def shell(home, monkeypatch):
    no_supervisor(monkeypatch)
    return Shell(home)


def _config(shell, answer):
    return shell.json("show", answer["run"])["config"]


def test_a_good_model_is_picked_with_reasons_and_what_is_set_wins(shell, dataset):
    picked = shell.json("train", dataset.id, "--recipe", "good")
    assert picked["recipe"]["name"] == "good"
    assert all(choice["reason"] for choice in picked["recipe"]["choices"])
    config = _config(shell, picked)
    assert config["image"]["size"] == 16 and config["regularization"]["batch_norm"] is True

    words = ("--set", "split.seed=4", "--set", "optimizer.schedule.warmup_epochs=0")
    own = shell.json("train", dataset.id, "--recipe", "good", "--set", "training.epochs=2", *words)
    changed = _config(shell, own)
    assert changed["training"]["epochs"] == 2 and changed["split"]["seed"] == 4
    assert changed["optimizer"]["schedule"] == config["optimizer"]["schedule"] | {
        "warmup_epochs": 0.0
    }
    assert changed["augmentation"] == config["augmentation"]


def test_another_network_begins_with_none_of_the_weights_of_the_recipes_own(
    shell, dataset, monkeypatch
):
    photos = SetFacts((48,) * 2, other_images=20, side_px=96, has_imagenet=True)
    monkeypatch.setattr("cnnlab.lab.pick_recipe", lambda name, config: good_recipe(photos))
    words = ("--recipe", "good", "--set", "architecture.preset=small_cnn")
    network = _config(shell, shell.json("train", dataset.id, *words))["architecture"]
    assert network == RunConfig().architecture.model_dump(mode="json")
    own = ("--set", "architecture.frozen_layers=1")
    network = _config(shell, shell.json("train", dataset.id, *words, *own))["architecture"]
    assert network["frozen_layers"] == 1 and network["pretrained"] is None


def test_reasons_are_said_beside_the_answer(shell, dataset):
    said = shell("train", dataset.id, "--recipe", "good").stderr
    assert "Images of 16 px" in said


def test_without_a_recipe_and_with_the_plain_one_runs_have_the_defaults(shell, dataset):
    defaults = RunConfig(dataset=dataset.id).model_dump(mode="json")
    for words in ((), ("--recipe", "plain")):
        answer = shell.json("train", dataset.id, *words)
        assert _config(shell, answer) == defaults
        assert ("recipe" in answer) == bool(words)


def test_what_does_not_go_together_is_refused_in_one_line(shell, dataset, tmp_path):
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"training": {"epochs": 2}}))
    said = shell.refuse("train", dataset.id, "--recipe", "good", "--config", file)
    assert "--config or --recipe" in said
    assert "good" in shell.refuse("train", dataset.id, "--recipe", "best")
    assert "no dataset" in shell.refuse("train", "nothing-1", "--recipe", "good").lower()
    said = shell.refuse("train", dataset.id, "--recipe", "good", "--set", "training.epochs=0")
    assert "training.epochs" in said
