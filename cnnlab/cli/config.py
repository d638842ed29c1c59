"""The command about the config."""

import argparse
import json

from cnnlab.cli.command import Answer, Commands
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.fields import describe_field, walk


def add_commands(commands: Commands) -> None:
    """Add the command about the config."""
    commands.add(
        "fields", _fields, "list every field of the config with its range, default and help"
    )


def _fields(_: argparse.Namespace) -> Answer:
    fields = [describe_field(name, info) for name, info in walk(RunConfig)]
    lines = [
        f"{field['field']} = {json.dumps(field['default'])}  ({field['legal']})"
        f"{'  not yet' if field['planned'] else ''}\n"
        f"    {field['help']}"
        for field in fields
    ]
    return Answer({"fields": fields}, "\n".join(lines))
