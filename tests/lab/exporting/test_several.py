"""Several formats of a run: all of them at a glance, one closely, and as one zip."""

import hashlib
import io
import shutil
import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, DamagedError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.lab.runs import newest_attempt
from tests.made_evaluations import finish_evaluation
from tests.made_exports import finish
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(
        load_config({"dataset": dataset.id}), status=Status.FINISHED, name="'\"<🦊" * 50
    )


def zipped(pieces):
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def by_name(rows):
    return {row.format.name: row for row in rows}


def test_every_format_is_told_with_where_it_stands(run):
    finish(run, "onnx", "model.onnx")
    lab.prepare_model(run.id, "keras")
    rows = by_name(lab.export_overview(run.id))
    assert list(rows) == [each.name for each in lab.export_formats()]
    assert rows["onnx"].is_ready and not rows["onnx"].is_under_way
    assert rows["onnx"].download_bytes == lab.model_package(run.id, "onnx").stat().st_size
    assert rows["keras"].download_bytes == 0
    assert rows["keras"].is_under_way and not rows["keras"].is_ready
    for name, row in rows.items():
        assert row.state == lab.model_state(run.id, name)
    with pytest.raises(NotFoundError):
        lab.export_overview("nobody")


def test_calibrated_ones_have_a_place_of_their_own(run):
    finish_evaluation(run, "validation", temperature=1.7)
    finish(run, "onnx-calibrated", "model.onnx")
    assert not by_name(lab.export_overview(run.id))["onnx"].is_ready
    rows = by_name(lab.export_overview(run.id, calibrated=True))
    assert rows["onnx"].is_ready and rows["onnx"].calibrated
    for row in rows.values():
        assert row.calibrated is (row.format.group in ("model", "page"))
    assert (
        "onnx/model.onnx" in zipped(lab.exports_zip(run.id, ["onnx"], calibrated=True)).namelist()
    )


def test_a_download_is_described_by_what_it_is(run):
    package = finish(run, "onnx", "model.onnx", b"x" * 3000)
    details = lab.export_details(run.id, "onnx")
    assert details.name == lab.package_name(run.id, "onnx")
    assert details.bytes == package.stat().st_size
    assert details.sha256 == hashlib.sha256(package.read_bytes()).hexdigest()
    assert {each.name: each.bytes for each in details.members} == {
        "model.onnx": 3000,
        "predict.py": 24,
    }
    assert details.texts == {"predict.py": "print('a usage example')"}
    finish(run, "onnx", "model.onnx", b"another")  # prepared anew
    again = lab.export_details(run.id, "onnx")
    assert again.sha256 != details.sha256
    package.write_bytes(b"damaged")
    with pytest.raises(DamagedError, match="have it prepared again"):
        lab.export_details(run.id, "onnx")


def test_several_formats_come_as_one_zip_with_a_folder_each(run):
    content = b"x" * 3_000_000
    for name in ("keras", "onnx"):
        finish(run, name, f"model.{name}", content)
    archive = zipped(lab.exports_zip(run.id, ["onnx", "keras", "onnx"]))
    assert archive.testzip() is None
    names = {
        f"{name}/{file}" for name in ("keras", "onnx") for file in (f"model.{name}", "predict.py")
    }
    assert set(archive.namelist()) == names | {"SHA256SUMS", "README.txt"}
    assert archive.read("keras/model.keras") == content
    for line in archive.read("SHA256SUMS").decode().splitlines():
        digest, name = line.split("  ")
        assert digest == hashlib.sha256(archive.read(name)).hexdigest()
    assert lab.exports_name(run.id) == f"cnnlab-{run.id}-formats.zip"


def test_the_zip_says_what_it_is_and_how_each_folder_is_used(run):
    finish(run, "onnx", "model.onnx")
    lab.prepare_model(run.id, "report")
    archive = zipped(lab.exports_zip(run.id, ["onnx", "report"]))
    assert archive.namelist()[0] == "README.txt"
    text = archive.read("README.txt").decode()
    assert run.id in text and f"Dataset:  {lab.load_dataset(run.dataset).name}" in text
    assert "Accuracy: Best epoch 3: 52.0\u00a0%" in text and "'\"<🦊" in text
    assert "onnx/  ONNX" in text and "python onnx/predict.py PICTURE" in text
    assert "same class in 100.0\u00a0%" in text and "report/  Report" in text
    assert "report/predict.py" not in text


def test_the_zip_is_whole_though_its_run_is_deleted_while_it_is_sent(run):
    finish(run, "onnx", "model.onnx", b"x" * 3_000_000)
    pieces = lab.exports_zip(run.id, ["onnx"])
    first = next(pieces)
    lab.delete_run(run.id)
    assert zipped([first, *pieces]).testzip() is None


def test_what_is_not_ready_is_named_before_anything_is_sent(run):
    package = finish(run, "onnx", "model.onnx")
    with pytest.raises(RunStateError, match=r"Keras of the run .* is not ready: prepare"):
        lab.exports_zip(run.id, ["onnx", "keras"])
    with pytest.raises(BadInputError, match="must be one of"):
        lab.exports_zip(run.id, ["../onnx"])
    with pytest.raises(BadInputError, match="at least one format"):
        lab.exports_zip(run.id, [])
    package.write_bytes(b"damaged")
    with pytest.raises(DamagedError, match="have it prepared again"):
        lab.exports_zip(run.id, ["onnx"])
    shutil.rmtree(newest_attempt(run).folder)
    with pytest.raises(RunStateError, match="not ready"):
        lab.exports_zip(run.id, ["onnx"])
