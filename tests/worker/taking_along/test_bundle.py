"""What the worker adds to a bundle: model and program of a run that was trained for real."""

import json
import zipfile

from cnnlab.jobs.kinds.bundle import BundleRequest
from cnnlab.storage.bundles.vetting import vet_keras
from cnnlab.storage.job_folder import JobFolder
from cnnlab.worker.taking_along import bundle as bundling
from tests.worker.conftest import do


def test_model_and_program_are_made_once_even_if_the_worker_is_lost(run, tmp_path, monkeypatch):
    monkeypatch.setattr(bundling, "_prove", lambda *given: None)
    files = JobFolder(tmp_path / "job")
    (files.folder / bundling.TEXTS).mkdir(parents=True)
    (files.folder / bundling.TEXTS / "README.txt").write_text("A run.")
    dataset = run.attempt.read_config()["dataset"]
    request = BundleRequest("a", [("a", 1)], dataset, False)
    do(bundling.bundle, request, files)
    (files.folder / "bundle.zip").unlink()  # the worker was lost just before its end

    def built(*given):
        raise AssertionError("it is there")

    monkeypatch.setattr(bundling, "load_kept", built)
    answer = do(bundling.bundle, request, files)
    with zipfile.ZipFile(files.folder / "bundle.zip") as archive:
        names = set(archive.namelist())
        archive.extract("runs/a/model.keras", tmp_path)
        checks = [json.loads(archive.read(name))["a"] for name in ("models.json", "scripts.json")]
    assert {"script/a/train.py", "script/a/init.npz", "runs/a/events.jsonl"} <= names
    assert [one["top1_agreement"] for one in checks] == [1.0, 1.0]
    assert answer["bytes"] > 0
    vet_keras(tmp_path / "runs/a/model.keras")
