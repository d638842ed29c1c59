"""Runs without any training: their files as a worker and the supervisor leave them."""

from cnnlab import lab
from cnnlab.domain.history import best_epoch
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempt import Attempt, AttemptRecorder

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
    for module in ("runs", "control", "preflight", "study.studies", "models", "uploads"):
        monkeypatch.setattr(f"cnnlab.lab.{module}.ensure_supervisor", lambda home: None)


def epoch_record(number, **values):
    fields = dict.fromkeys(EpochRecord.__annotations__, 0.5) | {"epoch": number}
    fields |= {"weights": None, "memorized": None, "rescued": None}
    return EpochRecord(**fields | {"val_accuracy": 0.5 + number / 100} | values)


def made_run(config, *, epochs=3, turns=(), status=Status.RUNNING, name=None):
    """A run with so many epochs and all their states kept, its dials turned as told."""
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
        records.append(epoch_record(number))
        recorder.epoch(epoch_record(number))
        recorder.checkpoint(number, {}, is_best=True)
    recorder.close()
    known = {"status": status, "changed_by_hand": bool(turns)}
    if records:
        best = best_epoch(records)
        known |= {"last": records[-1], "best": records[best], "best_epoch": best}
    workplace().runs.update(run.id, **known)
    return lab.load_run(run.id)
