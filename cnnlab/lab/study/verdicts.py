"""Which runs of a study count in its verdicts, and how often it was looked at."""

import math
from collections.abc import Mapping

from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.lab.study.run_records import run_history
from cnnlab.study.bands import value_of
from cnnlab.study.judged_epochs import mean_of_last
from cnnlab.study.judging import Look
from cnnlab.study.statistics import alpha_of_look

ALPHA = 0.05
"""Of the look that was planned; each further one, after seeds were added, gets a far smaller part,
so that all looks together claim falsely in at most 6.3 % of studies."""

Runs = Mapping[str, Mapping[int, Run]]


def counts(run: Run) -> bool:
    """Whether a run counts in verdicts: it has finished, and nobody turned its dials."""
    return run.status is Status.FINISHED and not run.changed_by_hand


def look_at(study: Study, runs: Runs) -> Look:
    """What may be told of a study as it stands.

    Who ends a study before its planned runs have finished may have done so for what was seen of it:
    that counts as a further look.
    """
    lost = {
        arm.name: sum(not counts(run) for run in runs[arm.name].values())
        + len(study.seeds)
        - len(runs[arm.name])
        for arm in study.arms
    }
    everything = [run for of_arm in runs.values() for run in of_arm.values()]
    is_ended = all(run.status.is_ended for run in everything)
    number = study.stages + (is_ended and any(lost.values()))
    alpha = ALPHA if number == 1 else alpha_of_look(number, ALPHA)
    return Look(alpha, alpha_of_look(number + 1, ALPHA), is_ended, lost)


def measured(study: Study, runs: Mapping[int, Run], metric: ComparedMetric) -> dict[int, float]:
    """A metric by seed, of the runs that count."""
    found = {seed: _judged(study, run, metric) for seed, run in sorted(runs.items()) if counts(run)}
    return {seed: value for seed, value in found.items() if math.isfinite(value)}


def _judged(study: Study, run: Run, metric: ComparedMetric) -> float:
    """A metric of a run where the study judges it; NaN where that isn't known."""
    if study.judged_at == "best":
        return value_of(run.best, metric)
    if study.judged_at == "mean_last":
        return mean_of_last(run_history(run), study.judged_epochs, metric)
    return value_of(run.last, metric)
