"""What a recipe is told of a dataset."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.recipes import RecipeName
from cnnlab.lab.recipes import set_facts


@pytest.fixture
def grey(tmp_path, home):
    """Twelve grey pictures of one class and six of another, most of them 40 by 30 px."""
    generator, file = np.random.default_rng(0), tmp_path / "grey.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(18):
            size = (200, 300) if number % 6 == 0 else (30, 40)
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
