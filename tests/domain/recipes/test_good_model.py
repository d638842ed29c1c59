"""The recipe of a good model, for sets of all sizes."""

import math
from dataclasses import replace

import pytest

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.run_time import run_seconds
from cnnlab.domain.recipes.good_model import LEAST_UPDATES, MOST_SECONDS, PRETRAINED, good_recipe
from cnnlab.domain.recipes.recipe import SetFacts
from cnnlab.fields import walk

PHOTOS = SetFacts((48,) * 10, other_images=120, side_px=96, cores=2)
KINDS = {
    "photos": PHOTOS,
    "a handful": SetFacts((9, 7), other_images=4, side_px=400),
    "one class": SetFacts((20, 0), other_images=4, side_px=64),
    "thumbnails": SetFacts((60,) * 3, other_images=40, side_px=20),
    "specks": SetFacts((60,) * 3, other_images=40, side_px=5),
    "digits": SetFacts((6000,) * 10, other_images=10_000, side_px=28, is_grey=True, cores=2),
    "a million": SetFacts((100_000,) * 10, other_images=50_000, side_px=300, cores=4),
    "pretrained": replace(PHOTOS, has_imagenet=True),
}


def _config(facts):
    return good_recipe(facts).applied_to(RunConfig())


def _seconds(config, facts):
    return run_seconds(
        config, facts.classes, train_images=facts.train_images, other_images=facts.other_images
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_recipe_is_a_legal_config_with_a_reason_for_each_change(kind):
    recipe = good_recipe(KINDS[kind])
    known = {name for name, _ in walk(RunConfig)} | {"optimizer.schedule"}
    assert set(recipe.changes) <= known
    assert len(recipe.changes) == sum(len(choice.changes) for choice in recipe.choices)
    assert all(choice.reason.endswith(".") for choice in recipe.choices)
    plan_network(_config(KINDS[kind]), _config(KINDS[kind]).image.shape, KINDS[kind].classes)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "specks"])
def test_no_image_is_enlarged(kind):
    assert _config(KINDS[kind]).image.size <= KINDS[kind].side_px


@pytest.mark.parametrize("images", [2, 20, 160, 642, 5000])
def test_the_weights_are_updated_often_enough(images):
    config = _config(SetFacts((images // 2,) * 2, other_images=10, side_px=48, cores=2))
    steps = math.ceil(images / config.training.images_per_step)
    assert steps * config.training.epochs >= LEAST_UPDATES
    stopping = config.regularization.early_stopping
    assert stopping.restore_best and 2 * stopping.patience_epochs >= config.training.epochs


@pytest.mark.parametrize(("images", "epochs"), [(30, 100), (48, 67), (480, 30), (8000, 30)])
def test_few_images_are_not_many_epochs_of_a_step_or_two(images, epochs):
    config = _config(SetFacts((images // 3,) * 3, other_images=10, side_px=48, has_gpu=True))
    assert config.training.epochs == epochs
    assert images / config.training.images_per_step > 3


def test_what_would_take_long_is_made_shorter_and_says_so():
    digits = KINDS["digits"]
    patient = good_recipe(replace(digits, has_gpu=True))
    short = good_recipe(digits)
    assert short.changes["training.epochs"] < patient.changes["training.epochs"]
    assert _seconds(short.applied_to(RunConfig()), digits) / digits.cores < 1.3 * MOST_SECONDS
    assert _seconds(patient.applied_to(RunConfig()), digits) / digits.cores > MOST_SECONDS
    said = short.choices[-1].reason
    assert "for this machine" in said and f"instead of {patient.changes['training.epochs']}" in said
    assert "for this machine" not in patient.choices[-1].reason


def test_augmentation_is_mild_never_flips_and_heeds_what_was_found():
    found = {"augmentation.rotation_degrees": 3.0, "augmentation.shift_fraction": 0.0}
    usual, careful = _config(PHOTOS), _config(replace(PHOTOS, unsafe=found))
    assert usual.augmentation.is_on and usual.augmentation.flip == "none"
    assert careful.augmentation == usual.augmentation.model_copy(
        update={"rotation_degrees": 3.0, "shift_fraction": 0.0}
    )
    said = " ".join(choice.reason for choice in good_recipe(replace(PHOTOS, unsafe=found)).choices)
    assert "rotation and shift" in said
    safe = frozenset({"augmentation.flip"})
    assert _config(replace(PHOTOS, safe=safe)).augmentation.flip == "horizontal"
    everything = {f"augmentation.{name}": 0.0 for name in Augmentation.model_fields}
    assert not _config(replace(PHOTOS, unsafe=everything)).augmentation.is_on


def test_whether_anything_has_looked_at_the_augmentation_is_said():
    def said(facts):
        return " ".join(choice.reason for choice in good_recipe(facts).choices)

    assert "No look at these images has confirmed" in said(PHOTOS)
    safe = frozenset({"augmentation.zoom_fraction"})
    assert "No look" not in said(replace(PHOTOS, safe=safe))
    assert "No look" not in said(replace(PHOTOS, unsafe={"augmentation.flip": "none"}))


def test_what_was_picked_once_is_not_picked_again():
    unsafe = {"augmentation.shift_fraction": 0.0}
    assert good_recipe(replace(PHOTOS)) is good_recipe(replace(PHOTOS))
    assert good_recipe(replace(PHOTOS, unsafe=unsafe)) != good_recipe(PHOTOS)


def test_rare_classes_count_as_much_where_they_are_rare():
    assert _config(PHOTOS).training.sampling == "natural"
    uneven = replace(PHOTOS, train_counts=(150, 15, 15))
    assert _config(uneven).training.sampling == "balanced"
    assert _config(uneven).training.class_weights == "none"
    assert any("150" in choice.reason for choice in good_recipe(uneven).choices)
    lacking = replace(PHOTOS, train_counts=(150, 15, 0))  # which can't be drawn
    assert _config(lacking).training.sampling == "natural"
    assert _config(lacking).training.class_weights == "balanced"


def test_grey_pictures_train_as_such():
    assert _config(replace(PHOTOS, is_grey=True)).image.color == "grayscale"


def test_photos_begin_with_what_a_million_photos_taught_where_that_is_here():
    config = _config(KINDS["pretrained"])
    assert config.architecture.preset == PRETRAINED and config.architecture.pretrained == "imagenet"
    plan = plan_network(config, config.image.shape, classes=10)
    assert len(plan.trained_layers(config.architecture.frozen_layers)) == 1
    assert _config(replace(KINDS["pretrained"], side_px=32)).architecture.pretrained is None
    assert _config(replace(KINDS["pretrained"], is_grey=True)).image.color == "rgb"
