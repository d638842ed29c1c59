"""The config that the words of a command describe."""

import argparse
from pathlib import Path

from cnnlab.cli.command import read_small
from cnnlab.cli.weights_files import with_ids
from cnnlab.domain.config.config_file import config_values
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config


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
