"""The command that brings back what lies in a bucket."""

import argparse
from dataclasses import asdict

from cnnlab.cli.command import Answer, Commands
from cnnlab.domain.words import counted, data_size
from cnnlab.lab.upkeep.bucket import fetch_from_bucket


def add_commands(commands: Commands) -> None:
    """Add the command about buckets."""
    fetching = commands.add(
        "fetch", _fetch, "bring back what is in the bucket of CNNLAB_STORAGE and gone here"
    )
    fetching.add_argument(
        "names", nargs="*", metavar="DATASET|RUN", help="default: all whose folders are gone"
    )


def _fetch(arguments: argparse.Namespace) -> Answer:
    found = fetch_from_bucket(arguments.names)
    things = f"{counted(len(found.datasets), 'dataset')} and {counted(len(found.runs), 'run')}"
    files = f"{counted(found.files, 'file')} ({data_size(found.bytes)}) came back"
    return Answer(asdict(found), f"{things}: {files}")
