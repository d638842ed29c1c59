"""A run's model as a server: prepared where need be, written as a folder."""

from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, ExportError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.exports.serving import ready
from cnnlab.files import write_json
from cnnlab.lab.runs import newest_attempt
from tests.exports.serving.made_server import NAMES, made_model
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


def finish(run, name="onnx"):
    """Leave what a worker leaves of a preparation."""
    folder = newest_attempt(run).folder / "exports" / name
    made_model(folder, packed=True)
    write_json(folder / "result.json", {"status": "finished", "answer": CHECK, "seconds": 1.0})
    return folder


def test_a_model_that_is_there_is_served_as_the_formats_find_it(make):
    run = make(Status.FINISHED)
    folder = finish(run)
    assert lab.prepare_server(run.id) == lab.prepare_server(run.id, "onnx") == folder
    assert lab.model_state(run.id, "onnx").answer == CHECK
    line = lab.serve_line(run.id, "onnx", calibrated=True)
    assert line.endswith(f"cnnlab serve {run.id} --runtime onnx --calibrated")
    assert lab.serve_line(run.id, "keras") is None


def test_what_is_not_there_is_prepared_first(make, monkeypatch):
    run = make(Status.FINISHED)

    def work(state, on_phase):
        on_phase("Preparing")
        finish(run)
        return state()

    monkeypatch.setattr("cnnlab.lab.exporting.preparing.wait_for", work)
    said = []
    folder = lab.prepare_server(run.id, "onnx", on_phase=said.append)
    assert (folder / "model.onnx").exists() and said == ["Preparing"]


def test_a_run_without_a_model_or_without_a_runtime_is_refused(make, monkeypatch):
    with pytest.raises(NotFoundError, match="no run 'x'"):
        lab.prepare_server("x")
    with pytest.raises(RunStateError, match="has no model: wait until it has ended"):
        lab.prepare_server(make(Status.RUNNING).id, "onnx")
    monkeypatch.setitem(ready.RUNTIMES, "onnx", "no_such_module")
    with pytest.raises(ExportError, match="run `pip install onnxruntime`, then try again"):
        lab.prepare_server(make(Status.FINISHED).id, "onnx")


def test_a_server_is_written_to_a_new_folder_whole_or_not_at_all(make, tmp_path, monkeypatch):
    run, to = make(Status.FINISHED), tmp_path / "a" / "server"
    to.parent.mkdir()
    finish(run)
    told = lab.server_folder(run.id, to, "onnx")
    assert (told["folder"], told["run"], told["format"]) == (str(to), run.id, "onnx")
    written = {str(path.relative_to(to)) for path in to.rglob("*") if path.is_file()}
    assert written == set(told["files"]) >= {"model.onnx", "model.json", "serve.py", "Dockerfile"}
    assert NAMES[1] in (to / "model.json").read_text(encoding="utf-8")
    with pytest.raises(BadInputError, match="isn't there yet, or is empty"):
        lab.server_folder(run.id, to, "onnx")
    monkeypatch.setattr("shutil.copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(Exception, match="The disk is full"):
        lab.server_folder(run.id, tmp_path / "a" / "other", "onnx")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["server"]


def test_a_server_is_written_into_the_empty_folder_one_stands_in(make, tmp_path, monkeypatch):
    run, to = make(Status.FINISHED), tmp_path / "server"
    finish(run)
    to.mkdir()
    monkeypatch.chdir(to)
    assert lab.server_folder(run.id, Path(), "onnx")["folder"] == str(to)
    assert (to / "serve.py").exists()


@pytest.mark.parametrize("to", ["/", "..", "a/.."])
def test_a_place_without_a_name_is_refused(make, to):
    with pytest.raises(BadInputError, match="--to must be a folder with a name of its own"):
        lab.server_folder(make(Status.FINISHED).id, Path(to), "onnx")
