"""Where each field of a config went in a program, and what is left out, in words."""

from cnnlab.domain.config.dotted import value_at
from cnnlab.exports.code.recipe import Recipe

FILES = {
    "dataset": "files.csv names its pictures",
    "split.validation": "files.csv says who trains and who validates",
    "split.test": "the test images aren't in files.csv: they stay locked away",
    "split.seed": "files.csv says who trains and who validates",
    "split.validation_draw": "files.csv says who trains and who validates",
    "split.folds": "files.csv says who trains and who validates",
    "split.images_per_class": "files.csv has the training images that were kept",
    "split.label_noise_fraction": "files.csv has the labels that the run was told",
    "architecture.pretrained": "init.npz holds the weights that the run began with",
    "architecture.frozen_layers": "the layers are named that keep their weights",
}
"""Fields whose effect lies in a file beside the program, or in names that a worker finds out."""

_DEVICE = "training.device"

SAID = {
    _DEVICE: "where it computes ({value}): Keras takes what it finds",
}
"""Fields that a program leaves out: in which words it says so; empty where nothing obeys them."""


def left_out(recipe: Recipe) -> list[str]:
    """What a program leaves out of its run, a clause each."""
    said = [
        words.format(value=value_at(recipe.config, name))
        for name, words in SAID.items()
        if words and value_at(recipe.config, name) not in ("auto", None)
    ]
    if recipe.config.augmentation.is_on:
        said.append(
            "the run's own draws of the augmentation (numpy draws others, of the same kind)"
        )
    if recipe.config.split.label_noise_fraction:
        said.append("how many of the wrong labels are memorized")
    return [*said, *recipe.said]
