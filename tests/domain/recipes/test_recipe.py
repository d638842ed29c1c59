"""Recipes: what they set and what they leave alone."""

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.recipes.recipe import Choice, Recipe, RecipeName

OWN = {
    "dataset": "shades-1",
    "image": {"size": 16},
    "split": {"test": 0.1, "seed": 3},
    "augmentation": {"flip": "horizontal"},
    "regularization": {"dropout": 0.5, "early_stopping": True},
    "optimizer": {"schedule": "one_cycle"},
    "training": {"epochs": 3, "seed": 7, "device": "cpu", "precision": "mixed_bfloat16"},
}
GOOD = Recipe(
    RecipeName.GOOD,
    (
        Choice({"optimizer.schedule": {"name": "cosine"}}, "It falls."),
        Choice({"training.epochs": 9, "training.batch_size": 16}, "Few images."),
    ),
)


def test_the_plain_one_is_the_defaults_with_what_no_recipe_decides():
    own = load_config(OWN)
    kept = {name: OWN["training"][name] for name in ("seed", "device", "precision")}
    expected = {"dataset": own.dataset, "split": OWN["split"], "training": kept}
    assert Recipe(RecipeName.PLAIN).applied_to(own) == load_config(expected)
    assert Recipe(RecipeName.PLAIN).applied_to(RunConfig()) == RunConfig()


def test_its_choices_come_on_top_of_the_defaults():
    config = GOOD.applied_to(load_config(OWN))
    assert config.optimizer.schedule.name == "cosine" and config.training.epochs == 9
    assert config.training.seed == 7 and config.split.seed == 3
    assert config.regularization.early_stopping is None and config.image.size == 48


def test_it_is_told_as_json():
    first, second = GOOD.to_json()["choices"]
    assert first == {"changes": {"optimizer.schedule": {"name": "cosine"}}, "reason": "It falls."}
    assert list(second["changes"]) == ["training.epochs", "training.batch_size"]
    assert GOOD.to_json()["name"] == "good"
