"""Runs without any training: their files as a worker and the supervisor leave them."""

import numpy as np

from cnnlab import lab
from cnnlab.domain.history import best_epoch
from cnnlab.domain.metrics import accuracy
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder

STEPS = 10
"""Steps of an epoch."""

FACTS = {
    "device": "CPU (2 threads)",
    "epochs": 20,
    "steps_per_epoch": STEPS,
    "train_images": 300,
    "validation_images": 60,
    "clean_images": 300,
}


def no_supervisor(monkeypatch):
    """Nothing that is launched in this test is started."""
    modules = (
        "runs",
        "control",
        "before_launch.preflight",
        "study.studies",
        "work",
        "predicting.live",
    )
    for module in (*modules, "searching.searches"):
        monkeypatch.setattr(f"cnnlab.lab.{module}.ensure_supervisor", lambda home: None)


def no_queue(monkeypatch):
    """Nothing that is asked for in this test is seen by a supervisor that lives elsewhere."""
    monkeypatch.setattr("cnnlab.jobs.asking._enter", lambda *_: None)


def epoch_record(number, **values):
    fields = dict.fromkeys(EpochRecord.__annotations__, 0.5) | {"epoch": number}
    fields |= {"weights": None, "memorized": None, "rescued": None}
    return EpochRecord(**fields | {"val_accuracy": 0.5 + number / 100} | values)


def wavering_predictions(epochs, images, *, seed=0):
    """Equally good epochs that waver, on two classes: the best of them looks better than it is."""
    generator = np.random.default_rng(seed)
    labels = np.arange(images) % 2
    margins = generator.normal(0.8, 1, images) + 0.7 * generator.normal(size=(epochs, images))
    true = 1 / (1 + np.exp(-2 * margins))
    shares = np.stack([np.where(labels == label, true, 1 - true) for label in (0, 1)], axis=-1)
    return [Predictions(np.arange(images), labels, said) for said in shares.astype(np.float32)]


def made_run(config, *, epochs=3, turns=(), status=Status.RUNNING, name=None, said=None):
    """A run with so many epochs and all their states kept, its dials turned as told.

    Without `said`, what it says of each image by epoch, it is as an earlier version left it.
    """
    run = lab.launch_run(config, name=name)
    attempt = Attempt(workplace().home.attempt(run.id, 1))
    attempt.create(run.config)
    recorder = AttemptRecorder(attempt)
    recorder.started(FACTS)
    records = []
    for number in range(epochs):
        for turn in turns:
            if turn.step // STEPS == number:
                recorder.turned(turn)
        values = {}
        if said and number in said:
            recorder.predictions(number, said[number])
            values = {"val_accuracy": accuracy(said[number].probabilities, said[number].labels)}
        records.append(epoch_record(number, **values))
        recorder.epoch(records[-1])
        recorder.checkpoint(number, {}, is_best=True)
    recorder.close()
    known = {"status": status, "changed_by_hand": bool(turns)}
    if records:
        best = best_epoch(records)
        known |= {"last": records[-1], "best": records[best], "best_epoch": best}
        known["sparkline"] = [record["val_accuracy"] for record in records]
    workplace().runs.update(run.id, **known)
    return lab.load_run(run.id)
