"""The commands about studies."""

import argparse
import time
from dataclasses import asdict
from typing import Any, get_args

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, add_launch_options, deleted, listed, say
from cnnlab.cli.looks import looked_at_warnings, seen_warnings
from cnnlab.cli.weights_files import study_with_ids
from cnnlab.domain.arms import DOSES, READY_ARMS, own_arm, ready_arms
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.run import Status
from cnnlab.domain.study import (
    FEWEST_FOLDS,
    MOST_FOLDS,
    USUAL_FOLDS,
    Arm,
    JudgedAt,
    Scope,
    Splits,
    Study,
)
from cnnlab.domain.words import duration

_POLL_SECONDS = 0.5
_USUAL_SEEDS = 3


def add_commands(commands: Commands) -> None:
    """Add the commands about studies."""
    _add_study(commands)
    commands.add("studies", _list, "list the studies")
    commands.add("show-study", _show_study, "show one study with its verdicts").add_argument(
        "study"
    )
    more = commands.add("more-seeds", _extend, "add seeds to a study")
    more.add_argument("study")
    more.add_argument("--seeds", type=int, required=True, metavar="N", help="how many more")
    more.add_argument("--wait", action="store_true", help="wait for the verdicts")
    commands.add("stop-study", _stop_study, "stop all runs of a study").add_argument("study")
    commands.add("resume-study", _resume_study, "go on with a study").add_argument("study")
    commands.add("delete-study", _delete, "delete a study with its runs").add_argument("study")


def _add_study(commands: Commands) -> None:
    starting = commands.add("study", _study, "compare arms over several seeds")
    starting.add_argument("dataset")
    what = starting.add_mutually_exclusive_group()
    what.add_argument(
        "--arms",
        default="baseline,augmentation,dropout,l2,all",
        metavar="A,B,...",
        help=f"ready-made arms: {', '.join(READY_ARMS)}",
    )
    what.add_argument(
        "--dose",
        metavar="FIELD[=V,V,...]",
        help=f"one field at several strengths, such as {next(iter(DOSES))}",
    )
    what.add_argument(
        "--sizes",
        metavar="N,N,...",
        help="training images per class, each without and with augmentation",
    )
    starting.add_argument(
        "--arm",
        action="append",
        default=[],
        metavar="NAME:a.b=value[;c.d=value]",
        help="an arm of your own, beside those of --arms",
    )
    starting.add_argument("--seeds", type=int, default=_USUAL_SEEDS, metavar="N")
    starting.add_argument(
        "--primary",
        choices=lab.PRIMARY_METRICS,
        default=lab.PRIMARY_METRICS[0],
        help="what the verdicts are about; a smaller gap helps only where accuracy isn't lost",
    )
    starting.add_argument(
        "--judged-at",
        choices=get_args(JudgedAt),
        default="mean_last",
        help="where in its training a run is judged (best favours noisier arms)",
    )
    starting.add_argument(
        "--margin",
        type=float,
        metavar="X",
        help="differences up to this don't matter: a fraction of accuracy (usual: 0.02), or nats",
    )
    starting.add_argument(
        "--scope",
        choices=get_args(Scope),
        default="these_images",
        help="what the verdicts are about: these validation images, or new ones of this kind",
    )
    starting.add_argument(
        "--watch",
        action="store_true",
        help="verdicts after every seed, looked at as often as you like; finds about half as much",
    )
    starting.add_argument(
        "--splits",
        choices=get_args(Splits),
        default="shared",
        help="one split for all seeds, a new one for each, or folds by turns; test images stay",
    )
    starting.add_argument(
        "--folds",
        type=int,
        default=USUAL_FOLDS,
        metavar="K",
        help=f"with --splits folds: how many, {FEWEST_FOLDS} to {MOST_FOLDS}",
    )
    starting.add_argument(
        "--plan",
        action="store_true",
        help="start nothing: say what it would cost, and the smallest effect it would find",
    )
    add_launch_options(starting, "study", waits_for="for the verdicts")


def _study(arguments: argparse.Namespace) -> Answer:
    base = load_config(change_config({}, arguments.changes) | {"dataset": arguments.dataset})
    options = {
        "seeds": arguments.seeds,
        "name": arguments.name or "",
        "primary": arguments.primary,
        "judged_at": arguments.judged_at,
        "margin": arguments.margin,
        "scope": arguments.scope,
        "watch": arguments.watch,
        "splits": arguments.splits,
        "folds": arguments.folds,
    }
    if arguments.arm and (arguments.dose or arguments.sizes):
        raise ConfigError("--arm goes with --arms only: leave out --dose and --sizes.")
    if arguments.dose:
        field, _, strengths = arguments.dose.partition("=")
        doses = _numbers(strengths, float) or DOSES.get(field, ())
        study = lab.compare_doses(base, field, doses, **options)
    elif arguments.sizes:
        study = lab.compare_sizes(base, _numbers(arguments.sizes, int), **options)
    else:
        names = [name.strip() for name in arguments.arms.split(",") if name.strip()]
        arms = [*ready_arms(names), *(_own_arm(base, text) for text in arguments.arm)]
        study = lab.compare_arms(base, arms, **options)
    study = study_with_ids(study)
    if arguments.plan:
        return _planned(study)
    looked_at = looked_at_warnings(lab.looked_at_by_study(study))
    warnings = [*looked_at, *seen_warnings(lab.seen_by_study(study))]
    for warning in warnings:
        say(warning["message"])
    begun = _begun(lab.launch_study(study), wait=arguments.wait)
    return begun._replace(values=begun.values | {"warnings": warnings})


def _planned(study: Study) -> Answer:
    """What is known before a launch; nothing is started."""
    plan = lab.plan_study(study)
    row = plan.at(len(study.seeds))
    values = {
        "study": None,
        "arms": [arm.name for arm in study.arms],
        "seeds": len(study.seeds),
        "runs": row.runs,
        "seconds": row.seconds,
        "seconds_measured": plan.is_measured,
        "smallest_effect": None if row.effect is None else asdict(row.effect),
        "rests_on": plan.source.value,
        "words": plan.words,
    }
    took = "unknown" if row.seconds is None else f"about {duration(row.seconds)}"
    lines = [f"{row.runs} runs, {took}", f"finds in 80 % of cases: {row.words}", plan.words]
    return Answer(values, "\n".join(lines))


def _own_arm(base: RunConfig, text: str) -> Arm:
    name, colon, changes = text.partition(":")
    if not colon:
        raise ConfigError(f"--arm must look like NAME:a.b=value. Received: {text!r}")
    parts = [change for change in changes.split(";") if change.strip()]
    return own_arm(name, base.model_dump(mode="json"), parts)


def _numbers(text: str, kind: type) -> list[Any]:
    try:
        return [kind(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ConfigError(f"Numbers with commas between are needed. Received: {text!r}") from error


def _begun(study: Study, *, wait: bool) -> Answer:
    if not wait:
        return _answer(lab.view_study(study.id))._replace(text=study.id, code=0)
    say(f"study {study.id}")
    told = -1
    while not (view := lab.view_study(study.id)).is_ended:
        finished = view.finished
        if finished != told:
            say(f"{finished} of {len(study.pairs)} runs finished")
            told = finished
        lab.ensure_supervised()
        time.sleep(_POLL_SECONDS)
    return _answer(view)


def _answer(view: lab.StudyView) -> Answer:
    """The arms with their verdicts; why runs have failed is told beside it."""
    values = {
        "study": view.study.id,
        "name": view.study.name,
        "complete": view.is_complete,
        "primary": view.study.primary,
        "judged_at": view.study.judged_at,
        "margin": view.study.margin,
        "scope": view.study.scope,
        "watch": view.study.watch,
        "splits": view.study.splits,
        "folds": view.study.folds if view.study.splits == "folds" else None,
        "alpha": view.alpha,
        "looks": len(view.study.looks),
        "notes": view.notes,
        "arms": lab.arm_summaries(view),
    }
    failed = [run for run in view.all_runs if run.status is Status.FAILED]
    for run in failed:
        say(f"{run.name}: {run.message}")
    lines = [f"{found.arm}: {found.words}" for found in view.verdicts.values()]
    return Answer(values, "\n".join([*lines, *view.notes]), int(bool(failed)))


def _list(_: argparse.Namespace) -> Answer:
    studies = lab.list_studies()
    lines = [f"{study.id}  {len(study.pairs)} runs  {study.name}" for study in studies]
    return listed("studies", [{"study": study.id} | study.to_json() for study in studies], lines)


def _show_study(arguments: argparse.Namespace) -> Answer:
    return _answer(lab.view_study(arguments.study))._replace(code=0)


def _extend(arguments: argparse.Namespace) -> Answer:
    return _begun(lab.extend_study(arguments.study, arguments.seeds), wait=arguments.wait)


def _stop_study(arguments: argparse.Namespace) -> Answer:
    lab.stop_study(arguments.study)
    return Answer({"study": arguments.study}, f"{arguments.study} is asked to stop")


def _resume_study(arguments: argparse.Namespace) -> Answer:
    lab.resume_study(arguments.study)
    return _begun(lab.load_study(arguments.study), wait=False)


def _delete(arguments: argparse.Namespace) -> Answer:
    lab.delete_study(arguments.study)
    return deleted("study", arguments.study)
