"""The solutions of a study's runs in the hands of a worker: loaded one by one, networks once."""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.course.dials import turned_by
from cnnlab.domain.errors import (
    CancelledError,
    CnnlabError,
    DamagedError,
    DiskFullError,
    StorageError,
)
from cnnlab.domain.network.plan import Plan
from cnnlab.domain.network.planner import plan_network
from cnnlab.domain.network.units import what_it_computes
from cnnlab.domain.records.solutions import MeasuredRun, NotMeasured, SolutionOf
from cnnlab.domain.words import duration
from cnnlab.exports.model_format import KerasModel
from cnnlab.files import read_json, write_json
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.data import load_data
from cnnlab.worker.kept import load_kept_states
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData

Made = TypeVar("Made")
Key = TypeVar("Key")

_HELD = 2
"""Solutions in memory: an arm's and the reference's that it is joined with."""


@dataclass(frozen=True)
class Solution:
    """What a run has found.

    Attributes:
        of: whose it is.
        config: with the dials as they stood at the end.
        plan: of its network.
        data: of the run.
        weights: that a user takes, by path; the averaged ones where kept.
        epoch: that they are of, 0-based.
    """

    of: MeasuredRun
    config: RunConfig
    plan: Plan
    data: "TrainingData"
    weights: Mapping[str, np.ndarray]
    epoch: int

    @property
    def computes(self) -> str:
        """Solutions with the same text say the same where their weights are the same."""
        return what_it_computes(self.plan)

    @property
    def network(self) -> str:
        """Solutions with the same text train the same part of it, too."""
        architecture = self.config.architecture
        return f"{self.computes} {architecture.frozen_layers} {architecture.phases}"

    @property
    def images(self) -> str:
        """Solutions with the same text were trained and judged on the same images."""
        return _images_of(self.config)

    def model(self) -> KerasModel:
        """A new model of the network in float32, with whatever weights."""
        from cnnlab.training.judging.reference import float32_clone  # noqa: PLC0415 - loaded by now
        from cnnlab.training.network.model import build_model  # noqa: PLC0415

        return float32_clone(build_model(self.config, self.data.image_shape, self.data.classes))


class Solutions:
    """Loads solutions, each when it is asked for.

    Args:
        work: that needs them.
        pace: says what is being measured, again once a solution is loaded.
    """

    def __init__(self, work: Work[Any, JobFolder, JobRecorder], pace: "Pace") -> None:
        self._work, self._pace = work, pace
        self._data: dict[str, TrainingData] = {}
        self._held = functools.lru_cache(_HELD)(self._load)
        self._runs: dict[str, MeasuredRun] = {}

    def load(self, asked: MeasuredRun) -> Solution:
        """Load one, or take it from those that were loaded last.

        Raises:
            CnnlabError: it isn't there any more, or not of this version.
        """
        self._runs[asked["run"]] = asked
        return self._held(asked["run"])

    def _load(self, run: str) -> Solution:
        asked = self._runs[run]
        attempt = Attempt(home_of_work().attempt(run, asked["attempt"]))
        if not attempt.folder.exists():
            raise StorageError("The run was deleted.")
        config = turned_by(load_config(attempt.read_config()), attempt.turns())
        data = self._data_of(config)
        from cnnlab.training.loop.checkpoint import EPOCH  # noqa: PLC0415 - loaded by now

        _, state = load_kept_states(attempt, config)
        own = {
            name.removeprefix("model/"): values
            for name, values in state.items()
            if name.startswith("model/")
        }
        averaged = {
            name.removeprefix("average/"): values
            for name, values in state.items()
            if name.startswith("average/")
        }
        plan = plan_network(config, data.image_shape, data.classes)
        return Solution(asked, config, plan, data, own | averaged, int(state[EPOCH]))

    def _data_of(self, config: RunConfig) -> "TrainingData":
        def load() -> "TrainingData":
            work = self._work
            found = load_data(config, work.recorder, work.wait_for_training)
            from cnnlab.training.devices.device import choose_device  # noqa: PLC0415 - loaded by now

            choose_device(work.device or "cpu")
            self._pace.tell()
            return found

        return held(self._data, _images_of(config), load)


def held(kept: dict[Key, Made], key: Key, make: Callable[[], Made]) -> Made:
    """The one of that key, made where it isn't among the two that were used last.

    Where the split is drawn anew with each seed, every seed has others: to keep all fills memory.
    """
    found = kept.pop(key) if key in kept else None
    if found is None:
        while len(kept) >= _HELD:
            del kept[next(iter(kept))]
        found = make()
    kept[key] = found
    return found


def _images_of(config: RunConfig) -> str:
    return f"{config.image.model_dump_json()} {config.split.model_dump_json()}"


class Pace:
    """Says what is being measured, and about how long the rest takes by the pace so far.

    Args:
        recorder: is told.
        total: how many measurements there are.
    """

    def __init__(self, recorder: JobRecorder, total: int) -> None:
        self._recorder, self._total, self._begun = recorder, total, 0
        self._since, self._words = time.monotonic(), ""

    def begin(self, words: str) -> None:
        """The next measurement begins.

        Raises:
            CancelledError: nobody wants it any more.
        """
        self._words = words
        if self._begun:
            each = (time.monotonic() - self._since) / self._begun
            self._words += f", about {duration(each * (self._total - self._begun))} left"
        self._begun += 1
        self.tell()

    def tell(self) -> None:
        """Say it, again where something else was said since, such as that images are loaded.

        Raises:
            CancelledError: nobody wants it any more.
        """
        self._recorder.phase(self._words)
        self._recorder.progress(max(0, self._begun - 1), self._total)


def kept_or_made(path: Path, settings: Any, make: Callable[[], Made]) -> Made:  # noqa: ANN401
    """What an earlier try measured with the same settings; else it is measured, and kept.

    Args:
        path: of its file.
        settings: JSON values that say how it is measured.
        make: measures.

    Raises:
        CnnlabError: it can't be measured, or the disk is full.
    """
    try:
        kept = read_json(path) if path.exists() else {}
    except DamagedError:
        kept = {}
    if kept.get("settings") == settings:
        found: Made = kept["found"]
        return found
    found = make()
    write_json(path, {"settings": settings, "found": found})
    return found


def measured_or_why(
    asked: SolutionOf, measure: Callable[[], Made], left_out: list[NotMeasured]
) -> Made | None:
    """What is measured of a run; None where it can't be, which is noted with its reason.

    Raises:
        CancelledError: nobody wants it any more.
        DiskFullError: nothing can be kept.
    """
    try:
        return measure()
    except (CancelledError, DiskFullError):
        raise
    except CnnlabError as error:
        left_out.append(
            {"arm": asked["arm"], "seed": asked["seed"], "run": asked["run"], "why": str(error)}
        )
        return None
