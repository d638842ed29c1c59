"""Lessons whose studies were trained by nobody: their runs end as a test wants it."""

import numpy as np

from cnnlab import lab
from cnnlab.domain.history import best_epoch
from cnnlab.domain.run import Status
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.checkpoints import save_checkpoint
from tests import made_measurements
from tests.made_runs import epoch_record
from tests.made_studies import write_epochs
from tests.study import made_solutions

MOMENT = "2026-11-30T12:00:00.000+00:00"


def finish(run, records):
    """End a queued run with these epochs, and with a state of its weights."""
    write_epochs(run, records)
    save_checkpoint(newest_attempt(run).checkpoints, len(records) - 1, {}, is_best=True)
    best = best_epoch(records)
    workplace().runs.update(
        run.id,
        status=Status.FINISHED,
        last=records[-1],
        best=records[best],
        best_epoch=best,
        ended_at=MOMENT,
    )


def break_run(run, message="The loss is no longer a finite number in epoch 1."):
    """Have a queued run fail."""
    workplace().runs.update(run.id, status=Status.FAILED, message=message, ended_at=MOMENT)


def take(name, dataset, records_of, *, expected="unsure"):
    """Start a lesson and end all of its runs.

    Args:
        name: of the lesson.
        dataset: its id.
        records_of: gives the records of a run from its place among the arms, a generator of random
            numbers and its number of epochs; None has the run break.
        expected: by whoever takes it.
    """
    study = lab.start_lesson(name, dataset, expected)
    places = {arm.name: place for place, arm in enumerate(study.arms)}
    for number, run in enumerate(lab.study_runs(study.id)):
        generator = np.random.default_rng(number)
        records = records_of(places[run.arm], generator, run.config["training"]["epochs"])
        if records is None:
            break_run(run)
        else:
            finish(run, records)
    return lab.view_lesson(study.id)


def measured(view, values_of, *, left_out=(), not_yet=()):
    """The lesson once its trained models were measured as a worker would.

    Args:
        view: of the lesson, whose runs have finished.
        values_of: gives, from the place of an arm and a seed, what is left of an accuracy of 0.8
            with nine tenths of the units removed, or the width of a minimum.
        left_out: seeds of the second arm that can't be measured.
        not_yet: seeds of it that came later.
    """
    study = view.study.study
    values = {
        arm.name: [values_of(place, seed) for seed in study.seeds]
        for place, arm in enumerate(study.arms)
    }
    name = "units" if view.lesson.name == "redundancy" else "landscape"
    if name == "units":
        curves = {arm: [(0.8, left) for left in lefts] for arm, lefts in values.items()}
        found = made_solutions.study_units(curves, last=curves)
        lists = [found["runs"]]
    else:
        found = made_solutions.study_landscape(values, hills={study.arms[1].name: [0.1] * 5})
        lists = [found["widths"], found["lines"], found["slices"]]
    for one in [one for of_kind in lists for one in of_kind]:
        one["run"] = view.study.runs[one["arm"]][one["seed"]].id
    for one in list(lists[0]):
        if one["seed"] in (*left_out, *not_yet) and one["arm"] == study.arms[1].name:
            lists[0].remove(one)
            if one["seed"] in left_out:
                whose = {key: one[key] for key in ("arm", "seed", "run")}
                found["left_out"].append({**whose, "why": "Its state is damaged."})
    made_measurements.finish(study, name, found=found)
    return lab.view_lesson(study.id)


def level(epochs, **values):
    """Records that stay at these values."""
    return [epoch_record(number, **values) for number in range(epochs)]
