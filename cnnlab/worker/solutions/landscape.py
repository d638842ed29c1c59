"""What a worker does to measure the loss around the solutions of a study, and between them.

width-RUN.json, line-RUN.json, slice-RUN.json    what was measured of a run, so that a killed worker
    goes on behind it, and seeds that are added later cost no more than their own
"""

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cnnlab.domain.data.split import clean_train_subset, stratified_subset
from cnnlab.domain.records.solutions import (
    LineOfRun,
    MeasuredRun,
    SliceOfRun,
    SolutionOf,
    StudyLandscape,
    WidthOfRun,
)
from cnnlab.files import write_json
from cnnlab.jobs.kinds.landscape import KEPT, LandscapeRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.process.work import Work
from cnnlab.worker.solutions.loaded import (
    Pace,
    Solution,
    Solutions,
    held,
    kept_or_made,
    measured_or_why,
)

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData
    from cnnlab.training.judging.directions import Weights
    from cnnlab.training.judging.loss_surface import LossSurface

Found = TypeVar("Found")

PLACES = [round(-0.5 + 0.1 * step, 1) for step in range(21)]
DISTANCES = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0]
DIRECTIONS = 3
SLICE_PLACES = [round(-0.6 + 0.12 * step, 2) for step in range(11)]
MOST_IMAGES = 128
"""Of the images of the clean train metrics, of the validation images and of those on which batch
norm's statistics are measured: of each at most so many, with the classes in their proportions."""

_TRAIN, _VALIDATION = "train", "validation"
_SETTINGS = {
    "places": PLACES,
    "distances": DISTANCES,
    "directions": DIRECTIONS,
    "slice_places": SLICE_PLACES,
    "most_images": MOST_IMAGES,
    "version": 1,
}


def measure_landscape(work: Work[LandscapeRequest, JobFolder, JobRecorder]) -> StudyLandscape:
    """Measure widths, lines and slices, and keep what was found beside the answer.

    Raises:
        CancelledError: nobody wants it any more.
        DiskFullError: nothing can be kept.
    """
    began, asked = time.monotonic(), work.request
    pace = Pace(work.recorder, len(asked.runs))
    measuring = _Measuring(work, pace)
    answer: StudyLandscape = {
        "places": PLACES,
        "distances": DISTANCES,
        "directions": DIRECTIONS,
        "slice_places": SLICE_PLACES,
        "lines": [],
        "widths": [],
        "slices": [],
        "no_line": {},
        "left_out": [],
        "seconds": 0.0,
    }
    references = {run["seed"]: run for run in asked.runs if run["arm"] == asked.reference}
    first = _first_seed(asked.runs)
    for run in asked.runs:
        pace.begin(f"Measuring the loss around {run['arm']}, seed {run['seed']}")
        _measure(
            measuring, run, references.get(run["seed"]), answer, with_slice=run["seed"] == first
        )
    answer["seconds"] = time.monotonic() - began
    write_json(work.files.folder / KEPT, answer)
    return answer


def _first_seed(runs: list[MeasuredRun]) -> int | None:
    """The first seed that all arms have; where there is none, that of the first run."""
    arms = {run["arm"] for run in runs}
    for run in runs:
        if {other["arm"] for other in runs if other["seed"] == run["seed"]} == arms:
            return run["seed"]
    return runs[0]["seed"] if runs else None


def _measure(
    measuring: "_Measuring",
    run: MeasuredRun,
    reference: MeasuredRun | None,
    answer: StudyLandscape,
    *,
    with_slice: bool,
) -> None:
    """All of one run."""
    left_out = answer["left_out"]
    width = measured_or_why(run, functools.partial(measuring.width, run), left_out)
    if width is None:
        return
    answer["widths"].append(width)
    if with_slice:
        plane = measured_or_why(run, functools.partial(measuring.slice, run), left_out)
        answer["slices"] += [] if plane is None else [plane]
    if reference is None or reference is run:
        return
    line = measured_or_why(run, functools.partial(measuring.line, run, reference), left_out)
    if isinstance(line, str):
        answer["no_line"][run["arm"]] = line
    elif line is not None:
        answer["lines"].append(line)


class _Measuring:
    """Measures runs, with one compiled network for all that have the same and see the same."""

    def __init__(self, work: Work[LandscapeRequest, JobFolder, JobRecorder], pace: Pace) -> None:
        self._work = work
        self._solutions = Solutions(work, pace)
        self._surfaces: dict[tuple[str, str], LossSurface] = {}

    def width(self, run: MeasuredRun) -> WidthOfRun:
        """How the loss rises around a solution.

        Raises:
            CnnlabError: it can't be measured.
        """
        return self._kept("width", run, {}, lambda: self._width(run))

    def line(self, run: MeasuredRun, reference: MeasuredRun) -> LineOfRun | str:
        """The loss between two solutions of a seed, or why there is no line.

        Raises:
            CnnlabError: it can't be measured.
        """
        other = {"reference": [reference["run"], reference["attempt"]]}
        return self._kept("line", run, other, lambda: self._line(run, reference))

    def slice(self, run: MeasuredRun) -> SliceOfRun:
        """The loss on a plane through a solution.

        Raises:
            CnnlabError: it can't be measured.
        """
        return self._kept("slice", run, {}, lambda: self._slice(run))

    def _kept(
        self, what: str, run: MeasuredRun, more: dict[str, Any], make: Callable[[], Found]
    ) -> Found:
        path = self._work.files.folder / f"{what}-{run['run']}.json"
        return kept_or_made(path, _SETTINGS | {"attempt": run["attempt"]} | more, make)

    def _width(self, run: MeasuredRun) -> WidthOfRun:
        solution = self._solutions.load(run)
        from cnnlab.training.judging.directions import rises  # noqa: PLC0415 - loaded by now

        surface = self._surface(solution)
        weights = surface.weights(solution.weights)
        directions = self._directions(surface, weights, run["seed"], DIRECTIONS)
        here, found = rises(surface.loss, weights, directions, DISTANCES)
        return {
            **_whose(run),
            "epoch": solution.epoch,
            "images": surface.images(_TRAIN),
            "measured_norms": surface.has_norms,
            "cross_entropy": here,
            "rises": found,
        }

    def _slice(self, run: MeasuredRun) -> SliceOfRun:
        solution = self._solutions.load(run)
        from cnnlab.training.judging.directions import plane  # noqa: PLC0415 - loaded by now

        surface = self._surface(solution)
        weights = surface.weights(solution.weights)
        first, second = self._directions(surface, weights, run["seed"], 2)
        return {
            **_whose(run),
            "cross_entropy": plane(surface.loss, weights, first, second, SLICE_PLACES),
        }

    def _line(self, run: MeasuredRun, reference: MeasuredRun) -> LineOfRun | str:
        ours, theirs = self._solutions.load(run), self._solutions.load(reference)
        from cnnlab.training.judging.directions import between  # noqa: PLC0415 - loaded by now

        if why := _why_no_line(ours, theirs):
            return why
        surface = self._surface(theirs)
        ends = surface.weights(theirs.weights), surface.weights(ours.weights)
        found = [surface.losses(between(*ends, place), [_TRAIN, _VALIDATION]) for place in PLACES]
        return {
            **_whose(run),
            "reference": reference["run"],
            "images": surface.images(_TRAIN),
            "validation_images": surface.images(_VALIDATION),
            "train": [train for train, _ in found],
            "validation": [validation for _, validation in found],
        }

    def _directions(
        self, surface: "LossSurface", weights: "Weights", seed: int, count: int
    ) -> "list[Weights]":
        from cnnlab.training.judging.directions import filter_direction  # noqa: PLC0415

        return [filter_direction(weights, surface.axes, seed, number) for number in range(count)]

    def _surface(self, solution: Solution) -> "LossSurface":
        from cnnlab.training.judging.batch_statistics import statistics_subset  # noqa: PLC0415
        from cnnlab.training.judging.loss_surface import LossSurface  # noqa: PLC0415

        def make() -> "LossSurface":
            model, data = solution.model(), solution.data
            clean = data.train[clean_train_subset(data.train_labels, solution.config.split.seed)]
            parts = {_TRAIN: clean, _VALIDATION: data.validation}
            return LossSurface(
                model,
                {name: _images_at(data, positions) for name, positions in parts.items()},
                _images_at(data, statistics_subset(model, data))[0],
                self._work.recorder.beat,
            )

        return held(self._surfaces, (solution.network, solution.images), make)


def _why_no_line(ours: Solution, theirs: Solution) -> str:
    """Why two solutions have no line between them; empty where they have one."""
    if ours.computes != theirs.computes:
        return (
            "Its network isn't that of the reference, so its weights have no counterpart there and "
            "no straight line leads from one to the other."
        )
    if ours.config.image != theirs.config.image:
        return (
            "It sees its images in another way than the reference, so no loss is about both "
            "solutions."
        )
    return ""


def _images_at(data: "TrainingData", positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most so many of these images, and their labels."""
    chosen = positions[stratified_subset(data.labels[positions], MOST_IMAGES)]
    return data.images[chosen], data.labels[chosen]


def _whose(run: MeasuredRun) -> SolutionOf:
    return {"arm": run["arm"], "seed": run["seed"], "run": run["run"]}
