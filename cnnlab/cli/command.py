"""What the commands share: what one answers, how one is added, and what is told beside the answer.

A file for each noun adds its own commands by an `add_commands(Commands)`; `main.py` lists the
files.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cnnlab.domain.config.config_file import check_size
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.words import NO_BREAK

Values = dict[str, Any]
_UNITS = re.compile(rf"(?<=\d)(?:{NO_BREAK}|\\u00a0)(?=%|(?:s|min|h|bytes|[KMG]iB)\b)")
"""The space before a unit, also as JSON writes it: joined on a screen, no program looks for it."""


class Answer(NamedTuple):
    """What a command says at its end.

    Attributes:
        values: the one JSON object that `--json` prints.
        text: the same in words.
        code: exit code, 0 or 1.
    """

    values: Values
    text: str
    code: int = 0


Command = Callable[[argparse.Namespace], Answer]


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one line, with exit code 2.

    What begins like a negative number is one (`--range -1024..3071`), and no option.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(*arguments, **options)
        self._negative_number_matcher = re.compile(r"-\.?\d")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave."""
        say(f"{message}; see {self.prog} --help")
        sys.exit(2)


class Commands:
    """The commands of a parser, to which each noun adds its own.

    Args:
        commands: of the parser.
        about_runs: whether those of this noun read runs or act on them.
    """

    def __init__(
        self, commands: "argparse._SubParsersAction[Parser]", *, about_runs: bool = False
    ) -> None:
        self._commands = commands
        self._about_runs = about_runs

    def add(self, name: str, command: Command, help: str) -> argparse.ArgumentParser:
        """Add a command, every one with `--json`, and return its parser for its own arguments.

        Args:
            name: as it is typed.
            command: is given the parsed arguments.
            help: what it does, in a line.
        """
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name, help=help, description=help
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.set_defaults(command=command, about_runs=self._about_runs)
        return parser

    def group(self, name: str, help: str) -> "Commands":
        """Add a command that has commands of its own, such as `pretrained list`, and return them.

        Args:
            name: as it is typed.
            help: what they are about, in a line.
        """
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name, help=help, description=help
        )
        within = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
        return Commands(within, about_runs=self._about_runs)


def add_launch_options(parser: argparse.ArgumentParser, noun: str, *, waits_for: str) -> None:
    """Add what every command has that begins a training: changed fields, a name, to wait.

    Args:
        parser: the command's.
        noun: what is begun.
        waits_for: what `--wait` waits for.
    """
    parser.add_argument("--set", action="append", default=[], metavar="a.b=value", dest="changes")
    parser.add_argument("--name", help=f"what to call the {noun}")
    parser.add_argument("--wait", action="store_true", help=f"wait {waits_for}")


def keyed(noun: str, values: Values) -> Values:
    """The values with their `id` under the name that the contract gives it as well."""
    return {noun: values["id"]} | values


def listed(nouns: str, values: list[Values], lines: list[str]) -> Answer:
    """All there are of a noun, a line each."""
    return Answer({nouns: values}, "\n".join(lines) or f"No {nouns} yet.")


def deleted(noun: str, id: str) -> Answer:
    """That it is gone."""
    return Answer({noun: id, "deleted": True}, f"{id} deleted")


def read_small(path: Path) -> bytes:
    """The content of a file that is a config or a part of one.

    Raises:
        ConfigError: it can't be read, or is far too large to be one.
    """
    try:
        check_size(path.stat().st_size, f"The file {path}")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"The file {path} can't be read: {error}") from error


def say(text: str) -> None:
    """Tell progress or a message: a line on standard error."""
    sys.stderr.write(for_programs(text) + "\n")


def for_programs(text: str) -> str:
    """A text, or JSON, with a common space between a number and its unit."""
    return _UNITS.sub(" ", text)
