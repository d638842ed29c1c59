"""The command about where a model looks."""

import argparse
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, say
from cnnlab.domain.explaining.methods import DEFAULT_METHOD, METHODS, check_words, layer_words
from cnnlab.domain.words import called


def add_commands(commands: Commands) -> None:
    """Add the command about where a model looks."""
    explaining = commands.add("explain", _explain, "show where in pictures a run's model looks")
    explaining.add_argument("run")
    explaining.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="a picture, a folder or an archive"
    )
    explaining.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="where the maps are written"
    )
    explaining.add_argument(
        "--method", default=DEFAULT_METHOD, help=f"one of {', '.join(METHODS)} (%(default)s)"
    )
    explaining.add_argument(
        "--class", default="", dest="class_name", metavar="CLASS",
        help="whose score the maps are of (default: the class that the model says)",
    )  # fmt: skip


def _explain(arguments: argparse.Namespace) -> Answer:
    found = lab.write_explanations(
        arguments.run,
        arguments.images,
        arguments.to,
        arguments.method,
        arguments.class_name,
        on_phase=say,
    )
    for one in found.refused:
        say(f"{one['file']}: {one['reason']}")
    explanations = [
        {**one.picture, "map": str(one.overlay), "values": str(one.values)} for one in found.written
    ]
    lines = [
        f"{one.picture['file']}: {called(one.picture['class'])}, {one.overlay}"
        for one in found.written
    ]
    if found.layer is not None:
        lines.append(layer_words(found.layer))
    lines.append(check_words(found.check))
    values = {
        "run": arguments.run,
        "explanations": explanations,
        "refused": found.refused,
        "check": found.check,
        "layer": found.layer,
    }
    return Answer(values, "\n".join(lines))
