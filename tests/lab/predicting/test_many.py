"""Many pictures: asked for, found again, told as a table; the worker is played by the test."""

import csv
import io
import zipfile

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.jobs.asking import job_folder, queued_jobs
from cnnlab.jobs.kinds.predict import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.workplace import workplace
from cnnlab.storage.picture_table import THUMBNAILS, write_table
from tests.datasets.uploads import encoded
from tests.made_runs import made_run, no_supervisor
from tests.made_tables import made_table

PICTURES = {
    name: encoded(Image.new("RGB", (8, 8), name.removesuffix(".png")), "PNG")
    for name in ("red.png", "blue.png")
}


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED, name="First")


def uploaded(tmp_path, contents, name="pics.zip"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, content in contents.items():
            archive.writestr(file, content)
    content = buffer.getvalue()
    token = lab.begin_upload(name, len(content))
    lab.append_chunk(token, 0, content)
    return token


@pytest.fixture
def key(run, tmp_path):
    token = uploaded(tmp_path, {**PICTURES, "note.txt": b"note"})
    return lab.start_predictions([run.id], token)


def finish(key, **named):
    """Leave what a worker leaves."""
    files = job_folder(workplace().home, KIND, key)
    table, thumbnails = made_table(**named)
    (files.folder / THUMBNAILS).write_bytes(thumbnails)
    write_table(files.folder, table)
    answer = {"pictures": 2, "refused": 1, "problems": {}}
    write_json(files.result, {"status": "finished", "answer": answer, "seconds": 1.0})


def test_an_upload_is_asked_about_once_and_found_again(run, tmp_path):
    assert lab.latest_predictions(run.id) is None
    token = uploaded(tmp_path, PICTURES)
    key = lab.start_predictions([run.id], token)
    assert lab.start_predictions([run.id], token) == key
    (job,) = queued_jobs(workplace().home)
    assert job.kind is KIND
    assert lab.predictions_state(key).phase == "Waiting for a worker"
    with pytest.raises(BadInputError):
        lab.predictions_table(key)
    finish(key)
    state = lab.predictions_state(key)
    assert state.is_ready
    assert (state.answer.pictures, state.answer.refused) == (2, 1)
    assert lab.latest_predictions(run.id) == key
    assert lab.latest_predictions("other") is None
    assert lab.predictions_thumbnail(key, 1) == b"second"


def test_a_run_without_a_model_and_too_many_of_them_are_refused_before_anything_begins(
    run, tmp_path
):
    begun = made_run(load_config({"dataset": run.config["dataset"]}), name="Begun")
    token = uploaded(tmp_path, PICTURES)
    for runs, words in (
        ([begun.id], "hasn't ended"),
        (["gone"], "There is no run 'gone'"),
        ([], "Name 1 to 4 different runs"),
        (["a", "b", "c", "d", "e"], "Name 1 to 4 different runs"),
    ):
        with pytest.raises(BadInputError, match=words):
            lab.start_predictions(runs, token)
    with pytest.raises(NotFoundError):
        lab.start_predictions([run.id], "0" * 32)
    assert not list(queued_jobs(workplace().home))


def test_the_table_is_a_csv_in_which_no_cell_is_a_formula(key):
    finish(key, runs=("a", "b"), files=("=cmd|x.png", "@b.png", "-c.txt"))
    rows = list(csv.DictReader(io.StringIO(lab.predictions_csv(key).decode())))
    assert len(rows) == 5  # two runs of two pictures, and a file that is none
    assert [row["file"] for row in rows] == ["'=cmd|x.png"] * 2 + ["'@b.png"] * 2 + ["'-c.txt"]
    assert rows[0] | {"file": ""} == {
        "file": "", "run": "a", "run_name": "First", "class": "dark", "probability": "0.75",
        "calibrated_probability": "0.625", "unlike": "0", "class_2": "bright",
        "probability_2": "0.25", "class_3": "", "probability_3": "", "class_4": "",
        "probability_4": "", "class_5": "", "probability_5": "", "reason": "",
    }  # fmt: skip
    assert (rows[2]["unlike"], rows[1]["unlike"]) == ("1", "")
    assert (rows[4]["reason"], rows[4]["class"]) == ("not an image", "")


def test_pictures_are_read_again_as_they_came(key):
    finish(key, files=("red.png", "blue.png", "note.txt"))
    found = list(lab.predicted_pictures(key, [1, 0]))
    assert found == [("blue.png", PICTURES["blue.png"]), ("red.png", PICTURES["red.png"])]
    for row in (2, 7):
        with pytest.raises(NotFoundError, match="no longer there"):
            list(lab.predicted_pictures(key, [row]))


def test_what_is_cancelled_or_failed_can_be_asked_again_and_deleted(run, tmp_path):
    token = uploaded(tmp_path, PICTURES)
    key = lab.start_predictions([run.id], token)
    lab.cancel_predictions(key)
    assert lab.predictions_state(key).stage is Stage.CANCELLED
    lab.start_predictions([run.id], token)
    assert lab.predictions_state(key).stage is Stage.WAITING
    with pytest.raises(RunStateError, match="cancel them before"):
        lab.delete_predictions(key)
    end_job(job_folder(workplace().home, KIND, key), Stage.FAILED, "The disk is full.")
    with pytest.raises(BadInputError, match="The disk is full"):
        lab.predictions_table(key)
    lab.delete_predictions(key)
    assert lab.latest_predictions(run.id) is None
    for gone in (key, "../../runs", ""):
        with pytest.raises(NotFoundError, match="no longer there"):
            lab.predictions_state(gone)
