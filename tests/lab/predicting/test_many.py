"""Many pictures: asked for, found again, told as a table; the worker is played by the test."""

import csv
import io
import zipfile

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, NotFoundError, RunStateError, StorageError
from cnnlab.domain.run import Status
from cnnlab.files import write_json
from cnnlab.jobs.asking import job_folder, queued_jobs
from cnnlab.jobs.kinds.predict import KIND
from cnnlab.jobs.state import Stage, end_job
from cnnlab.lab.predicting import many
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.picture_table import THUMBNAILS, write_table
from tests.datasets.uploads import encoded
from tests.made_evaluations import finish_evaluation
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
    assert lab.predictions_file_name(key) == "cnnlab-a-b-predictions.csv"
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


def test_a_run_that_was_resumed_has_another_table(run, tmp_path):
    """What its model said before isn't what it says."""
    token = uploaded(tmp_path, PICTURES)
    before = lab.start_predictions([run.id], token)
    finish(before)
    workplace().runs.update(run.id, attempt=2)
    Attempt(workplace().home.attempt(run.id, 2)).create(run.config)
    assert lab.latest_predictions(run.id) is None
    after = lab.start_predictions([run.id], token)
    assert after != before
    assert not lab.predictions_state(after).is_ended
    assert lab.latest_predictions(run.id) == after


def test_a_temperature_found_since_makes_another_table_with_its_column(run, tmp_path):
    token = uploaded(tmp_path, PICTURES)
    before = lab.start_predictions([run.id], token)
    finish(before)
    assert lab.start_predictions([run.id], token) == before
    finish_evaluation(run, "validation", temperature=1.7)
    after = lab.start_predictions([run.id], token)
    assert after != before
    assert lab.start_predictions([run.id], token) == after


def test_tables_are_deleted_with_a_run_that_was_asked(run, tmp_path):
    other = made_run(
        load_config({"dataset": run.config["dataset"]}), status=Status.FINISHED, name="Other"
    )
    token = uploaded(tmp_path, PICTURES)
    alone, both, others = (
        lab.start_predictions(runs, token) for runs in ([run.id], [run.id, other.id], [other.id])
    )
    finish(alone)
    finish(others)
    lab.delete_run(run.id)
    for key in (alone, both):  # the second one waited for a worker
        with pytest.raises(NotFoundError):
            lab.predictions_state(key)
        assert not job_folder(workplace().home, KIND, key).folder.exists()
    assert lab.predictions_state(others).is_ready


def test_what_the_command_line_has_read_is_kept_nowhere(run, tmp_path, monkeypatch):
    picture = tmp_path / "a.png"
    picture.write_bytes(PICTURES["red.png"])
    folder = workplace().home.jobs / KIND.name
    state = many.predictions_state

    def done(key):
        finish(key)
        return state(key)

    monkeypatch.setattr(many, "predictions_state", done)
    assert len(lab.predict_files(run.id, [picture])) == 3
    assert not list(folder.iterdir())

    def failed(key):
        end_job(job_folder(workplace().home, KIND, key), Stage.FAILED, "It holds no picture.")
        return state(key)

    monkeypatch.setattr(many, "predictions_state", failed)
    with pytest.raises(StorageError, match="holds no picture"):
        lab.predict_files(run.id, [picture])
    assert not list(folder.iterdir())
