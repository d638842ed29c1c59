"""What is known of a study: its runs, what they measured, the verdicts, and what they share."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cnnlab.domain.arms import ready_name
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.training import ComparedMetric, JudgedMetric
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Arm, Study
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.study.looks import look_at
from cnnlab.lab.study.run_records import History, run_facts, run_history
from cnnlab.lab.study.studies import load_study, runs_by_arm
from cnnlab.lab.study.verdicts import measured, measured_on_images
from cnnlab.study.chance.looks import alpha_spent
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.devices_wording import devices_words
from cnnlab.study.judging import judge_arms
from cnnlab.study.rules_wording import alone_words
from cnnlab.study.scopes import ScopedInterval
from cnnlab.study.seen_wording import flattered_words
from cnnlab.study.verdicts import METRICS, Comparison, summary
from cnnlab.study.wording import collapse_bound, looks_words, watched_words

PRIMARY_METRICS: tuple[JudgedMetric, ...] = tuple(METRICS)


@dataclass(frozen=True)
class StudyView:
    """Everything that the page, the report and the command line show of a study.

    Attributes:
        study: as it was launched.
        runs: by arm and seed.
        values: what each finished run measured, by metric, arm and seed.
        comparisons: by metric and arm; those of the study's primary metric are its verdicts.
        alpha: chance of any false claim that the verdicts allow.
        validation_images: how many judge each run; None before the first has begun.
        flattered: that accuracies are too high for what the runs start with; empty where none is.
    """

    study: Study
    runs: dict[str, dict[int, Run]]
    values: dict[ComparedMetric, dict[str, dict[int, float]]]
    comparisons: dict[ComparedMetric, dict[str, Comparison]]
    alpha: float
    validation_images: int | None = None
    flattered: str = ""

    @property
    def all_runs(self) -> list[Run]:
        """Its runs in the order in which they train."""
        runs = (self.runs.get(arm.name, {}).get(seed) for arm, seed in self.study.pairs)
        return [run for run in runs if run is not None]

    @property
    def statuses(self) -> dict[Status, int]:
        """Number of runs by status."""
        return dict(Counter(run.status for run in self.all_runs))

    @property
    def finished(self) -> int:
        """How many of its runs have finished."""
        return self.statuses.get(Status.FINISHED, 0)

    @property
    def is_ended(self) -> bool:
        """Whether nothing happens any more by itself."""
        return all(run.status.is_ended for run in self.all_runs)

    @property
    def is_complete(self) -> bool:
        """Whether every run that belongs to it counts in the verdicts."""
        counted = self.values[self.study.primary].values()
        return sum(map(len, counted)) == len(self.study.pairs)

    @property
    def is_open(self) -> bool:
        """Whether planned runs are missing that may still come, so that nothing is judged yet."""
        return any(found.is_open for found in self.verdicts.values())

    @property
    def progress(self) -> float:
        """Share of all epochs that are trained, 0..1; a finished run counts as whole."""
        done = sum(share_done(run) for run in self.all_runs)
        return done / max(1, len(self.study.pairs))

    @property
    def verdicts(self) -> dict[str, Comparison]:
        """The comparisons on the primary metric, by arm."""
        return self.comparisons[self.study.primary]

    @property
    def notes(self) -> list[str]:
        """What flatters the runs, where they computed, and what verdicts leave open; sentences."""
        flattered = [self.flattered] if self.flattered else []
        flattered += [self.devices] if self.devices else []
        told = [found for found in self.verdicts.values() if found.seeds >= FEWEST_PAIRS]
        if not told or any(found.is_open for found in told):
            return flattered
        looks = looks_words(len(self.study.looks), self.alpha, alpha_spent(self.study.looks))
        looks = watched_words() if self.study.watch else looks
        steady = [found.seeds for found in told if not found.collapses]
        bound = [collapse_bound(min(steady))] if len(steady) == len(told) else []
        alone = alone_words(self.study, told)
        return [*flattered, looks, *bound, *([alone] if alone else [])]

    @property
    def devices(self) -> str:
        """That arms of one seed computed on different kinds of devices; empty where none did."""
        found: dict[int, dict[str, str]] = {}
        for arm, of_arm in self.runs.items():
            for seed, run in of_arm.items():
                if run.device:
                    found.setdefault(seed, {})[arm] = run.device
        return devices_words(found)

    @property
    def more_seeds(self) -> int | None:
        """How many more seeds would settle the arm that is nearest to an answer, if any does."""
        wanted = [
            found.more_seeds for found in self.verdicts.values() if found.more_seeds is not None
        ]
        return min(wanted, default=None)


@asks(Action.VIEW)
def view_study(study: str) -> StudyView:
    """Everything that is known of a study; the curves aside, which `study_histories` reads.

    Where that shows verdicts it counts as a look: at the first time in this state of its runs it is
    recorded with the study (`lab/study/looks.py`).

    Raises:
        NotFoundError: there is no study with this id.
    """
    found = load_study(study)
    runs = runs_by_arm(found)
    values = {
        metric: {name: measured(found, of_arm, metric) for name, of_arm in runs.items()}
        for metric in found.metrics
    }
    found, look = look_at(found, runs)
    images = _validation_images(runs)
    compared = {
        metric: judge_arms(
            found,
            values[metric],
            metric,
            look,
            images,
            measured_on_images(found, runs, metric),
            values["val_accuracy"],
        )
        for metric in found.metrics
    }
    flattered = flattered_words(look.seen, [arm.name for arm in found.arms])
    return StudyView(found, runs, values, compared, look.alpha, images, flattered)


def arm_summaries(view: StudyView) -> list[dict[str, Any]]:
    """Each arm's runs, means and verdict, as JSON values.

    Returns:
        For each arm `arm` (a ready-made one's name, else its label), `label`, `changes`, `runs`,
        {mean, sd} of each metric, `difference` {mean, low, high} on the primary metric,
        `verdict`, `more_seeds`, `confidence`, `p_adjusted`, `words`, `better_next` {probability,
        low, high} (that it beats the reference on a fresh run) or None, and `these_images` and
        `new_images` {mean, low, high, confidence, reason, words}.
    """
    return [_summarized(view, arm) for arm in view.study.arms]


def _summarized(view: StudyView, arm: Arm) -> dict[str, Any]:
    found = view.verdicts[arm.name]
    means: dict[str, Any] = {
        metric: asdict(summary(view.values[metric][arm.name])) for metric in view.study.metrics
    }
    return {
        "arm": ready_name(arm),
        "label": arm.name,
        "changes": arm.changes,
        "runs": [run.id for _, run in sorted(view.runs[arm.name].items())],
        **means,
        "difference": {"mean": found.mean, "low": found.low, "high": found.high},
        "verdict": found.verdict,
        "more_seeds": found.more_seeds,
        "confidence": found.confidence,
        "p_adjusted": found.p_adjusted,
        "words": found.words,
        "better_next": found.better_next and asdict(found.better_next),
        "these_images": _scope(found.these_images, found),
        "new_images": _scope(found.new_images, found),
    }


def _scope(found: ScopedInterval, comparison: Comparison) -> dict[str, Any]:
    return asdict(found) | {"words": found.words(METRICS[comparison.metric])}


@asks(Action.VIEW)
def study_histories(view: StudyView) -> dict[str, dict[int, History]]:
    """Epoch records by arm and seed; those of ended runs are read once."""
    return {
        arm.name: {seed: run_history(run) for seed, run in view.runs[arm.name].items()}
        for arm in view.study.arms
    }


def seconds_left(view: StudyView) -> float | None:
    """About how long until all runs have finished, from those that have; None before the first."""
    took = [
        _moment(run.ended_at) - _moment(run.started_at)
        for run in view.all_runs
        if run.status is Status.FINISHED and run.attempt == 1 and run.started_at and run.ended_at
    ]
    if not took:
        return None
    runs_left = (1 - view.progress) * len(view.study.pairs)
    at_once = max(1, view.statuses.get(Status.RUNNING, 0))
    return runs_left * sum(took) / len(took) / at_once


def _moment(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def share_done(run: Run) -> float:
    """Share of a run's epochs that are trained, 0..1; a finished run counts as whole."""
    if run.status is Status.FINISHED:
        return 1.0
    done = run.last["epoch"] + 1 if run.last else 0
    epochs: int = run.config["training"]["epochs"]
    return done / epochs


def _validation_images(runs: Mapping[str, Mapping[int, Run]]) -> int | None:
    for of_arm in runs.values():
        for run in of_arm.values():
            if run.last and (images := run_facts(run).get("validation_images")):
                return images
    return None
