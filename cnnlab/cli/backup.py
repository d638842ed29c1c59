"""The commands that keep a lab as one file."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, say
from cnnlab.domain.words import counted, data_size, percent
from cnnlab.lab.upkeep.whole_backup import back_up_all, restore_all

_SECONDS_BETWEEN = 2


def add_commands(commands: Commands) -> None:
    """Add the commands about backups."""
    keeping = commands.add(
        "backup", _back_up, "write all datasets, runs, studies and searches into a file"
    )
    keeping.add_argument("to", type=Path, metavar="TO", help="a file, or a folder")
    keeping.add_argument(
        "--all", action="store_true", help="all workspaces and accounts, into a folder in TO"
    )
    bringing = commands.add("restore", _restore, "make a home of a backup again")
    bringing.add_argument("source", type=Path, metavar="FROM")
    bringing.add_argument(
        "--merge", action="store_true", help="add what isn't there to a home that isn't empty"
    )
    bringing.add_argument(
        "--all", action="store_true", help="all workspaces and accounts that a folder has"
    )
    importing = commands.add(
        "import-bundle", _import_bundle, "bring in the run or the study of an evidence bundle"
    )
    importing.add_argument("source", type=Path, metavar="FILE")


def _back_up(arguments: argparse.Namespace) -> Answer:
    if arguments.all:
        return _back_up_all(arguments)
    values = lab.back_up(arguments.to, _progress())
    for lost in values["left_out"]:
        say(f"{lost} was deleted meanwhile")
    return Answer(values, f"{_words(values)} in {values['file']} ({data_size(values['bytes'])})")


def _back_up_all(arguments: argparse.Namespace) -> Answer:
    values = back_up_all(arguments.to, _progress())
    for of in values["workspaces"]:
        for lost in of["left_out"]:
            say(f"{lost} of {of['title']} was deleted meanwhile")
    number = counted(len(values["workspaces"]), "workspace")
    return Answer(values, f"{number} in {values['folder']} ({data_size(values['bytes'])})")


def _restore(arguments: argparse.Namespace) -> Answer:
    if arguments.all:
        return _restore_all(arguments)
    values = lab.restore(arguments.source, merge=arguments.merge, on_progress=_progress())
    _tell_what_stayed(values)
    return Answer(values, f"{_words(values)} restored from {values['file']}")


def _restore_all(arguments: argparse.Namespace) -> Answer:
    values = restore_all(arguments.source, merge=arguments.merge, on_progress=_progress())
    for of in values["workspaces"]:
        _tell_what_stayed(of)
    lines = [f"{of['title']}: {_words(of)}" for of in values["workspaces"]]
    accounts = counted(values["people"], "account")
    if values["people"]:
        say("everybody signs in again; links that were shared have ended")
    return Answer(values, "\n".join([*lines, f"{accounts}; restored from {values['folder']}"]))


def _tell_what_stayed(values: Values) -> None:
    for kept in values["there_already"]:
        say(f"{kept} was there already and stays as it is")
    for lost in values["left_out"]:
        say(f"left out: {lost}")


def _import_bundle(arguments: argparse.Namespace) -> Answer:
    values = lab.import_bundle(arguments.source, on_progress=_progress())
    for there in values["there_already"]:
        say(f"{there} is here already, alike, and stays as it is")
    new = values["runs"] + values["studies"]
    if not new:
        return Answer(values, f"Nothing is new: all of {values['id']} is here already")
    data = " and its images" if values["new_dataset"] else f", on the dataset {values['dataset']}"
    runs = counted(len(values["runs"]), "run")
    what = f"{values['kind']} {values['id']}: {runs}{data}"
    return Answer(values, f"Imported the {what}")


def _words(values: Values) -> str:
    parts = [
        counted(values["datasets"], "dataset"),
        counted(values["runs"], "run"),
        counted(values["studies"], "study", "studies"),
    ]
    searches = values["searches"]
    return ", ".join([*parts, counted(searches, "search", "searches")] if searches else parts)


def _progress() -> Callable[[int, int], None]:
    told = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _SECONDS_BETWEEN:
            told = time.monotonic()
            say(f"{percent(done / max(1, total), decimals=0)} of {data_size(total)}")

    return progress
