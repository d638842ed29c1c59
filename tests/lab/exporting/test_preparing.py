"""Models to take along in any format: prepared when they are wanted, found again, copied."""

from types import SimpleNamespace

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, ExportError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.exports import packages
from cnnlab.files import read_json, write_json
from cnnlab.jobs.asking import queued_jobs
from cnnlab.lab.exporting import calibration, preparing
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor

CHECK = {
    "max_abs_difference": 1e-7,
    "top1_agreement": 1.0,
    "milliseconds_per_image": 0.5,
    "bytes": 5,
}


@pytest.fixture
def make(dataset, monkeypatch):
    """Makes a run with three epochs and without a model file."""
    no_supervisor(monkeypatch)
    return lambda status: made_run(load_config({"dataset": dataset.id}), status=status)


def finish(run, name, suffix):
    """Leave what a worker leaves of a preparation."""
    folder = newest_attempt(run).folder / "exports" / name
    (folder / f"model{suffix}").write_bytes(b"model")
    (folder / "model.zip").write_bytes(b"package")
    write_json(folder / "result.json", {"status": "finished", "answer": CHECK, "seconds": 1.0})


PREPARED = [
    each for each in lab.export_formats() if each.group == "model" and each.pip_line is None
]


@pytest.mark.parametrize("each", PREPARED, ids=lambda each: each.name)
@pytest.mark.parametrize("status", [Status.FINISHED, Status.STOPPED])
def test_a_model_is_prepared_once_and_found_again(make, each, status, tmp_path):
    run = make(status)
    assert lab.model_state(run.id, each.name) is None
    lab.prepare_model(run.id, each.name)
    assert not lab.prepare_model(run.id, each.name).is_ended
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith(f"runs/{run.id}/attempt-1/exports/{each.name}")
    finish(run, each.name, each.suffix)
    assert lab.model_state(run.id, each.name).answer == CHECK
    assert lab.model_package(run.id, each.name).read_bytes() == b"package"
    assert run.id in lab.package_name(run.id, each.name)
    for target in (tmp_path, tmp_path / f"a{each.suffix}", tmp_path / "a.zip"):
        told = lab.export_run(run.id, each.name, target)
        assert told.keys() == CHECK.keys() | {"file", "format"}
        assert told["format"] == each.name
    (named,) = tmp_path.glob(f"{run.id}*")
    assert named.name.endswith(each.suffix) and named.read_bytes() == b"model"
    assert (tmp_path / "a.zip").read_bytes() == b"package"
    lab.delete_run(run.id)
    assert not newest_attempt(run).folder.exists()


def test_no_two_formats_of_a_run_are_called_alike_in_a_folder(make, tmp_path):
    run = make(Status.FINISHED)
    for each in PREPARED:
        lab.prepare_model(run.id, each.name)
        finish(run, each.name, each.suffix)
        lab.export_run(run.id, each.name, tmp_path)
    names = {path.name for path in tmp_path.glob(f"{run.id}*")}
    assert len(names) == len(PREPARED)
    assert {f"{run.id}.keras", f"{run.id}-litert.tflite", f"{run.id}-litert_int8.tflite"} <= names


def test_a_preparation_is_cancelled_and_can_be_asked_for_again(make):
    run = make(Status.FINISHED)
    lab.prepare_model(run.id, "onnx")
    lab.cancel_export(run.id, "onnx")
    assert lab.model_state(run.id, "onnx").problem == "Cancelled: nothing was stored."
    assert not lab.prepare_model(run.id, "onnx").is_ended
    with pytest.raises(BadInputError, match="must be one of"):
        lab.cancel_export(run.id, "../keras")


def test_formats_do_not_stand_in_for_each_other(make):
    run = make(Status.FINISHED)
    lab.prepare_model(run.id, "onnx")
    finish(run, "onnx", ".onnx")
    assert lab.model_state(run.id, "keras") is None
    with pytest.raises(RunStateError, match="has no model"):
        lab.model_package(run.id, "keras")


def test_a_calibrated_model_has_the_temperature_of_the_evaluation_and_a_place_of_its_own(
    make, tmp_path
):
    run = make(Status.FINISHED)
    with pytest.raises(RunStateError, match="hasn't been evaluated on its validation images"):
        lab.prepare_model(run.id, "keras", calibrated=True)
    finish_evaluation(run, "validation", temperature=1.7)
    assert lab.calibration_temperature(run.id) == 1.7
    assert not lab.prepare_model(run.id, "keras", calibrated=True).is_ended
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith("attempt-1/exports/keras-calibrated")
    assert read_json(queued.files.request)["temperature"] == 1.7
    assert lab.model_state(run.id, "keras") is None
    finish(run, "keras-calibrated", ".keras")
    assert lab.model_state(run.id, "keras", calibrated=True).answer == CHECK
    assert lab.model_package(run.id, "keras", calibrated=True).read_bytes() == b"package"
    assert lab.package_name(run.id, "keras", calibrated=True) == f"cnnlab-{run.id}-calibrated.zip"
    told = lab.export_run(run.id, "keras", tmp_path, calibrated=True)
    assert told["file"] == str(tmp_path / f"{run.id}-calibrated.keras")
    with pytest.raises(RunStateError, match="has no model"):
        lab.model_package(run.id, "keras")
    lab.prepare_model(run.id, "onnx", calibrated=True)
    lab.cancel_export(run.id, "onnx", calibrated=True)
    assert lab.model_state(run.id, "onnx", calibrated=True).stage == "cancelled"


def evaluated_with(monkeypatch, threshold):
    """An evaluation from which such a threshold follows: these few images give none."""
    monkeypatch.setattr(calibration, "answering_threshold", lambda *_: threshold)
    monkeypatch.setattr(preparing, "answering_threshold", lambda *_: threshold)


def test_what_was_made_before_the_evaluation_says_so_and_is_made_anew(make, monkeypatch, tmp_path):
    run = make(Status.FINISHED)
    for name, suffix in (("onnx", ".onnx"), ("script", ".py")):
        lab.prepare_model(run.id, name)
        finish(run, name, suffix)
    row = {each.format.name: each for each in lab.export_overview(run.id)}
    assert row["onnx"].is_ready and not row["onnx"].is_outdated
    finish_evaluation(run, "validation")
    evaluated_with(monkeypatch, 0.8)
    row = {each.format.name: each for each in lab.export_overview(run.id)}
    assert row["onnx"].is_ready and row["onnx"].is_outdated
    assert not row["script"].is_outdated and not row["litert"].is_outdated
    assert lab.prepare_model(run.id, "script").is_ready  # it has no threshold
    monkeypatch.setattr("cnnlab.lab.work.time", SimpleNamespace(sleep=lambda _: made_anew(run)))
    lab.export_run(run.id, "onnx", tmp_path)
    assert (
        read_json(newest_attempt(run).folder / "exports" / "onnx" / "request.json")["threshold"]
        == 0.8
    )
    (row,) = [each for each in lab.export_overview(run.id) if each.format.name == "onnx"]
    assert row.is_ready and not row.is_outdated
    assert lab.prepare_model(run.id, "onnx").is_ready


def made_anew(run):
    (queued,) = [job for job in queued_jobs(workplace().home) if job.name.endswith("onnx")]
    assert not queued.files.result.exists()
    finish(run, "onnx", ".onnx")


def test_a_calibrated_model_of_another_temperature_is_made_anew(make):
    run = make(Status.FINISHED)
    finish_evaluation(run, "validation", temperature=1.7)
    lab.prepare_model(run.id, "onnx", calibrated=True)
    finish(run, "onnx-calibrated", ".onnx")
    assert lab.prepare_model(run.id, "onnx", calibrated=True).is_ready
    finish_evaluation(run, "validation", temperature=1.2)
    rows = lab.export_overview(run.id, calibrated=True)
    assert [row.format.name for row in rows if row.is_outdated] == ["onnx"]
    assert not lab.prepare_model(run.id, "onnx", calibrated=True).is_ended
    folder = newest_attempt(run).folder / "exports" / "onnx-calibrated"
    assert read_json(folder / "request.json")["temperature"] == 1.2


def test_what_gives_no_probabilities_is_never_a_calibrated_one(make):
    run = make(Status.FINISHED)
    finish_evaluation(run, "validation", temperature=1.7)
    lab.prepare_model(run.id, "script", calibrated=True)
    (queued,) = queued_jobs(workplace().home)
    assert queued.name.endswith("exports/script")
    assert "calibrated" not in lab.package_name(run.id, "script", calibrated=True)
    assert not lab.model_state(run.id, "script", calibrated=True).is_ended
    lab.cancel_export(run.id, "script", calibrated=True)
    assert lab.model_state(run.id, "script").stage == "cancelled"


def test_a_temperature_that_helps_nothing_is_offered_to_nobody(make):
    run = make(Status.FINISHED)
    finish_evaluation(run, "validation", right=0.75, sure=0.75)
    assert lab.calibration_temperature(run.id) is None
    with pytest.raises(RunStateError, match="No temperature makes .* export the model as it is"):
        lab.prepare_model(run.id, "keras", calibrated=True)


def test_who_waits_for_the_model_of_a_run_that_is_resumed_is_told(make, monkeypatch, tmp_path):
    run = make(Status.STOPPED)

    def resume(seconds):
        again = lab.resume_run(run.id)
        Attempt(workplace().home.attempt(run.id, again.attempt)).create(run.config)

    monkeypatch.setattr("cnnlab.lab.work.time", SimpleNamespace(sleep=resume))
    with pytest.raises(RunStateError, match="is queued and has no model: wait until it has ended"):
        lab.export_run(run.id, "onnx", tmp_path)


@pytest.mark.parametrize("status", [Status.FINISHED, Status.STOPPED, Status.FAILED])
def test_who_asks_for_a_model_that_can_be_prepared_is_told_how(make, status):
    with pytest.raises(RunStateError, match="has no model: prepare it on the run's page"):
        lab.model_package(make(status).id)


def test_what_cannot_be_prepared_is_refused_before_anything_is_queued(make, monkeypatch, tmp_path):
    run = make(Status.RUNNING)
    with pytest.raises(RunStateError, match="wait until it has ended"):
        lab.prepare_model(run.id, "onnx")
    with pytest.raises(BadInputError, match="must be one of"):
        lab.prepare_model(run.id, "../keras")
    with pytest.raises(BadInputError, match=r"must end in \.onnx or \.zip"):
        lab.export_run(run.id, "onnx", tmp_path / "model.keras")
    monkeypatch.setattr(packages, "_optional_dependencies", lambda: {"onnx": ["no-such>=1"]})
    with pytest.raises(ExportError, match="pip install 'no-such>=1'"):
        lab.prepare_model(make(Status.FINISHED).id, "onnx")
    assert list(queued_jobs(workplace().home)) == []
