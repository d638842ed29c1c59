"""What a worker does to measure how much of a study's models units can be taken from.

RUN.json    what was measured of a run, so that a killed worker goes on behind it, and seeds that
            are added later cost no more than their own
"""

import functools
import math
import time
from typing import TYPE_CHECKING

import numpy as np

from cnnlab.domain.data.split import stratified_subset
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.metrics import accuracy, cross_entropies
from cnnlab.domain.network.units import last_unit_layers, unit_layers
from cnnlab.domain.records.solutions import (
    MeasuredRun,
    NotMeasured,
    Removed,
    RemovedFrom,
    StudyUnits,
    UnitsOfRun,
)
from cnnlab.exports.model_format import KerasModel
from cnnlab.files import write_json
from cnnlab.jobs.kinds.units import KEPT, UnitsRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.process.work import Work
from cnnlab.worker.solutions.loaded import Pace, Solution, Solutions, kept_or_made, measured_or_why

if TYPE_CHECKING:
    from cnnlab.training.judging.unit_removal import Removal


SHARES = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
DRAWS = 3
MOST_IMAGES = 200
"""Of the validation images, with the classes in their proportions."""

_SETTINGS = {"shares": SHARES, "draws": DRAWS, "most_images": MOST_IMAGES, "version": 1}


def measure_units(work: Work[UnitsRequest, JobFolder, JobRecorder]) -> StudyUnits:
    """Measure each run's model without units, and keep what was found beside the answer.

    Raises:
        CancelledError: nobody wants it any more.
        DiskFullError: nothing can be kept.
    """
    runs, began = work.request.runs, time.monotonic()
    pace = Pace(work.recorder, len(runs))
    measuring = _Measuring(work, pace)
    found: list[UnitsOfRun] = []
    left_out: list[NotMeasured] = []
    for asked in runs:
        pace.begin(f"Removing units from {asked['arm']}, seed {asked['seed']}")
        one = measured_or_why(asked, functools.partial(measuring.measure, asked), left_out)
        found += [] if one is None else [one]
    answer: StudyUnits = {
        "shares": SHARES,
        "draws": DRAWS,
        "runs": found,
        "left_out": left_out,
        "seconds": time.monotonic() - began,
    }
    write_json(work.files.folder / KEPT, answer)
    return answer


class _Measuring:
    """Measures runs, with one compiled network for all that have the same."""

    def __init__(self, work: Work[UnitsRequest, JobFolder, JobRecorder], pace: Pace) -> None:
        self._work = work
        self._solutions = Solutions(work, pace)
        self._networks: dict[str, tuple[KerasModel, dict[RemovedFrom, Removal]]] = {}

    def measure(self, asked: MeasuredRun) -> UnitsOfRun:
        """What was measured of a run, now or by an earlier try.

        Raises:
            CnnlabError: it can't be measured.
        """
        path = self._work.files.folder / f"{asked['run']}.json"
        settings = _SETTINGS | {"attempt": asked["attempt"]}
        return kept_or_made(path, settings, lambda: self._measured(asked))

    def _measured(self, asked: MeasuredRun) -> UnitsOfRun:
        solution = self._solutions.load(asked)
        data = solution.data
        chosen = data.validation[stratified_subset(data.labels[data.validation], MOST_IMAGES)]
        labels = data.labels[chosen]
        removed = {
            name: self._removed(removal, data.images[chosen], labels, asked["seed"])
            for name, removal in self._removals_of(solution).items()
        }
        return {
            "arm": asked["arm"],
            "seed": asked["seed"],
            "run": asked["run"],
            "epoch": solution.epoch,
            "images": len(chosen),
            "guessing": float(np.bincount(labels).max() / len(labels)),
            "removed": removed,
        }

    def _removed(
        self, removal: "Removal", images: np.ndarray, labels: np.ndarray, seed: int
    ) -> Removed:
        """How right the model is for each share and draw."""
        from cnnlab.training.judging.unit_removal import masks_without  # noqa: PLC0415 - loaded by now

        given = removal.prepared(images)
        accuracies: list[list[float]] = []
        losses: list[list[float | None]] = []
        for share in SHARES:
            said = []
            for draw in range(DRAWS if share else 1):
                self._work.recorder.beat()
                said.append(removal(given, masks_without(removal.units, share, seed, draw)))
            accuracies.append([accuracy(one, labels) for one in said])
            means = [float(np.mean(cross_entropies(one, labels))) for one in said]
            losses.append([mean if math.isfinite(mean) else None for mean in means])
        units = sum(removal.units.values())
        return {"units": units, "accuracy": accuracies, "cross_entropy": losses}

    def _removals_of(self, solution: Solution) -> "dict[RemovedFrom, Removal]":
        """The compiled network, with the solution's weights, by the layers that units leave."""
        from cnnlab.training.judging.unit_removal import take_weights  # noqa: PLC0415 - loaded by now

        if solution.network not in self._networks:
            self._networks[solution.network] = _compiled(solution)
        model, removals = self._networks[solution.network]
        take_weights(model, solution.weights)
        return removals


def _compiled(solution: Solution) -> "tuple[KerasModel, dict[RemovedFrom, Removal]]":
    from cnnlab.training.judging.unit_removal import (  # noqa: PLC0415 - loaded by now
        LastUnitRemoval,
        UnitRemoval,
    )

    layers, last = unit_layers(solution.plan), last_unit_layers(solution.plan)
    if not layers:
        raise TrainingError(
            "Its network has no activation but that of its last layer, so it has no units that "
            "could be removed."
        )
    model = solution.model()
    removals: dict[RemovedFrom, Removal] = {"all": UnitRemoval(model, layers)}
    if last:
        removals["last"] = LastUnitRemoval(model, last)
    return model, removals
