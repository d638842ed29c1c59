"""The parser of the command line and how a command runs.

With `--json` exactly one JSON object goes to standard output; progress and messages always go to
standard error. Exit code 0; 2 = bad input (one clear line); 1 = it failed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from cnnlab import lab
from cnnlab.cli import (
    backup,
    bucket,
    config,
    datasets,
    doctor,
    layers,
    lr_test,
    runs,
    searches,
    studies,
    tracking,
    users,
    workspaces,
)
from cnnlab.cli.command import Answer, Commands, Parser, for_programs, say
from cnnlab.cli.models import (
    cards,
    comparing,
    evaluations,
    explanations,
    listing,
    predictions,
    pretrained,
    serving,
)
from cnnlab.domain.errors import BadInputError, CnnlabError, StorageError
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.environment import start
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.tracking import hand_on_settings
from cnnlab.settings import check_settings

_DESCRIPTION = "The command line: the same operations as in the browser."
_NOUNS = (
    datasets,
    runs,
    lr_test,
    studies,
    searches,
    evaluations,
    comparing,
    explanations,
    listing,
    serving,
    cards,
    predictions,
    pretrained,
    tracking,
    config,
    layers,
    backup,
    bucket,
    users,
    workspaces,
    doctor,
)
_ABOUT_RUNS = (
    runs,
    studies,
    searches,
    evaluations,
    listing,
    serving,
    predictions,
    explanations,
    tracking,
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    arguments = _parser().parse_args(words)
    try:
        check_settings()
        with acting_as(local_in(arguments.workspace or DEFAULT_WORKSPACE)):
            answer, problem = _answer(arguments)
    except CnnlabError as error:
        say(str(error))
        return 2 if isinstance(error, BadInputError) else 1
    except KeyboardInterrupt:
        say("Interrupted; runs that have been launched go on.")
        return 1
    if problem:
        say(problem)
    told = json.dumps(answer.values) if arguments.json else answer.text
    sys.stdout.write(for_programs(told) + "\n")
    return answer.code


def _answer(arguments: argparse.Namespace) -> tuple[Answer, str]:
    """What a command says, and why nothing can be stored at the moment, if that is so."""
    if arguments.about_runs:
        hand_on_settings()
    answer: Answer = arguments.command(arguments)
    if arguments.about_runs:
        _look_after_runs()
    return answer, lab.opened_to_read()


def _parser() -> Parser:
    parser = Parser(prog="python -m cnnlab", description=_DESCRIPTION)
    parser.add_argument(
        "--workspace",
        metavar="W",
        help=f"id or title of the workspace that is meant; by default {DEFAULT_WORKSPACE}",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    Commands(commands).add(
        "start", _start, "make the virtual environment if needed and open the app"
    )
    for noun in _NOUNS:
        noun.add_commands(Commands(commands, about_runs=noun in _ABOUT_RUNS))
    return parser


def _look_after_runs() -> None:
    """What waits, or lost its worker while nobody looked, goes on."""
    try:
        lab.ensure_supervised()
    except StorageError as error:  # the answer is none the worse for it
        say(f"Nothing that waits can be started: {error}")


def _start(_: argparse.Namespace) -> NoReturn:
    start([])
