"""The command that finds a learning rate."""

import argparse

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, say
from cnnlab.cli.given_config import add_config_options, given_config
from cnnlab.domain.config.schedule import peak_words


def add_commands(commands: Commands) -> None:
    """Add the command that finds a learning rate."""
    testing = commands.add(
        "lr-test", _test, "find a learning rate for a config by a few short tests"
    )
    add_config_options(testing)
    testing.add_argument("--set", action="append", default=[], metavar="a.b=value", dest="changes")


def _test(arguments: argparse.Namespace) -> Answer:
    config = given_config(arguments)
    found = lab.wait_for_lr_test(config, on_phase=say)
    peak = peak_words(config.optimizer.schedule)
    words = f"{found['words']} {peak}".strip() if found["suggestion"] else found["words"]
    say(words)
    told = "can't tell" if found["suggestion"] is None else f"{found['suggestion']:g}"
    return Answer({**found, "dataset": arguments.dataset, "words": words}, told)
