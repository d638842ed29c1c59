"""A study's verdicts again: by textbook formulas, and by the program's own rules."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.domain.data.seen import same_seen
from cnnlab.domain.records.training import ComparedMetric, SeenImages
from cnnlab.domain.study import IMAGE_METRICS, Kind, Study
from cnnlab.exports.replay import arithmetic
from cnnlab.exports.replay.agreement import Agreement
from cnnlab.exports.replay.stored import StoredRun, read
from cnnlab.study.chance.looks import ALPHA, alpha_of_look
from cnnlab.study.judging import Look, Values, judge_arms
from cnnlab.study.measures.bands import value_of
from cnnlab.study.measures.judged_epochs import (
    JudgedImages,
    cross_fitted,
    judged_images,
    mean_of_last,
    needed_epochs,
)
from cnnlab.study.measures.measured import measured_of
from cnnlab.study.verdicts import METRICS, Comparison

_VERDICTS, _VALUES = "verdicts by the program's rules", "values of the runs"
_TEXTBOOK = "differences and intervals by textbook formulas"


@dataclass(frozen=True)
class StoredStudy:
    """A study and its runs.

    Attributes:
        folder: of the bundle.
        study: as it was launched, with its looks.
        runs: by arm and seed.
        shown: `shown.json`, what page and report say.
    """

    folder: Path
    study: Study
    runs: dict[str, dict[int, StoredRun]]
    shown: dict[str, Any]

    @cached_property
    def values(self) -> dict[ComparedMetric, Values]:
        """What each run that counts is worth where it is judged, by metric, arm and seed."""
        return {
            metric: {
                arm: {
                    seed: value
                    for seed, run in sorted(of_arm.items())
                    if run.counts and math.isfinite(value := self._judged(run, metric))
                }
                for arm, of_arm in self.runs.items()
            }
            for metric in self.study.metrics
        }

    @cached_property
    def comparisons(self) -> dict[ComparedMetric, dict[str, Comparison]]:
        """The verdicts by the program's own rules, from these values."""
        return {
            metric: judge_arms(
                self.study,
                self.values[metric],
                metric,
                self.look,
                self.validation_images,
                self.on_images[metric],
                self.values["val_accuracy"],
            )
            for metric in self.study.metrics
        }

    @cached_property
    def on_images(self) -> dict[ComparedMetric, dict[str, dict[int, np.ndarray]]]:
        """The same on each validation image, where what runs said of them was kept."""
        return {metric: self._on_images(metric) for metric in self.study.metrics}

    @property
    def all_runs(self) -> list[StoredRun]:
        """In the order in which they trained."""
        found = (self.runs.get(arm.name, {}).get(seed) for arm, seed in self.study.pairs)
        return [run for run in found if run is not None]

    @cached_property
    def validation_images(self) -> int | None:
        """How many judge each run."""
        return next(
            (
                images
                for run in self.all_runs
                if run.history and (images := run.facts.get("validation_images"))
            ),
            None,
        )

    @cached_property
    def look(self) -> Look:
        """What this look may claim: the level that the recorded looks leave to it."""
        counted = [run for run in self.all_runs if run.counts]
        names = sorted(f"{run.folder.name}/{run.values['attempt']}" for run in counted)
        state = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        planned = len(self.all_runs) == len(self.study.pairs) and all(
            run.values["status"] in ("finished", "failed") for run in self.all_runs
        )
        lost = {
            arm.name: len(self.study.seeds)
            - sum(run.counts for run in self.runs[arm.name].values())
            for arm in self.study.arms
        }
        ended = all(
            run.values["status"] in ("finished", "failed", "stopped") for run in self.all_runs
        )
        if self.study.watch:
            return Look(ALPHA, ALPHA, ended, self._ended_in_vain, self._seen)
        looks = self.study.looks
        alpha = alpha_of_look(looks, state, is_planned=planned)
        if not any(look.state == state for look in looks):
            alpha = alpha_of_look(looks, "", is_planned=True)
        next_alpha = alpha_of_look(looks, "", is_planned=True)
        return Look(alpha, next_alpha, ended, lost, self._seen)

    @property
    def _ended_in_vain(self) -> dict[str, int]:
        """How many runs of each arm have ended and don't count, where every look is free."""
        ends = ("finished", "failed", "stopped")
        return {
            arm: sum(run.values["status"] in ends and not run.counts for run in of_arm.values())
            for arm, of_arm in self.runs.items()
        }

    @property
    def _seen(self) -> dict[str, SeenImages]:
        """By arm which validation images trained the weights that its runs start with."""
        told = {
            arm: next(filter(None, (run.seen for run in of_arm.values())), None)
            for arm, of_arm in self.runs.items()
        }
        return {arm: seen for arm, seen in told.items() if seen and not same_seen(seen, None)}

    def _judged(self, run: StoredRun, metric: ComparedMetric) -> float:
        judged_at = self.study.judged_at
        if metric == "robustness" or metric == "calibration":
            return measured_of(run.result.get("report"), metric)
        if judged_at == "mean_last":
            return mean_of_last(run.history, self.study.judged_epochs, metric)
        if judged_at == "cross_fitted":
            judged = self._judged_images(run)
            return math.nan if judged is None else cross_fitted(run.history, judged, metric)
        if not run.history:
            return math.nan
        at = run.values["best_epoch"] if judged_at == "best" else -1
        return value_of(run.history[at], metric)

    def _judged_images(self, run: StoredRun) -> JudgedImages | None:
        needed = needed_epochs(
            self.study.judged_at,
            len(run.history),
            last=self.study.judged_epochs,
            best=run.values["best_epoch"] or 0,
        )
        said = run.said
        if (
            said is None
            or len(said.labels) < 2
            or not needed
            or not set(needed) <= set(said.epochs)
        ):
            return None
        rows = [said.epochs.index(epoch) for epoch in needed]
        return judged_images(self.study.judged_at, said.right[rows], said.cross_entropies[rows])

    def _on_images(self, metric: ComparedMetric) -> dict[str, dict[int, np.ndarray]]:
        if metric not in IMAGE_METRICS:
            return {arm: {} for arm in self.runs}
        first: np.ndarray | None = None
        found: dict[str, dict[int, np.ndarray]] = {}
        for arm, of_arm in self.runs.items():
            found[arm] = {}
            for seed, run in of_arm.items():
                judged = self._judged_images(run) if run.counts else None
                if judged is None or run.said is None:
                    continue
                first = run.said.positions if first is None else first
                if np.array_equal(first, run.said.positions):
                    found[arm][seed] = judged.of(metric)
        return found


def read_study(folder: Path) -> StoredStudy:
    """The study of a bundle."""
    study = Study.from_json(read(folder / "study.json"))
    runs: dict[str, dict[int, StoredRun]] = {arm.name: {} for arm in study.arms}
    for path in sorted((folder / "runs").iterdir()):
        run = StoredRun(path)
        if run.values["arm"] in runs:
            runs[run.values["arm"]][run.seed] = run
    return StoredStudy(folder, study, runs, read(folder / "shown.json"))


def check_study(stored: StoredStudy, found: Agreement) -> None:
    """Compare values, verdicts and their words with what page and report say."""
    shown = stored.shown
    found.check(_VERDICTS, "level of this look", shown["alpha"], stored.look.alpha)
    found.check(
        _VERDICTS, "validation images", shown["validation_images"], stored.validation_images
    )
    for metric, arms in stored.values.items():
        said = shown["values"][metric]
        for arm, by_seed in arms.items():
            of_arm = {str(seed): value for seed, value in by_seed.items()}
            found.check(_VALUES, f"{metric} of {arm!r}", said[arm], of_arm, tolerance=1e-6)
    for metric, judged in stored.comparisons.items():
        for arm, comparison in judged.items():
            values = asdict(comparison)
            words = shown["comparisons"][metric][arm]
            found.check(_VERDICTS, f"{metric} of {arm!r}", words, _json(values), tolerance=1e-6)
            _check_textbook(stored, metric, comparison, words, found)


def _json(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Values as a JSON file gives them back: names as plain text."""
    if isinstance(value, Mapping):
        return {key: _json(held) for key, held in value.items()}
    return str(value) if isinstance(value, str) else value


def _check_textbook(
    stored: StoredStudy,
    metric: ComparedMetric,
    comparison: Comparison,
    said: Mapping[str, Any],
    found: Agreement,
) -> None:
    """The mean difference and the interval of the seeds, without a line of the program's rules."""
    values = stored.values[metric]
    partner = _compared_with(stored.study, comparison.arm)
    if partner is None:
        return
    between = arithmetic.differences(values[comparison.arm], values[partner])
    what = f"{metric} of {comparison.arm!r}"
    found.check(_TEXTBOOK, f"{what}, seeds", said["seeds"], len(between))
    if not between:
        return
    on_these = said["these_images"]
    images = stored.validation_images
    resolution = 1 / images if images and metric in ("val_accuracy", "gap") else 0.0
    if said["is_anchored"]:
        again = _anchored(stored, metric, comparison.arm, on_these["confidence"], resolution)
    else:
        judge = arithmetic.watched if stored.study.watch else arithmetic.paired
        again = judge(between, on_these["confidence"] or 0.95, resolution)
    found.check(_TEXTBOOK, f"{what}, mean difference", said["mean"], again.mean, tolerance=1e-6)
    if on_these["confidence"] is None:
        return
    most = METRICS[metric].furthest
    for end, value in (("low", again.low), ("high", again.high)):
        if value is not None:
            possible = max(-most, min(most, value))
            found.check(_TEXTBOOK, f"{what}, {end} end", on_these[end], possible, tolerance=1e-6)
    if said["scope"] == "these_images" and said["verdict"] in ("helps", "hurts"):
        # It was judged at 1 - confidence: the interval must leave out 0.
        leaves_out = (
            again.low is not None and again.high is not None and not (again.low <= 0 <= again.high)
        )
        found.check(_TEXTBOOK, f"{what}, the interval leaves out 0", True, leaves_out)


def _anchored(
    stored: StoredStudy, metric: ComparedMetric, arm: str, confidence: float, resolution: float
) -> arithmetic.Paired:
    """The interval that rests on all arms together and on what they said of each image."""
    values, images = stored.values[metric], stored.on_images[metric]
    reference = stored.study.reference.name
    others = [one.name for one in stored.study.arms if one.name != reference]
    between = {one: arithmetic.differences(values[one], values[reference]) for one in others}
    anchors = {
        one: arithmetic.flips(
            np.stack([images[one][seed] - images[reference][seed] for seed in values[one]])
        )
        for one in others
    }
    return arithmetic.anchored(
        between[arm],
        list(between.values()),
        anchors[arm],
        list(anchors.values()),
        (confidence, stored.look.alpha),
        resolution,
    )


def _compared_with(study: Study, arm: str) -> str | None:
    """The arm that one is compared with; None for a reference."""
    from cnnlab.domain.arms import same_size  # noqa: PLC0415 - of sizes only

    if study.kind is Kind.WORTH:
        return same_size(study.arms).get(arm)
    return None if arm == study.reference.name else study.reference.name


def all_values(stored: StoredStudy) -> Iterator[tuple[ComparedMetric, str, int, float]]:
    """Metric, arm, seed and value of everything that counts."""
    for metric, arms in stored.values.items():
        for arm, by_seed in arms.items():
            for seed, value in by_seed.items():
                yield metric, arm, seed, value
