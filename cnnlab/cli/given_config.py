"""The config that the words of a command describe."""

import argparse
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import read_small
from cnnlab.cli.weights_files import with_ids
from cnnlab.domain.config.config_file import config_values
from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.recipes.recipe import LEFT_ALONE, Recipe, RecipeName

_NETWORK = ("architecture.preset", "architecture.layers")
_OF_A_NETWORK = ("architecture.pretrained", "architecture.frozen_layers")
"""What a recipe sets for its own network alone."""


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add the dataset and the file that `given_config` reads; `--set` comes beside them."""
    parser.add_argument("dataset")
    parser.add_argument("--config", type=Path, help="JSON file with the config")


def given_config(arguments: argparse.Namespace) -> RunConfig:
    """The config of a file, or the default one, with its dataset and its changed fields.

    Raises:
        BadInputError: it can't be read, or isn't legal.
        StorageError: the disk is full, and it names a file of weights.
    """
    values = (
        config_values(read_small(arguments.config), str(arguments.config))
        if arguments.config
        else {}
    )
    values = change_config(values, arguments.changes) | {"dataset": arguments.dataset}
    return with_ids(load_config(values))


def recipe_config(arguments: argparse.Namespace) -> tuple[RunConfig, Recipe]:
    """The config of a recipe for the dataset, with changed fields, and the recipe.

    Raises:
        BadInputError: there is no such dataset, it can't be split, a changed field isn't legal, or
            a file is named as well.
        StorageError: the disk is full, or the home can't be read.
    """
    if arguments.config:
        raise ConfigError(
            "A config file and a recipe both decide all settings: give --config or --recipe."
        )
    named = {"dataset": arguments.dataset}
    heeded = [change for change in arguments.changes if change.strip().startswith(LEFT_ALONE)]
    before = load_config(change_config(named, heeded) | named)
    recipe = lab.pick_recipe(RecipeName(arguments.recipe), before)
    picked = recipe.applied_to(before).model_dump(mode="json")
    changed = change_config(picked, arguments.changes)
    if any(value_at(changed, name) != value_at(picked, name) for name in _NETWORK):
        defaults = RunConfig()
        fitting = {name: value_at(defaults, name) for name in _OF_A_NETWORK}
        changed = change_config(with_changes(picked, fitting), arguments.changes)
    return with_ids(load_config(changed | named)), recipe
