"""What a recipe is told of a dataset."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.lab.before_launch.recipes import guards_of_recipe, set_facts


@pytest.fixture
def grey(tmp_path, home):
    """Twelve grey pictures of one class and six of another, a third of them 40 by 30 px."""
    generator, file = np.random.default_rng(0), tmp_path / "grey.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(18):
            size = (200, 300) if number % 3 else (30, 40)
            path = tmp_path / f"{number}.png"
            Image.fromarray(generator.integers(0, 256, size, np.uint8)).save(path)
            packed.write(path, f"{'many' if number < 12 else 'few'}/{number}.png")
    return lab.import_dataset(file)


def test_facts_are_those_of_the_training_images(grey):
    facts = set_facts(load_config({"dataset": grey.id, "training": {"device": "cpu"}}))
    counts = lab.count_splits(grey.id, load_config({}).split)
    assert (facts.train_images, facts.other_images) == (counts["train"], counts["validation"])
    assert facts.side_px == 30 and facts.is_grey and not facts.has_gpu
    fewer = load_config({"dataset": grey.id, "split": {"images_per_class": 3}})
    assert set_facts(fewer).train_counts == (3, 3)


def test_a_recipe_is_picked_for_the_dataset(grey, dataset):
    of_grey = lab.pick_recipe(RecipeName.GOOD, load_config({"dataset": grey.id}))
    assert (of_grey.changes["image.size"], of_grey.changes["image.color"]) == (30, "grayscale")
    of_shades = lab.pick_recipe(RecipeName.GOOD, load_config({"dataset": dataset.id}))
    assert of_shades.changes["image.size"] == 16
    assert not lab.pick_recipe(RecipeName.PLAIN, load_config({"dataset": grey.id})).choices


def test_what_looks_at_the_augmentation_found_is_heeded(grey, monkeypatch):
    def found(config):
        finding = {"field": "augmentation.rotation_degrees", "value": 8.0, "safe": 2.0}
        checked = ["augmentation.flip", "augmentation.rotation_degrees"]
        is_mirrored = config.augmentation.flip == "horizontal"
        checked = checked[not is_mirrored :]
        return evidence | {"findings": [finding], "checked": checked, "can_tell": told[0]}

    monkeypatch.setattr("cnnlab.lab.before_launch.recipes.known_guard", found)
    plain, told = load_config({"dataset": grey.id}), [True]
    evidence = {"noted": [], "judged": ["few", "many"]}
    changes = lab.pick_recipe(RecipeName.GOOD, plain).changes
    assert changes["augmentation.rotation_degrees"] == 2
    assert changes["augmentation.flip"] == "horizontal"
    for unsure in ({"noted": ["augmentation.flip"]}, {"judged": ["many"]}):
        kept = dict(evidence)
        evidence |= unsure
        assert "augmentation.flip" not in lab.pick_recipe(RecipeName.GOOD, plain).changes
        evidence |= kept
    looks = guards_of_recipe(plain)
    assert all(look["findings"][0]["safe"] == 2 for look in looks.values()) and len(looks) == 2
    told[0] = False
    assert not guards_of_recipe(plain)
    changes = lab.pick_recipe(RecipeName.GOOD, plain).changes
    assert changes["augmentation.rotation_degrees"] == 8 and "augmentation.flip" not in changes


def test_the_best_is_searched_from_the_good_model_on_in_runs_that_fit_the_minutes(grey):
    plain = load_config({"dataset": grey.id})
    good = lab.pick_recipe(RecipeName.GOOD, plain).applied_to(plain)
    search = lab.best_search(grey.id, 60)
    assert search.base == good.model_dump(mode="json") and search.minutes == 60
    assert search.patience_trials
    hurried = lab.best_search(grey.id, 0.5)
    epochs = hurried.base["training"]["epochs"]
    assert epochs < good.training.epochs
    assert search.name == "Best in 60 min"
    assert f"from a shortened good model ({epochs} epochs, " in hurried.name
    with pytest.raises(ConfigError, match="minutes must be"):
        lab.best_search(grey.id, 10**6)
