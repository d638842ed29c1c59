"""The command that tells of a run's model in a document."""

import argparse
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands


def add_commands(commands: Commands) -> None:
    """Add the command that makes a model card."""
    telling = commands.add("card", _card, "make the model card of a run")
    telling.add_argument("run")
    telling.add_argument(
        "--to", type=Path, metavar="PATH", help="a .md or .html file; without it, Markdown is shown"
    )


def _card(arguments: argparse.Namespace) -> Answer:
    if arguments.to is None:
        text = lab.model_card(arguments.run)
        return Answer({"run": arguments.run, "text": text}, text.rstrip("\n"))
    values = lab.write_card(arguments.run, arguments.to)
    return Answer({"run": arguments.run, **values}, values["file"])
