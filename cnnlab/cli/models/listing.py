"""The command about models."""

import argparse
from pathlib import Path
from typing import cast

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, say
from cnnlab.domain.records.export import ExportCheck


def add_commands(commands: Commands) -> None:
    """Add the command about models."""
    exporting = commands.add("export", _export, "copy a run's model to a file")
    exporting.add_argument("run")
    exporting.add_argument("--format", required=True, dest="export_format", help=_formats())
    exporting.add_argument("--to", required=True, type=Path, metavar="PATH")
    exporting.add_argument(
        "--calibrated",
        action="store_true",
        help="with the temperature of the run's evaluation on its validation images, which makes "
        "the probabilities truer",
    )
    exporting.add_argument(
        "--with-images", action="store_true", help="of a bundle: with the images themselves"
    )


def _formats() -> str:
    return "; ".join(f"{each.name}: {each.purpose}" for each in lab.export_formats())


def _export(arguments: argparse.Namespace) -> Answer:
    values = lab.export_run(
        arguments.run,
        arguments.export_format,
        arguments.to,
        calibrated=arguments.calibrated,
        with_images=arguments.with_images,
        on_phase=say,
    )
    if "not_verified" in values:
        say(f"Not verified: {values['not_verified']}")
    elif "verified" in values:
        say(f"{values['verified']}.")
    if unknown := lab.uncompared_words(cast(ExportCheck, values)):
        say(unknown)
    return Answer(values, values["file"])
