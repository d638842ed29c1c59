"""Which prepared model of a run is served."""

import json

import pytest

from cnnlab.exports.serving import ready
from cnnlab.exports.serving.ready import ready_folder


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """Leaves what a worker leaves of a preparation, in a home."""
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path))

    def prepare(run, attempt, name, status="finished"):
        folder = tmp_path / "runs" / run / f"attempt-{attempt}" / "exports" / name
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps({"status": status}))
        return folder

    return prepare


def test_the_newest_attempt_that_is_ready_is_served(prepared, monkeypatch):
    assert ready_folder("r", None) is None
    prepared("r", 2, "onnx")
    tenth = prepared("r", 10, "onnx")
    assert ready_folder("r", None) == ready_folder("r", "onnx") == tenth
    assert ready_folder("r", "litert") is None
    assert ready_folder("r", None, calibrated=True) is None
    calibrated = prepared("r", 10, "onnx-calibrated")
    assert ready_folder("r", None, calibrated=True) == calibrated
    litert = prepared("r", 10, "litert")
    assert ready_folder("r", None) == litert
    monkeypatch.setitem(ready.RUNTIMES, "litert", "no_such_module")
    assert ready_folder("r", None) == tenth
    prepared("r", 11, "onnx", status="failed")
    assert ready_folder("r", None) is None


def test_what_is_damaged_or_no_run_is_not_ready(prepared):
    prepared("r", 1, "onnx").joinpath("result.json").write_text("[1")
    prepared("s", 1, "onnx").joinpath("result.json").write_text("[]")
    for run in ("r", "s", "", ".", "..", "../runs/r", "r/attempt-1", "r\0"):
        assert ready_folder(run, "onnx") is None
