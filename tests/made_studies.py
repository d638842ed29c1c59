"""Studies without any training: their runs are written as workers and the supervisor leave them."""

import itertools
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.history import best_epoch
from cnnlab.domain.run import Run, Status, new_run_id
from cnnlab.domain.study import Study
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from tests.conftest import draw_zip
from tests.made_runs import epoch_record

VALIDATION_IMAGES = 240
_numbers = itertools.count()


def study_base(dataset, *, epochs=12):
    """A config on a dataset, as a study's base."""
    config = RunConfig(dataset=dataset)
    return config.model_copy(
        update={"training": config.training.model_copy(update={"epochs": epochs})}
    )


def rising(best, generator, *, epochs):
    """Records of a run that comes near `best` validation accuracy, with noise."""
    records = []
    for number in range(epochs):
        accuracy = best - (best - 0.3) * math.exp(-3.5 * (number + 1) / epochs)
        accuracy = min(1, accuracy + generator.normal(0, 0.006))
        records.append(
            epoch_record(
                number,
                val_accuracy=accuracy,
                val_cross_entropy=-1.2 * math.log(accuracy),
                clean_accuracy=min(1, accuracy + 0.06),
            )
        )
    return records


def made_study(study: Study, best, *, seeds_done=None):
    """Store a study whose runs have finished, without queueing anything.

    Args:
        study: from `lab.compare_arms` and its like.
        best: validation accuracy that an arm comes near, by its name.
        seeds_done: so many of its seeds have finished; the others have no run. None is all.
    """
    place = workplace()
    place.studies.create(study)
    done = study.seeds[:seeds_done]
    moment = datetime.now(UTC)
    for number, (arm, seed) in enumerate((a, s) for a, s in study.pairs if s in done):
        generator = np.random.default_rng([seed, 7])  # paired: a seed is lucky in all arms
        own = np.random.default_rng([seed, number])
        level = best[arm.name] + generator.normal(0, 0.008) + own.normal(0, 0.003)
        config = study.config(arm, seed)
        records = rising(level, own, epochs=config.training.epochs)
        created = moment + timedelta(milliseconds=number)
        _finished_run(study, arm.name, config, records, created)
    return lab.load_study(study.id)


def dropout_helps(folder):
    """Store a finished study on drawn images, of a baseline and of dropout, which is better.

    Args:
        folder: for the upload.
    """
    dataset = lab.import_dataset(draw_zip(folder / "shades.zip"))
    found = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "dropout"]), seeds=4)
    return made_study(with_id(found, "s1"), {"baseline": 0.8, "dropout": 0.9})


def finish_by_arm(study, accuracies, *, seeds=None):
    """Have the runs of these arms (of some seeds) end with its accuracy, moved by their seed."""
    for run in lab.study_runs(study.id):
        seed = run.config["training"]["seed"]
        if run.arm not in accuracies or (seeds is not None and seed not in seeds):
            continue
        # Each arm has other luck with each seed.
        value = accuracies[run.arm] + 0.001 * ((seed + len(run.arm)) ** 2 % 5)
        first, record = (
            epoch_record(
                number, val_accuracy=value, clean_accuracy=1.0, val_cross_entropy=1 - value
            )
            for number in range(2)
        )
        write_epochs(run, [first, record])
        workplace().runs.update(
            run.id, status=Status.FINISHED, best=record, last=record, best_epoch=1
        )


def _finished_run(study, arm, config, records, created):
    place = workplace()
    run = Run(
        new_run_id(created, f"{next(_numbers):04x}"),
        f"{study.name}: {arm}",
        study.dataset,
        config.model_dump(mode="json"),
        Status.FINISHED,  # from the start: a supervisor that lives would start a running one again
        study=study.id,
        arm=arm,
        created_at=created.isoformat(timespec="milliseconds"),
    )
    place.runs.create(run)
    write_epochs(run, records)
    best = best_epoch(records)
    place.runs.update(
        run.id,
        status=Status.FINISHED,
        last=records[-1],
        best=records[best],
        best_epoch=best,
        ended_at=created.isoformat(timespec="milliseconds"),
    )


def write_epochs(run: Run, records, said=()):
    """The folder of a run's first attempt, as its worker leaves it with these epochs.

    Args:
        run: that has none yet.
        records: of its epochs.
        said: `Predictions` of each of them; none for a run of an earlier version.
    """
    attempt = Attempt(workplace().home.attempt(run.id, 1))
    attempt.create(run.config)
    recorder = AttemptRecorder(attempt)
    recorder.started(
        {
            "device": "CPU (2 threads)",
            "epochs": len(records),
            "steps_per_epoch": 10,
            "train_images": 4 * VALIDATION_IMAGES,
            "validation_images": VALIDATION_IMAGES,
            "init_checksum": f"{run.config['training']['seed']:08x}",
            "layer_checksums": {},
            "batch_order_checksum": "00000000",
        }
    )
    for record in records:
        recorder.epoch(record)
    for epoch, predictions in enumerate(said):
        recorder.predictions(epoch, predictions)
    recorder.close()


def with_id(study: Study, study_id: str) -> Study:
    """The study under an id that a test knows."""
    return replace(study, id=study_id)
