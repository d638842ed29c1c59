"""What a user can do to the course of a run: turn its dials, fork it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.course.dials import LEARNING_RATE, DialTurn, dials_of, turned, turned_at
from cnnlab.domain.course.phases import lengthened, span_at, spans_of, trained_layers
from cnnlab.domain.errors import BadInputError, CnnlabError, ConfigError, RunStateError
from cnnlab.domain.network.planner import check_network, plan_network
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.domain.words import counted
from cnnlab.fields import walk
from cnnlab.files import remove_folder
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_queue, counted_alone
from cnnlab.lab.before_launch.class_balance import check_sampling
from cnnlab.lab.runs import attempt_of, load_run, new_run, newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.pretrained.start import share_start

_FIXED_AT_A_FORK = {
    "dataset": "the history would be that of other images",
    "image": "the weights belong to images of that size and colour",
    "split": "images that were trained on would come to be validated on",
    "architecture": "the kept weights belong to this network",
    "regularization.batch_norm": "it adds layers to the network",
    "optimizer.name": "the kept state belongs to this optimizer",
    "optimizer.ema_momentum": "the kept averages belong to it",
    "optimizer.gradient_accumulation_steps": "the kept sums belong to it",
    "training.precision": "the kept weights are of this precision",
}


@dataclass(frozen=True)
class Dial:
    """A field that can be turned while a run trains.

    Attributes:
        name: dotted config field.
        value: as it stands now, turns that were asked for included.
        info: label, bounds, unit and help of the field.
    """

    name: str
    value: float
    info: FieldInfo


@asks(Action.VIEW)
def dials(run: str) -> list[Dial]:
    """The dials of a run as they stand now.

    Raises:
        NotFoundError: there is no run with this id.
    """
    row = load_run(run)
    config, infos, attempt = _as_asked(row), dict(walk(RunConfig)), newest_attempt(row)
    values = {name: value_at(config, name) for name in dials_of(_config(row), attempt.turns())}
    values[LEARNING_RATE] = span_at(spans_of(config), len(attempt.history())).learning_rate
    return [Dial(name, value, infos[name]) for name, value in values.items()]


@asks(Action.EDIT)
def turn_dials(run: str, values: Mapping[str, float]) -> int:
    """Change fields of a run that trains; it does so within a few steps and goes on.

    Args:
        run: its id.
        values: new value by dotted config field; those of `dials`.

    Returns:
        The number of this turn, by which `RunView.turns` tells from which step on it held.

    Raises:
        NotFoundError: there is no run with this id.
        RunStateError: it doesn't run.
        ConfigError: a field is no dial of this run, or its value is out of range.
    """
    row = load_run(run)
    turned(_config(row), values, newest_attempt(row).turns())
    if row.status is not Status.RUNNING:
        raise RunStateError(
            f"The run {row.name!r} is {row.status}: only a running one can be changed; fork or "
            "clone it instead."
        )
    return attempt_of(row).ask_for_dials(dict(values))


@asks(Action.VIEW)
def forkable_epochs(run: str) -> list[int]:
    """0-based epochs from which a run can be forked, oldest first.

    Raises:
        NotFoundError: there is no run with this id.
    """
    return newest_attempt(load_run(run)).forkable_epochs()


@asks(Action.VIEW)
def config_at(run: str, epoch: int) -> RunConfig:
    """The config with which a run went on after an epoch: what a fork begins with.

    Args:
        run: its id.
        epoch: 0-based.

    Raises:
        NotFoundError: there is no run with this id.
    """
    row = load_run(run)
    return _at(row, newest_attempt(row), epoch)


@asks(Action.EDIT)
def fork_run(run: str, epoch: int, changes: Iterable[str] = (), *, name: str | None = None) -> Run:
    """Queue a new run that goes on from an epoch of another one, with some fields changed.

    Args:
        run: id of the other run; dials that were turned before that epoch count.
        epoch: 0-based, one of `forkable_epochs`.
        changes: each `a.b=value`, as for `change_config`.
        name: what to call it; default names the parent and what is changed.

    Raises:
        NotFoundError: there is no run with this id.
        BadInputError: the state after this epoch isn't kept.
        ConfigError: a change is impossible, or can't be made at a fork; the message says why.
        QuotaError: the workspace may have no further run wait, or store nothing more.
        StorageError: the kept state is damaged or the disk is full; nothing is left behind.
    """
    parent = load_run(run)
    source = newest_attempt(parent)
    kept = source.forkable_epochs()
    if epoch not in kept:
        there = ", ".join(map(str, kept)) or "none"
        raise BadInputError(
            f"The state after epoch {epoch} isn't kept: take one that is. Kept (counted from 0): "
            f"{there}"
        )
    changes = list(changes)
    before = _at(parent, source, epoch)
    values = change_config(before.model_dump(mode="json"), changes)
    config = load_config(lengthened(values, before))
    check_network(config)
    check_sampling(config)
    _check_fork(_config(parent), config, epoch)
    _check_phases(before, config, epoch)
    named = f"{parent.name} from epoch {epoch + 1}" + "".join(f", {text}" for text in changes)
    child = new_run(
        config, name=(name or "").strip() or named[:200], origin={"run": parent.id, "epoch": epoch}
    )
    with counted_alone():
        check_may_queue()
        _queue_fork(child, source, epoch)
    ensure_supervisor(workplace().home)
    return child


def _queue_fork(child: Run, source: Attempt, epoch: int) -> None:
    attempt = attempt_of(child)
    try:
        attempt.create(child.config)
        attempt.fork_from(source, epoch)
        share_start(source.folder.parent, attempt.folder.parent)
        workplace().runs.create(child)
    except CnnlabError:
        remove_folder(attempt.folder.parent)
        raise


def _check_fork(parent: RunConfig, child: RunConfig, epoch: int) -> None:
    for name, reason in _FIXED_AT_A_FORK.items():
        if _fixed(parent, name) != _fixed(child, name):
            raise ConfigError(
                f"{name} can't be changed at a fork: {reason}. Start a new run with it instead."
            )
    if bool(parent.optimizer.momentum) != bool(child.optimizer.momentum):
        raise ConfigError(
            "optimizer.momentum can't be switched on or off at a fork: the kept velocities belong "
            "to it. Start a new run with it instead."
        )
    if child.training.epochs <= epoch + 1:
        raise ConfigError(
            f"training.epochs must be more than {epoch + 1}, the epochs that the fork begins "
            f"with. Received: {child.training.epochs}"
        )


def _fixed(config: RunConfig, name: str) -> Any:  # noqa: ANN401 - any part of a config
    value = value_at(config, name)
    return value.model_copy(update={"phases": None}) if name == "architecture" else value


def _check_phases(before: RunConfig, child: RunConfig, epoch: int) -> None:
    """A phase may begin at a fork; one that goes on trains what it trained."""
    plan, spans = plan_network(child, child.image.shape, classes=2), spans_of(child)
    span = span_at(spans, epoch + 1)
    trained = trained_layers(plan, before, [span_at(spans_of(before), epoch)])
    if span.first_epoch <= epoch and trained_layers(plan, child, [span]) != trained:
        raise ConfigError(
            "architecture.phases can't let other layers train within a phase, for the kept state "
            "belongs to those that did: let one begin at the fork, behind phases of "
            f"{counted(epoch + 1, 'epoch')} in all."
        )
    rates = {each.learning_rate for each in spans if each.end_epoch > epoch + 1}
    rate = child.optimizer.learning_rate
    if rate != before.optimizer.learning_rate and rate not in rates:
        raise ConfigError(
            "optimizer.learning_rate does nothing here, because the phases that are left have "
            "rates of their own: change these in architecture.phases."
        )


def _config(run: Run) -> RunConfig:
    return load_config(run.config)


def _as_asked(run: Run) -> RunConfig:
    """The config with which it goes on now, turns that were only asked for included."""
    attempt = newest_attempt(run)
    epoch, steps = len(attempt.history()), _steps_per_epoch(attempt)
    made = {turn.number: turn.step for turn in attempt.turns()}
    turns = [
        DialTurn(row["number"], made.get(row["number"], epoch * steps), row["values"])
        for row in attempt.asked_dials()
    ]
    return turned_at(_config(run), turns, epoch, steps)


def _at(run: Run, attempt: Attempt, epoch: int) -> RunConfig:
    """The config with which it goes on after an epoch."""
    steps = _steps_per_epoch(attempt)
    turns = [turn for turn in attempt.turns() if turn.step < (epoch + 1) * steps]
    return turned_at(_config(run), turns, epoch + 1, steps)


def _steps_per_epoch(attempt: Attempt) -> int:
    facts = attempt.started()
    return 0 if facts is None else facts["steps_per_epoch"]
