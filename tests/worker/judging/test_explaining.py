"""A real run's model explained: images of its dataset and files as a job, one over the socket."""

import contextlib
import threading
from dataclasses import replace

import numpy as np
import pytest

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.errors import (
    BadInputError,
    CancelledError,
    RunStateError,
    StorageError,
    UploadError,
)
from cnnlab.domain.explaining.methods import HIRESCAM, METHODS
from cnnlab.jobs.kinds.answer_pictures import SOCKET, AnswerRequest
from cnnlab.jobs.kinds.explain import ExplainRequest, explanation_folder
from cnnlab.jobs.messages import connect, receive_message, send_message
from cnnlab.storage.attempts.explanation import read_check, write_check
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.worker.judging.explaining import explain_pictures
from cnnlab.worker.process.answering import answer_pictures
from tests.waiting import wait_until
from tests.worker.conftest import do

ROWS = ExplainRequest("a", 1, HIRESCAM, "predicted", "", [3, 60, 100], [])


@pytest.fixture(scope="module")
def index(run):
    """Of the run's dataset."""
    return ImageIndex(next(open_home().datasets.glob("*/")))


def explained(run, request, key="0"):
    files = explanation_folder(run.attempt, key)
    files.folder.mkdir(parents=True, exist_ok=True)
    return do(explain_pictures, request, files), files.read_maps()


@pytest.mark.parametrize("method", METHODS)
def test_images_of_the_dataset_have_maps_and_are_told_as_the_model_says_them(run, index, method):
    answer, maps = explained(run, replace(ROWS, method=method))
    probabilities = run.model.predict(run.images[ROWS.rows].astype(np.float32), verbose=0)
    said = [index.class_names[label] for label in probabilities.argmax(axis=1)]
    assert [one["predicted"] for one in answer["pictures"]] == said
    assert [one["class"] for one in answer["pictures"]] == said
    assert [one["row"] for one in answer["pictures"]] == ROWS.rows
    assert [one["file"] for one in answer["pictures"]] == [index.files[row] for row in ROWS.rows]
    np.testing.assert_allclose(
        [one["probability"] for one in answer["pictures"]], probabilities.max(axis=1), atol=1e-5
    )
    np.testing.assert_array_equal(maps.squares, run.images[ROWS.rows])
    assert len(maps.values) == 3
    assert np.isfinite(maps.values).all()
    assert (answer["layer"] is not None) == (method == HIRESCAM)
    for one in answer["pictures"]:
        assert 0 <= one["against"] <= 1
        assert (one["miss"] is not None) == (method == "integrated_gradients")


def test_the_true_class_and_any_by_name_can_be_asked_for(run, index):
    true, _ = explained(run, replace(ROWS, about="true"))
    labels = index.labels[ROWS.rows]
    assert [one["class"] for one in true["pictures"]] == [index.class_names[at] for at in labels]
    named, of_dark = explained(run, replace(ROWS, about="class", class_name="dark"))
    assert {one["class"] for one in named["pictures"]} == {"dark"}
    _, of_bright = explained(run, replace(ROWS, about="class", class_name="bright"))
    assert np.abs(of_dark.values - of_bright.values).max() > 0
    with pytest.raises(BadInputError, match="no class 'red'; it knows: bright, dark, middle"):
        explained(run, replace(ROWS, about="class", class_name="red"))


def test_files_are_explained_and_those_that_are_none_are_named(run, index, tmp_path):
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(index.read_bytes(60))
    bad.write_text("no picture")
    sources = [(str(path), path.name) for path in (bad, good)]
    answer, maps = explained(run, replace(ROWS, rows=[], sources=sources))
    of_row, row_maps = explained(run, replace(ROWS, rows=[60]))
    assert [(one["file"], one["row"]) for one in answer["pictures"]] == [("good.png", None)]
    assert [one["file"] for one in answer["refused"]] == ["bad.png"]
    assert answer["pictures"][0]["predicted"] == of_row["pictures"][0]["predicted"]
    np.testing.assert_allclose(maps.values, row_maps.values, rtol=1e-3)
    with pytest.raises(UploadError, match=r"None of the files .* 'bad.png'"):
        explained(run, replace(ROWS, rows=[], sources=sources[:1]))


def test_the_check_is_made_once_and_kept_with_the_run(run):
    first = explained(run, ROWS)[0]["check"]
    assert read_check(run.attempt.folder, HIRESCAM) == first
    assert first["pictures"] == 12
    assert -1 <= first["signed"] <= 1
    assert -1 <= first["sizes"] <= 1
    write_check(run.attempt.folder, {**first, "pictures": 5})
    assert explained(run, ROWS)[0]["check"]["pictures"] == 5
    write_check(run.attempt.folder, first)


@pytest.mark.parametrize("problem", [StorageError("the disk is full"), RunStateError("no")])
def test_maps_stay_where_the_check_fails(run, monkeypatch, problem):
    from cnnlab.worker.judging import shuffle_check  # noqa: PLC0415 - TensorFlow

    def fail(*_):
        raise problem

    monkeypatch.setattr(shuffle_check, "check_method", fail)
    answer, maps = explained(run, ROWS, "unchecked")
    assert answer["check"] is None
    assert len(answer["pictures"]) == len(maps.values) == 3


@pytest.fixture
def served(run, tmp_path):
    """The job that answers pictures, in a thread."""
    files = JobFolder(tmp_path)

    def serve():
        with contextlib.suppress(CancelledError):
            do(answer_pictures, AnswerRequest(idle_seconds=30), files)

    thread = threading.Thread(target=serve)
    thread.start()
    wait_until((tmp_path / SOCKET).exists)
    yield files
    files.ask_to_stop()
    thread.join(20)


def told(files, content, explain):
    runs = [{"run": "a", "run_name": "a", "attempt": 1}]
    values = {"runs": runs, "name": "x.png", "explain": explain}

    def answer():
        with contextlib.closing(connect(files.folder / SOCKET, seconds=5)) as client:
            send_message(client, values, content, seconds=5)
            got, _ = receive_message(client, most_bytes=0, seconds=20)
        return None if "phase" in got else got["predictions"][0]

    return wait_until(answer)


def test_a_picture_that_is_tried_comes_with_its_map(run, index, served):
    content = index.read_bytes(60)
    batch = explained(run, replace(ROWS, rows=[60]))[0]["pictures"][0]
    [kept] = run.attempt.folder.glob(f"explanation-check-{HIRESCAM}-*.json")
    kept.unlink()
    said = told(served, content, {"method": HIRESCAM, "class_name": ""})
    explanation = said["explanation"]
    assert explanation["facts"]["class"] == said["class"] == batch["predicted"]
    assert explanation["facts"]["against"] == pytest.approx(batch["against"], abs=1e-4)
    assert explanation["overlay"].startswith("data:image/png;base64,")
    assert any(
        words.startswith("The map is of a picture inside the network: layer '")
        for words in explanation["words"]
    )
    later = {"method": HIRESCAM, "class_name": "dark"}
    check = wait_until(lambda: told(served, content, later)["explanation"]["check"])
    assert check == read_check(run.attempt.folder, HIRESCAM), "found out meanwhile, and kept"
    assert "explanation" not in told(served, content, None)
    for asked, words in (
        ({"method": HIRESCAM, "class_name": "red"}, "no class 'red'"),
        ({"method": "guess", "class_name": ""}, "must be one of hirescam"),
    ):
        explanation = told(served, content, asked)["explanation"]
        assert words in explanation["problem"]
        assert "overlay" not in explanation
