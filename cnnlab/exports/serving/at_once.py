"""The command `serve` before the rest of cnnlab is loaded, where a model is there to be served.

The rest takes a second to load and 150 MB, and a server needs neither.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cnnlab.exports.serving.options import add_options
from cnnlab.exports.serving.ready import RUNTIMES, ready_folder


class _NotAtOnceError(Exception):
    """The words need the whole command line, which says what is wrong with them."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _NotAtOnceError(message)


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add what the command `serve` takes."""
    parser.add_argument("run")
    parser.add_argument(
        "--runtime",
        choices=tuple(RUNTIMES),
        help="what computes: by default LiteRT where it is installed, else ONNX Runtime",
    )
    parser.add_argument(
        "--calibrated",
        action="store_true",
        help="with the temperature of the run's evaluation on its validation images",
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help="write the server with its model and a Dockerfile to a new folder, and start nothing",
    )
    add_options(parser)


def serve_at_once(words: Sequence[str]) -> None:
    """Be the server and leave, or return where something has to be prepared or refused.

    Args:
        words: of the command line behind `serve`.
    """
    parser = _Parser(add_help=False)
    parser.add_argument("--json", action="store_true")
    add_serve_options(parser)
    try:
        arguments = parser.parse_args(words)
    except _NotAtOnceError:  # of `--help` as well: it is unknown here
        return
    if arguments.to is not None:
        return
    folder = ready_folder(arguments.run, arguments.runtime, calibrated=arguments.calibrated)
    if folder is None:
        return
    from cnnlab.exports.serving.starting import serve  # noqa: PLC0415 - what isn't served needs none

    sys.exit(serve(folder, arguments.run, arguments))
