"""Lessons whose studies were trained by nobody: their runs end as a test wants it."""

import numpy as np

from cnnlab import lab
from cnnlab.domain.history import best_epoch
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from tests.made_runs import epoch_record
from tests.made_studies import write_epochs

MOMENT = "2026-11-30T12:00:00.000+00:00"


def finish(run, records):
    """End a queued run with these epochs."""
    write_epochs(run, records)
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


def level(epochs, **values):
    """Records that stay at these values."""
    return [epoch_record(number, **values) for number in range(epochs)]
