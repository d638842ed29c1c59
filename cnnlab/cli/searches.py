"""The commands about searches."""

import argparse
import json
import math
import time
from dataclasses import asdict
from typing import Any, get_args

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, add_launch_options, deleted, listed, say
from cnnlab.domain.config.run_config import change_config, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.search import (
    Objective,
    Range,
    Sampler,
    SearchStatus,
    SecondObjective,
    Trial,
    TrialState,
)
from cnnlab.domain.search_ranges import check_field
from cnnlab.domain.words import counted

_POLL_SECONDS = 0.5
_LOG, _LINEAR = ":log", ":linear"


def add_commands(commands: Commands) -> None:
    """Add the commands about searches."""
    _add_search(commands)
    commands.add("searches", _list, "list the searches")
    for name, command, help in (
        ("show-search", _show, "show one search with its trials"),
        ("stop-search", _stop, "stop a search with all of its runs"),
        ("resume-search", _resume, "go on with a search that was stopped, or whose trials failed"),
        ("delete-search", _delete, "delete a search with its runs and its closing study"),
    ):
        commands.add(name, command, help).add_argument("search")


def _add_search(commands: Commands) -> None:
    starting = commands.add("search", _search, "search for the best settings, and test the winner")
    starting.add_argument("dataset")
    starting.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="FIELD[=LOW..HIGH[:log|:linear] | =A,B,...]",
        help="a field to search; alone over its sensible range",
    )
    starting.add_argument("--trials", type=int, metavar="N", help="most settings that are tried")
    starting.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="for how long settings are begun; the closing study comes on top",
    )
    starting.add_argument("--seeds", type=int, default=1, metavar="N", help="of each setting")
    starting.add_argument("--objective", choices=get_args(Objective), default="val_accuracy")
    starting.add_argument(
        "--second", choices=get_args(SecondObjective), help="what shall be small beside it"
    )
    starting.add_argument("--sampler", choices=get_args(Sampler), default="tpe")
    starting.add_argument(
        "--no-pruning", action="store_true", help="train hopeless settings to their end too"
    )
    starting.add_argument(
        "--confirm-seeds", type=int, default=5, metavar="N", help="of the closing study"
    )
    add_launch_options(starting, "search", waits_for="for the closing study's verdict")


def _search(arguments: argparse.Namespace) -> Answer:
    base = load_config(change_config({}, arguments.changes) | {"dataset": arguments.dataset})
    search = lab.launch_search(
        lab.new_search(
            base,
            [parse_range(text) for text in arguments.over],
            trials=arguments.trials,
            minutes=arguments.minutes,
            seeds=arguments.seeds,
            objective=arguments.objective,
            second=arguments.second,
            name=arguments.name or "",
            prunes=not arguments.no_pruning,
            sampler=arguments.sampler,
            confirm_seeds=arguments.confirm_seeds,
        )
    )
    if arguments.wait:
        return _wait(search.id)
    return _answer(lab.view_search(search.id))._replace(text=search.id, code=0)


def parse_range(text: str) -> Range:
    """What `--over` says: `FIELD`, `FIELD=LOW..HIGH`, `FIELD=LOW..HIGH:log`, `FIELD=A,B,...`.

    Without `:log` or `:linear` numbers are drawn as in the field's sensible range.

    Raises:
        ConfigError: it can't be read, or there is no such field, or it has no sensible range.
    """
    field, equals, values = (part.strip() for part in text.partition("="))
    sensible = lab.search_ranges().get(field)
    if not equals:
        if sensible is None:
            if field:
                check_field(field)
            raise ConfigError(
                f"{field or text!r} has no range of its own to search: give it one, such as "
                f"--over {field or 'FIELD'}=LOW..HIGH, or values with commas between."
            )
        return sensible
    if ".." in values:
        return _numbers(field, values, sensible)
    return Range(field, choices=tuple(_json_or_text(part) for part in _parts(values)))


def _numbers(field: str, text: str, sensible: Range | None) -> Range:
    ends, log = text, None
    for suffix, is_log in ((_LOG, True), (_LINEAR, False)):
        if ends.endswith(suffix):
            ends, log = ends.removesuffix(suffix), is_log
    low, _, high = ends.partition("..")
    try:
        lowest, highest = float(low), float(high)
    except ValueError as error:
        raise ConfigError(f"--over {field} must look like LOW..HIGH. Received: {text!r}") from error
    if log is None:
        log = sensible is not None and sensible.log and lowest > 0
    return Range(field, lowest, highest, log=log)


def _parts(text: str) -> list[str]:
    """Values with commas between; a JSON list where some hold commas themselves."""
    if text.startswith("["):
        try:
            return [json.dumps(value) for value in json.loads(text)]
        except json.JSONDecodeError as error:
            raise ConfigError(f"A list of values must be JSON. Received: {text!r}") from error
    return [part.strip() for part in text.split(",") if part.strip()]


def _json_or_text(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _wait(search: str) -> Answer:
    say(f"search {search}")
    told = None
    while (view := lab.view_search(search)).status.is_live:
        if (progress := _progress(view)) != told:
            say(progress)
            told = progress
        lab.ensure_supervised()
        time.sleep(_POLL_SECONDS)
    return _answer(view)


def _progress(view: lab.SearchView) -> str:
    if view.status is SearchStatus.CONFIRMING:
        return "the winner trains again beside the start setting"
    ended = sum(trial.is_ended for trial in view.trials)
    best = view.best
    found = "" if best is None or best.value is None else f", best {best.value:.4g}"
    return f"{counted(ended, 'trial')} ended{found}"


def _answer(view: lab.SearchView) -> Answer:
    """The trials with the best of them and what it is worth."""
    verdict, search = view.verdict, view.search
    values = {
        "search": search.id,
        "name": search.name,
        "status": view.status,
        "message": view.message,
        "objective": search.objective,
        "second": search.second,
        "trials": [_trial_values(trial) for trial in view.trials],
        "best": None if view.best is None else _trial_values(view.best),
        "front": list(view.front),
        "seconds_used": view.seconds_used,
        "seconds_left": view.seconds_left,
        "study": view.study,
        "verdict": None if verdict is None else verdict.verdict,
        "difference": None
        if verdict is None
        else {"mean": verdict.mean, "low": verdict.low, "high": verdict.high},
        "verdict_words": None if verdict is None else verdict.words,
        "optimism": None if view.luck is None else asdict(view.luck),
        "words": list(view.words),
    }
    lines = [*map(_line, view.trials), view.message, "" if verdict is None else verdict.words]
    text = "\n".join(line for line in [*lines, *view.words] if line)
    return Answer(values, text, int(view.status is SearchStatus.FAILED))


def _trial_values(trial: Trial) -> Values:
    values = asdict(trial)
    values.pop("curves")
    runs = [run for _, run in sorted(trial.runs.items())]
    curve = [value if math.isfinite(value) else None for value in trial.curve]
    return values | {"runs": runs, "curve": curve}


def _line(trial: Trial) -> str:
    if trial.value is not None:
        told = f"{trial.value:.4g}"
    elif trial.state is TrialState.RUNNING:
        told = "trains or waits"
    else:
        told = f"{trial.state}: {trial.words}"
    changed = ", ".join(f"{name}={json.dumps(value)}" for name, value in trial.values.items())
    return f"{trial.number}  {changed}  {told}"


def _list(_: argparse.Namespace) -> Answer:
    searches = lab.list_searches()
    lines = [f"{search.id}  {search.name}" for search in searches]
    return listed("searches", [{"search": one.id} | one.to_json() for one in searches], lines)


def _show(arguments: argparse.Namespace) -> Answer:
    return _answer(lab.view_search(arguments.search))._replace(code=0)


def _stop(arguments: argparse.Namespace) -> Answer:
    lab.stop_search(arguments.search)
    return Answer({"search": arguments.search}, f"{arguments.search} is asked to stop")


def _resume(arguments: argparse.Namespace) -> Answer:
    lab.resume_search(arguments.search)
    return _answer(lab.view_search(arguments.search))._replace(text=arguments.search, code=0)


def _delete(arguments: argparse.Namespace) -> Answer:
    lab.delete_search(arguments.search)
    return deleted("search", arguments.search)
