"""Evidence bundles: asked for, found again, cancelled; what can't be proven has none."""

import json
import os
import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.data.vault import VaultLook
from cnnlab.domain.errors import (
    BadInputError,
    ExportError,
    NotFoundError,
    RunStateError,
    StorageError,
)
from cnnlab.domain.run import Status
from cnnlab.files import read_json, take_lock
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.exporting import bundles
from cnnlab.lab.work import ask_for
from cnnlab.lab.workplace import workplace
from cnnlab.storage.vault import Vault
from tests.made_bundles import bundled, study_with_predictions
from tests.made_evaluations import finish_evaluation
from tests.made_runs import no_supervisor

LEVELS = {"baseline": 0.6, "dropout": 0.8}


@pytest.fixture
def study(dataset, monkeypatch):
    """A study of two arms and one seed, named as nobody should."""
    no_supervisor(monkeypatch)
    return study_with_predictions(dataset, LEVELS, seeds=1, name="<b>'\"; 🎉" + "x" * 300)


def test_asked_twice_it_is_made_once_and_found_again(study, monkeypatch, tmp_path):
    assert lab.bundle_state(study.id) is None
    lab.prepare_bundle(study.id)
    assert not lab.prepare_bundle(study.id).is_ended
    assert len(list(queued_jobs(workplace().home))) == 1
    bundled(study.id, monkeypatch, tmp_path)
    state = lab.prepare_bundle(study.id)
    assert state.is_ready and "replay.py" in state.answer["verified"]
    assert lab.bundle_state(study.id, with_images=True) is None
    assert lab.bundle_name(study.id) == f"cnnlab-{study.id}-bundle.zip"
    told = lab.export_run(study.id, "bundle", tmp_path)
    assert told["file"] == str(tmp_path / lab.bundle_name(study.id))
    assert told["bytes"] == lab.bundle_file(study.id).stat().st_size
    with pytest.raises(BadInputError, match=r"must end in \.zip"):
        lab.export_run(study.id, "bundle", tmp_path / "a.tar")


def test_what_has_changed_since_has_another_bundle(study, monkeypatch, tmp_path):
    bundled(study.id, monkeypatch, tmp_path)
    lab.rename_study(study.id, "Another name")
    assert lab.bundle_state(study.id) is None
    with pytest.raises(RunStateError, match="isn't there: prepare it"):
        lab.bundle_file(study.id)


def test_one_made_before_an_evaluation_or_a_look_is_not_offered(study, monkeypatch, tmp_path):
    run = lab.study_runs(study.id)[0]
    bundled(run.id, monkeypatch, tmp_path)
    assert lab.bundle_state(run.id).is_ready
    folder = finish_evaluation(run, "validation")
    assert lab.bundle_state(run.id) is None
    with zipfile.ZipFile(bundled(run.id, monkeypatch, tmp_path)) as archive:
        assert f"runs/{run.id}/judgement.json" in archive.namelist()
    os.utime(folder.result, (1, 1))  # evaluated anew
    assert lab.bundle_state(run.id) is None
    bundled(run.id, monkeypatch, tmp_path)
    look = VaultLook("a" * 32, "2026-11-30T10:00:00+00:00", run.id, "R", run.dataset, {}, 1)
    vault = Vault(workplace().home)
    vault.record(["0" * 64], look)  # at other images
    assert lab.bundle_state(run.id).is_ready
    vault.record(open_index(run.dataset).hashes[:2], look)
    assert lab.bundle_state(run.id) is None
    with zipfile.ZipFile(bundled(run.id, monkeypatch, tmp_path)) as archive:
        (looks,) = json.loads(archive.read("data/looks.json"))
    assert looks["rows"] == [0, 1] and looks["looks"] == [look.to_json()]


def test_what_an_earlier_try_was_given_is_laid_anew(study):
    lab.prepare_bundle(study.id)
    (job,) = queued_jobs(workplace().home)
    readme = job.files.folder / "texts" / "README.txt"
    readme.write_text("of yesterday")
    lab.prepare_bundle(study.id)
    assert readme.read_text() == "of yesterday", "a worker may be reading it"
    lab.cancel_bundle(study.id)
    lab.prepare_bundle(study.id)
    assert readme.read_text() != "of yesterday"


def test_it_is_asked_for_before_another_may_delete_it(study, monkeypatch):
    held = []

    def asked(*given, **more):
        lock = take_lock(workplace().home.root / "bundles.lock")
        held.append(lock is None)
        if lock is not None:
            os.close(lock)
        return ask_for(*given, **more)

    monkeypatch.setattr(bundles, "ask_for", asked)
    lab.prepare_bundle(study.id)
    assert held == [True]


def test_it_is_cancelled_and_can_be_asked_for_again(study):
    lab.prepare_bundle(study.id)
    lab.cancel_bundle(study.id)
    assert lab.bundle_state(study.id).stage == "cancelled"
    assert not lab.prepare_bundle(study.id).is_ended


def test_a_run_has_one_by_the_format(study, monkeypatch, tmp_path):
    run = lab.study_runs(study.id)[0]
    assert lab.model_state(run.id, "bundle") is None
    assert not lab.prepare_model(run.id, "bundle").is_ended
    bundled(run.id, monkeypatch, tmp_path)
    assert lab.model_state(run.id, "bundle").is_ready
    assert zipfile.is_zipfile(lab.model_package(run.id, "bundle"))
    assert lab.package_name(run.id, "bundle") == f"cnnlab-{run.id}-bundle.zip"


def test_what_is_not_there_or_has_not_ended_has_none(study):
    with pytest.raises(NotFoundError):
        lab.prepare_bundle("20261124-061500-a3f9")
    with pytest.raises(NotFoundError, match="no run and no study"):
        lab.prepare_bundle("s20261124-061500-a3f9")
    run = lab.study_runs(study.id)[0]
    workplace().runs.update(run.id, status=Status.QUEUED)
    for subject in (run.id, study.id):
        with pytest.raises(RunStateError, match="wait until it has ended"):
            lab.prepare_bundle(subject)
    workplace().runs.update(run.id, status=Status.FAILED, last={})
    with pytest.raises(RunStateError, match="nothing to prove"):
        lab.prepare_bundle(run.id)


def test_a_run_of_another_version_has_none_and_its_page_no_fault(study):
    run = lab.study_runs(study.id)[0]
    later = {**run.config, "split": {**run.config["split"], "of_a_later_version": 1}}
    workplace().runs.update(run.id, config=later)
    assert lab.model_state(run.id, "bundle") is None
    assert lab.bundle_state(run.id) is None
    with pytest.raises(RunStateError, match="configuration of another version"):
        lab.prepare_bundle(run.id)


def test_one_whose_numbers_come_out_otherwise_is_not_offered(study, monkeypatch, tmp_path):
    lab.prepare_bundle(study.id)
    (job,) = queued_jobs(workplace().home)
    path = job.files.folder / "texts" / "shown.json"
    shown = read_json(path)
    shown["values"]["val_accuracy"]["dropout"]["0"] = 0.999
    path.write_text(json.dumps(shown))
    with pytest.raises(ExportError, match="own replay.py finds something else.*val_accuracy"):
        bundled(study.id, monkeypatch, tmp_path, proven=True)
    assert not (job.files.folder / "bundle.zip").exists()


def test_what_it_holds_is_listed_and_a_missing_model_explained(study, monkeypatch, tmp_path):
    with zipfile.ZipFile(bundled(study.id, monkeypatch, tmp_path, with_images=True)) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))["cnnlab_bundle"]
        assert manifest["files"].keys() == names - {"manifest.json"}
        scripts = json.loads(archive.read("scripts.json"))
        about = json.loads(archive.read("bundle.json"))
    runs = [run.id for run in lab.study_runs(study.id)]
    assert set(scripts) == set(runs)
    assert all(told["left_out"] == "Nobody trained it." for told in scripts.values())
    assert [run["id"] for run in about["runs"]] == runs
    assert {f"runs/{run}/model.keras" for run in runs} <= names
    assert sum(name.startswith("data/images/") for name in names) == 48


def test_a_full_disk_is_said_before_anything_is_made(study, monkeypatch, tmp_path):
    monkeypatch.setattr("cnnlab.storage.bundles.writing.MIN_FREE_BYTES", 2**62)
    with pytest.raises(StorageError, match="leaves too little of the"):
        bundled(study.id, monkeypatch, tmp_path)


def left():
    return sorted(path.name for path in (workplace().home.jobs / "bundle").iterdir())


def test_bundles_go_with_their_study(study, monkeypatch, tmp_path):
    bundled(study.id, monkeypatch, tmp_path)
    lab.prepare_bundle(study.id, with_images=True)  # waits
    run = lab.study_runs(study.id)[1]
    lab.prepare_bundle(run.id)
    assert len(left()) == 3
    lab.delete_study(study.id)
    assert left() == []


def test_bundles_of_a_run_go_with_it_and_others_stay(study, monkeypatch, tmp_path):
    gone, other = lab.study_runs(study.id)
    for subject in (study.id, gone.id, other.id):
        lab.prepare_bundle(subject)
    lab.delete_run(gone.id)
    (name,) = left()
    assert name.startswith(other.id)
