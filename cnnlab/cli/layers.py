"""The commands about a network's layers."""

import argparse
from dataclasses import asdict
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, read_small
from cnnlab.domain.config.config_file import network_values
from cnnlab.domain.config.run_config import change_config, load_config
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.network.blocks import Block, NetworkBlocks
from cnnlab.domain.words import UNKNOWN, counted, data_size, percent

_CLASSES = 10
_FEWEST_CLASSES, _MOST_CLASSES = 2, 100_000
_COLUMNS = ("Block", "Output", "Parameters", "Multiply-adds", "Sees", "Time", "Memory")


def add_commands(commands: Commands) -> None:
    """Add the command about layers."""
    parser = commands.add("layers", _layers, "show or check the network of a config or layer list")
    parser.add_argument("action", choices=("show", "check"))
    parser.add_argument("file", type=Path, help="JSON: a config, or a list of layers")
    parser.add_argument(
        "--classes", type=int, default=_CLASSES, metavar="N", help=f"default: {_CLASSES}"
    )
    parser.add_argument("--set", action="append", default=[], metavar="a.b=value", dest="changes")


def _layers(arguments: argparse.Namespace) -> Answer:
    content = network_values(read_small(arguments.file), f"The file {arguments.file}")
    config = load_config(change_config(content, arguments.changes))
    classes = arguments.classes
    if not _FEWEST_CLASSES <= classes <= _MOST_CLASSES:
        raise BadInputError(
            f"--classes must be from {_FEWEST_CLASSES} to {_MOST_CLASSES:,}. Received: {classes:,}"
        )
    lab.check_network(config, classes)
    drawn = lab.draw_network(config.model_dump(mode="json"), classes)
    if arguments.action == "check":
        hints = [hint for block in drawn.blocks for hint in block.hints]
        preset = None if config.architecture.layers else config.architecture.preset
        said = f"ok: the preset {preset}, as there is no list of layers" if preset else "ok"
        values = {"ok": True, "preset": preset, "hints": hints}
        return Answer(values, "\n".join([said, *hints]))
    return Answer(_values(drawn), _table(drawn))


def _values(drawn: NetworkBlocks) -> Values:
    blocks = [asdict(block) | {"title": block.title} for block in drawn.blocks]
    totals = {name: getattr(drawn, name) for name in ("parameters", "multiply_adds", "bytes")}
    return {"blocks": blocks, **totals}


def _table(drawn: NetworkBlocks) -> str:
    rows = [_COLUMNS, *map(_row, drawn.blocks)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    total = (
        f"{counted(drawn.parameters, 'parameter')}, {drawn.multiply_adds:,} multiply-adds, "
        f"{data_size(drawn.bytes)} of values an image; time is an estimate"
    )
    hints = [f"{block.name}: {hint}" for block in drawn.blocks for hint in block.hints]
    return "\n".join([*lines, total, *hints])


def _row(block: Block) -> tuple[str, ...]:
    if block.shape is None:
        return (f"{block.title} (off)", *[UNKNOWN] * (len(_COLUMNS) - 1))
    sees = "all" if block.receptive_field is None else f"{block.receptive_field} px"
    return (
        block.title,
        " x ".join(map(str, block.shape)),
        f"{block.parameters:,}",
        f"{block.multiply_adds:,}",
        sees,
        percent(block.time_share),
        percent(block.memory_share),
    )
