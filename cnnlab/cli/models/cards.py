"""The commands that tell other people and other programs of runs: a card, tables."""

import argparse
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands
from cnnlab.domain.words import counted, data_size


def add_commands(commands: Commands) -> None:
    """Add the commands that make a model card and tables."""
    telling = commands.add("card", _card, "make the model card of a run")
    telling.add_argument("run")
    telling.add_argument(
        "--to", type=Path, metavar="PATH", help="a .md or .html file; without it, Markdown is shown"
    )
    taking = commands.add(
        "tables", _tables, "write runs, epochs, steps and studies as tables into a folder"
    )
    taking.add_argument("ids", nargs="*", metavar="RUN|STUDY", help="without any: everything")
    taking.add_argument("--to", required=True, type=Path, metavar="FOLDER")
    taking.add_argument("--format", default="csv", dest="form", help="csv or parquet")
    taking.add_argument(
        "--without-steps", action="store_true", help="leave out the steps, which are the most rows"
    )


def _card(arguments: argparse.Namespace) -> Answer:
    if arguments.to is None:
        text = lab.model_card(arguments.run)
        return Answer({"run": arguments.run, "text": text}, text.rstrip("\n"))
    values = lab.write_card(arguments.run, arguments.to)
    return Answer({"run": arguments.run, **values}, values["file"])


def _tables(arguments: argparse.Namespace) -> Answer:
    values = lab.write_tables(
        arguments.ids, arguments.to, arguments.form, has_steps=not arguments.without_steps
    )
    lines = [
        f"{one['file']}: {counted(one['rows'], 'row')}, {data_size(one['bytes'])}"
        for one in values["tables"]
    ]
    return Answer(values, "\n".join(lines))
