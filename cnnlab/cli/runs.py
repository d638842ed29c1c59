"""The commands about runs."""

import argparse
from dataclasses import asdict
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import (
    Answer,
    Commands,
    Values,
    add_launch_options,
    deleted,
    keyed,
    listed,
    say,
)
from cnnlab.cli.given_config import add_config_options, given_config, recipe_config
from cnnlab.cli.looks import looked_at_warnings, seen_warnings, test_looks
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.history import gap
from cnnlab.domain.recipes.recipe import Recipe, RecipeName
from cnnlab.domain.records.training import EpochMetric, EpochRecord
from cnnlab.domain.run import Run, Status
from cnnlab.domain.words import counted
from cnnlab.study.chance.optimism import Optimism


def add_commands(commands: Commands) -> None:
    """Add the commands about runs."""
    training = commands.add("train", _train, "start a run")
    add_launch_options(training, "run", waits_for="until the run has ended")
    add_config_options(training)
    training.add_argument(
        "--recipe",
        choices=list(RecipeName),
        help="have the settings picked for the dataset, or take the defaults; --set wins",
    )
    commands.add("runs", _list, "list the runs")
    commands.add("show", _show_run, "show one run").add_argument("run")
    commands.add("stop", _stop_run, "stop a run after its current step").add_argument("run")
    commands.add("resume", _resume_run, "go on with a run from its last checkpoint").add_argument(
        "run"
    )
    forking = commands.add("fork", _fork, "start a run that goes on from an epoch of another one")
    add_launch_options(forking, "run", waits_for="until the run has ended")
    forking.add_argument("run")
    forking.add_argument("--epoch", type=int, required=True, metavar="K", help="counted from 0")
    taking = commands.add("curves", _curves, "write the curves of runs or studies as one table")
    taking.add_argument("ids", nargs="+", metavar="RUN|STUDY")
    taking.add_argument(
        "--to", required=True, type=Path, metavar="CSV", help="a .csv or .parquet file"
    )
    commands.add("delete-run", _delete, "delete a run").add_argument("run")


def _train(arguments: argparse.Namespace) -> Answer:
    recipe = Recipe(RecipeName.PLAIN)
    if arguments.recipe:
        config, recipe = recipe_config(arguments)
    else:
        config = given_config(arguments)
    warnings = _warnings(config)
    for message in [*(one.reason for one in recipe.choices), *(one["message"] for one in warnings)]:
        say(message)
    begun = _begun(lab.launch_run(config, name=arguments.name), wait=arguments.wait)
    picked = {"recipe": recipe.to_json()} if arguments.recipe else {}
    return begun._replace(values=begun.values | {"warnings": warnings} | picked)


def _warnings(config: RunConfig) -> list[Values]:
    """What isn't as one would expect of the parts of the images, and doesn't stop a run."""
    found: list[Values] = []
    if missing := lab.class_sets(config.dataset, config.split):
        count = len(missing.untrained) + len(missing.unjudged)
        found.append({"kind": "class_sets", "message": missing.words, "count": count})
    looked_at = looked_at_warnings(lab.looked_at_training(config.dataset, config.split))
    return [*found, *looked_at, *seen_warnings(lab.seen_by_start(config))]


def _fork(arguments: argparse.Namespace) -> Answer:
    run = lab.fork_run(arguments.run, arguments.epoch, arguments.changes, name=arguments.name)
    return _begun(run, wait=arguments.wait)


def _begun(run: Run, *, wait: bool) -> Answer:
    """What is said of a run that was begun: that it is there or, after a wait, how it ended."""
    if not wait:
        return Answer({"run": run.id, "status": run.status}, f"{run.id} {run.status}")
    say(f"run {run.id}")
    run = lab.wait_for_run(run.id, on_epoch=_say_epoch)
    view = lab.view_run(run.id)
    optimism = lab.run_optimism(run)
    values = {
        "run": run.id,
        "status": run.status,
        "epochs": len(view.history),
        "best_epoch": run.best_epoch,
        "final": run.last,
        "optimism": _optimism_json(optimism),
        **_checksums(view),
        "message": run.message,
    }
    if optimism:
        say(optimism.words)
    if run.message:
        say(run.message)
    return Answer(values, f"{run.id} {run.status}", int(run.status is Status.FAILED))


def _optimism_json(found: Optimism | None) -> Values | None:
    if found is None:
        return None
    names = ("accuracy", "expected", "low", "high", "difference", "words")
    return {name: getattr(found, name) for name in names}


def _checksums(view: lab.RunView) -> Values:
    return {
        "init_checksum": view.facts.get("init_checksum"),
        "weights_checksum": view.result.get("weights_checksum"),
    }


_SAID: tuple[EpochMetric, ...] = ("clean_accuracy", "val_accuracy", "val_cross_entropy")


def _say_epoch(record: EpochRecord) -> None:
    shown = {name: record[name] for name in _SAID}
    numbers = "  ".join(f"{name} {value:.3f}" for name, value in shown.items() if value is not None)
    say(f"epoch {record['epoch'] + 1}  {numbers}")


def _list(_: argparse.Namespace) -> Answer:
    runs = lab.list_runs()
    lines = [f"{run.id}  {run.status:<11}  {run.name}" for run in runs]
    return listed("runs", [_run_json(run) for run in runs], lines)


def _run_json(run: Run) -> Values:
    values = asdict(run)
    values["losses"] = values.pop("lost_workers")
    del values["queue_rank"]  # means something beside the others' only
    return keyed("run", values) | {"gap": gap(run.best)}


def _show_run(arguments: argparse.Namespace) -> Answer:
    view = lab.view_run(arguments.run)
    values = _run_json(view.run) | {"history": view.history} | view.result
    note, optimism = lab.version_note(view), lab.run_optimism(view.run)
    values |= {
        "status": view.run.status,
        "facts": view.facts,
        "version_note": note,
        **_checksums(view),
        "turns": [turn.to_json() for turn in view.turns],
        "restarts": view.run.attempt - 1,
        "forkable_epochs": lab.forkable_epochs(view.run.id),
        "optimism": _optimism_json(optimism),
        **test_looks(lambda: lab.run_test_looks(view.run), view.run.name),
    }
    for record in view.history:
        _say_epoch(record)
    if optimism:
        say(optimism.words)
    for told in (view.facts.get("cached_features"), note):
        if told:
            say(told)
    return Answer(values, f"{view.run.id} {view.run.status}  {view.run.message or ''}".rstrip())


def _stop_run(arguments: argparse.Namespace) -> Answer:
    run = lab.stop_run(arguments.run)
    return Answer({"run": run.id, "status": run.status}, f"{run.id} is asked to stop")


def _resume_run(arguments: argparse.Namespace) -> Answer:
    run = lab.load_run(arguments.run)
    if not lab.is_model_missing(run):
        return _begun(lab.resume_run(run.id), wait=False)
    lab.prepare_model(run.id)  # all that is left to do for a finished run
    return Answer({"run": run.id, "status": run.status}, f"the model of {run.id} is being prepared")


def _curves(arguments: argparse.Namespace) -> Answer:
    values = lab.write_curves(arguments.ids, arguments.to)
    return Answer(values, f"{counted(values['rows'], 'epoch')} in {values['file']}")


def _delete(arguments: argparse.Namespace) -> Answer:
    lab.delete_run(arguments.run)
    return deleted("run", arguments.run)
