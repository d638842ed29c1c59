"""What can be done ahead of a launch: have a worker ready, have a config tried out."""

import contextlib
import functools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import CnnlabError, NotFoundError, StorageError
from cnnlab.domain.network.cached import trains_head_alone
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.preflight import PreflightOutcome
from cnnlab.files import disk_errors, read_json, write_json
from cnnlab.jobs.kinds.preflight import KIND, PreflightRequest
from cnnlab.jobs.state import JobState
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.before_launch.class_balance import check_sampling
from cnnlab.lab.before_launch.kept_work import KeptWork
from cnnlab.lab.pretrained import check_pretrained
from cnnlab.lab.workplace import named_dataset, unwritable, workplace
from cnnlab.runner.devices import ALL_GPUS, AUTO, CPU
from cnnlab.runner.executors.this_machine import list_gpus
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.precision_gains import measured_precision

GAIN_WORTH_SAYING = 1.1
"""A smaller gain than this is within the noise of the few steps that are timed."""

FORM_HOLDS_SECONDS = 300.0
"""What a form shows is said again after so long, before the runner takes it for an old one."""

PreflightState = JobState[PreflightOutcome]
_WORK = KeptWork(KIND, "This pre-flight")


@asks(Action.VIEW)
def warm_up(config: RunConfig | None = None) -> None:
    """Have a worker ready for a run that will be launched soon; cheap, so call it often.

    It is ready some three seconds later, and is kept for ten minutes after the last call. Where
    nothing can be stored there is nothing to be ready for.

    Args:
        config: what a form shows: once it shows the same for a second, the worker builds and
            compiles it, where that takes little and no run needs the cores.
    """
    home = workplace().home
    if not unwritable():
        with disk_errors(home.warm_request):
            home.warm_request.write_text(home.workspace)
        if config is not None:
            _tell_form(home.form_request, config)
        ensure_supervisor(home)


def _tell_form(file: Path, config: RunConfig) -> None:
    """Say what the form shows; on a full disk nothing gets ready, which is no reason to fail.

    What it said already stays as it is until it is old: a run that is ready needs no other look.
    """
    shown = config.model_dump(mode="json")
    with contextlib.suppress(StorageError):
        if not _says(file, shown):
            write_json(file, shown)


def _says(file: Path, shown: dict[str, Any]) -> bool:
    """Whether the form was told to show this, and not long ago."""
    try:
        with disk_errors(file):
            age = time.time() - file.stat().st_mtime
        return 0 <= age < FORM_HOLDS_SECONDS and bool(read_json(file) == shown)
    except CnnlabError:  # nothing yet, or damaged
        return False


@asks(Action.EDIT)
def start_preflight(config: RunConfig, *, again: bool = False) -> str:
    """Have a worker try a config out; what is known of this config already isn't found out again.

    Args:
        config: with `dataset` set.
        again: try again where it failed, as after making room on the disk, and where it finished;
            what another precision gains is measured anew then, whatever is known of it.

    Returns:
        The key by which `read_preflight` tells how it goes.

    Raises:
        ConfigError: no dataset is named, the pretrained weights aren't there, or the sampling can't
            draw every class.
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    named_dataset(config.dataset)
    check_pretrained(config)
    check_sampling(config)
    values = config.model_dump(mode="json")
    key = _WORK.key(values)
    anew_at = time.time_ns() if again and _WORK.was_asked(key) else None
    request = PreflightRequest(values, anew_at)
    return _WORK.start(key, request, again=again, anew=anew_at is not None)


@dataclass(frozen=True)
class FasterPrecision:
    """A precision in which a run on this machine's CPU is faster than in float32.

    Attributes:
        name: as in the config.
        times: how many times as fast a step was, when a check before training measured it.
    """

    name: str
    times: float


@asks(Action.VIEW)
def faster_precision(config: RunConfig) -> FasterPrecision | None:
    """The mixed precision that was measured to be faster on the CPU, for a run that computes there.

    None where no check has measured this network on such images and batches yet, or it gained less
    than a tenth, where its frozen layers may be computed once, and where the run may get a GPU.
    """
    wanted = config.training.device
    if not (wanted == CPU or (wanted in (AUTO, ALL_GPUS) and not _gpus())):
        return None
    if trains_head_alone(config):
        return None
    plain = config.training.model_copy(update={"precision": "float32"})
    in_float32 = config.model_copy(update={"training": plain})
    found = measured_precision(workplace().home, in_float32)
    if (
        found is None
        or found["seconds_per_step_now"] < GAIN_WORTH_SAYING * found["seconds_per_step"]
    ):
        return None
    return FasterPrecision(
        found["precision"], found["seconds_per_step_now"] / found["seconds_per_step"]
    )


# Asked at every click, and takes its time; none comes or goes.
_gpus = functools.cache(list_gpus)


@asks(Action.VIEW)
def measured_seconds(config: RunConfig) -> float | None:
    """How long a run takes, as a pre-flight of this config measured it; None if there was none."""
    try:
        state = _WORK.read(_WORK.key(config.model_dump(mode="json")))
    except NotFoundError:
        return None
    return None if state.answer is None else state.answer["total_seconds"]


@asks(Action.VIEW)
def read_preflight(key: str) -> PreflightState:
    """Where a pre-flight stands.

    Raises:
        NotFoundError: there is no pre-flight with this key (any more).
    """
    return _WORK.read(key)
