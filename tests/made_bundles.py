"""Evidence bundles without any worker, and what others might make of them."""

import contextlib
import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.split import TRAIN, VALIDATION
from cnnlab.domain.errors import ExportError
from cnnlab.domain.metrics import calibration, classification_report
from cnnlab.domain.predictions import Predictions
from cnnlab.files import read_json, write_json
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import AttemptRecorder
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along import bundle as bundling
from tests.made_studies import made_study, study_base

NOT_COMPARED = {
    "max_abs_difference": 0.0,
    "top1_agreement": 1.0,
    "milliseconds_per_image": 1.0,
    "bytes": 1,
}


def study_with_predictions(dataset, best, *, seeds=3, epochs=6, **options):
    """A study whose runs have said of each validation image what their histories say of all."""
    arms = ready_arms(list(best))
    study = lab.compare_arms(study_base(dataset.id, epochs=epochs), arms, seeds=seeds, **options)
    labels = {arm.name: level for arm, level in zip(study.arms, best.values(), strict=True)}
    study = made_study(study, labels)
    for run in lab.study_runs(study.id):
        say_of_images(run)
    return study


def say_of_images(run):
    """Have a made run say of each validation image something that fits, and end as workers do."""
    attempt = newest_attempt(run)
    index = open_index(run.dataset)
    split = splits_of(index, load_config(run.config).split)
    positions = np.flatnonzero(split == VALIDATION)
    labels, names = index.labels[positions].astype(int), index.class_names
    events, facts = attempt.read_events(), attempt.started()
    attempt.events.unlink()
    recorder = AttemptRecorder(attempt)
    more = {"parameters": 100, "deterministic": "Yes.", "train_images": int((split == TRAIN).sum())}
    recorder.started(facts | more | {"validation_images": len(positions)})
    generator = np.random.default_rng(run.config["training"]["seed"])
    order = generator.permutation(len(labels))
    for row in (row for row in events if row["kind"] == "epoch"):
        record = row["record"]
        right = order < round(record["val_accuracy"] * len(labels))
        said = np.where(right, labels, (labels + 1) % len(names))
        sure = generator.uniform(0.6, 0.98, len(labels))
        probabilities = np.repeat(((1 - sure) / (len(names) - 1))[:, None], len(names), 1)
        probabilities[np.arange(len(labels)), said] = sure
        probabilities = probabilities.astype(np.float32)
        report = classification_report(probabilities, labels, names)
        recorder.predictions(record["epoch"], Predictions(positions, labels, probabilities))
        record |= {"val_accuracy": report["accuracy"], "val_cross_entropy": report["cross_entropy"]}
        recorder.epoch(record)
    recorder.close()
    bits = "".join(str(int(one)) for one in probabilities.argmax(1) == labels)
    kept = calibration(probabilities, labels)
    report |= {"best_epoch": 0, "top_losses": [], "calibration": kept, "val_correct": bits}
    last = record["epoch"]
    ended = {"status": "finished", "message": None, "model_epoch": last, "report": report}
    write_json(attempt.result, ended)
    history = attempt.history()
    best = max(history, key=lambda one: (one["val_accuracy"], -one["val_cross_entropy"]))
    workplace().runs.update(run.id, last=history[-1], best=best, best_epoch=best["epoch"])


def bundled(subject, monkeypatch, to, *, with_images=False, model=None, proven=False):
    """The bundle of a run or a study, made in this process with a model that nobody trained.

    Args:
        subject: its id.
        monkeypatch: of the test; no supervisor is started.
        to: folder for the copy.
        with_images: whether its images are in it.
        model: content of the model files.
        proven: whether its own program is run, as a worker does.
    """
    if not proven:
        monkeypatch.setattr(bundling, "_prove", lambda *given: None)
    content = keras_file() if model is None else model

    def write(made, folder):
        (folder / "model.keras").write_bytes(content)
        return NOT_COMPARED

    def refuse(made, folder):
        raise ExportError("Nobody trained it.")

    monkeypatch.setattr(bundling._Made, "_write_model", write)
    monkeypatch.setattr(bundling._Made, "_write_script", refuse)
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", lambda home: None)
    lab.prepare_bundle(subject, with_images=with_images)
    (job,) = queued_jobs(workplace().home)
    request = job.kind.read_request(read_json(job.files.request))
    with contextlib.closing(job.files.recorder()) as recorder:
        answer = bundling.bundle(Work(request, job.files, recorder, "cpu", lambda: None))
    write_json(job.files.result, {"status": "finished", "answer": answer, "seconds": 1.0})
    job.entry.unlink()
    target = to / f"{subject}{'-images' if with_images else ''}.zip"
    target.write_bytes(lab.bundle_file(subject, with_images=with_images).read_bytes())
    return target


def keras_file(config=None, weights=None, **members):
    """A `.keras` file of two layers, or what somebody made of it."""
    layer = {"module": "keras.layers", "registered_name": None}
    layers = [
        {**layer, "class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 3]}},
        {**layer, "class_name": "Flatten", "config": {"name": "flat"}},
        {
            **layer,
            "class_name": "Dense",
            "config": {"units": 2, "activation": "softmax"},
            "build_config": {"input_shape": [None, 192]},
        },
    ]
    functional = {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": {"name": "made", "layers": layers},
        "registered_name": "Functional",
    }
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_dataset("layers/dense/vars/0", data=np.zeros((192, 2), np.float32))
        if weights is not None:
            weights(file)
    held = {
        "metadata.json": b'{"keras_version": "3.15.1"}',
        "config.json": json.dumps((config or (lambda one: one))(functional)).encode(),
        "model.weights.h5": content.getvalue(),
        "cnnlab.json": b"{}",
    } | members
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return made.getvalue()


def remade(source: Path, to: Path, change, *, with_sums=True):
    """A copy of a bundle in which `change` has changed a dict of contents by name.

    Args:
        source: the bundle.
        to: the copy.
        change: of the contents, in place.
        with_sums: whether the manifest says so, as that of somebody who knows it would.
    """
    with zipfile.ZipFile(source) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    if with_sums:
        manifest = json.loads(contents.pop("manifest.json"))
        manifest["cnnlab_bundle"]["files"] = {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in contents.items()
        }
        contents["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return to


def rows_of(content):
    """The rows of a journal's text."""
    return [json.loads(line)["data"] for line in content.splitlines()]


def journal_of(rows):
    """The text of a journal with these rows."""
    lines = []
    for number, row in enumerate(rows):
        body = json.dumps(row, separators=(",", ":"))
        lines.append(f'{{"row":{number},"crc":{zlib.crc32(body.encode())},"data":{body}}}\n')
    return "".join(lines).encode()


def everything():
    """What a home lists and holds."""
    home = workplace().home
    return (
        [one.id for one in lab.list_datasets()],
        [one.id for one in lab.list_runs()],
        [one.id for one in lab.list_studies()],
        sorted(path.name for folder in (home.datasets, home.runs, home.studies)
               for path in folder.iterdir()),
        sorted(home.root.glob(".bundle-*")),
    )  # fmt: skip
