"""The commands about pretrained weights."""

import argparse
from dataclasses import asdict
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, deleted, keyed
from cnnlab.domain.words import counted, data_size


def add_commands(commands: Commands) -> None:
    """Add the commands about pretrained weights."""
    group = commands.group("pretrained", "the weights that networks can start with")
    group.add("list", _list, "list the weights that are kept, and those that can be had")
    adding = group.add("add", _add, "keep the weights of a file")
    adding.add_argument(
        "file",
        type=Path,
        help="a .npz with arrays called layer/weight, a .keras or .weights.h5 file of Keras 3, or "
        "a file of ImageNet weights that `pretrained list` names",
    )
    deleting = group.add("delete", _delete, "delete kept weights; runs that began with them stay")
    deleting.add_argument("id")


def _list(_: argparse.Namespace) -> Answer:
    found = lab.list_pretrained()
    values = {
        "imagenet": [asdict(offer) for offer in found.imagenet],
        "pretrained": [_json(entry) for entry in found.kept],
    }
    lines = [
        f"imagenet for {offer.preset}  {offer.availability}  {offer.advice or offer.words}"
        for offer in found.imagenet
    ]
    return Answer(values, "\n".join([*lines, *map(_line, found.kept)]))


def _add(arguments: argparse.Namespace) -> Answer:
    entry = lab.add_pretrained(arguments.file)
    return Answer(_json(entry), _line(entry))


def _delete(arguments: argparse.Namespace) -> Answer:
    lab.delete_pretrained(arguments.id)
    return deleted("pretrained", arguments.id)


def _json(entry: lab.PretrainedEntry) -> Values:
    return keyed("pretrained", entry.to_json() | {"parameters": entry.parameters})


def _line(entry: lab.PretrainedEntry) -> str:
    size = f"{counted(len(entry.layers), 'array')}, {data_size(entry.bytes)}"
    return f"{entry.id}  {entry.name}  {size}"
