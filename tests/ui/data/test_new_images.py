"""Images that come in: photos class by class, imports that go on, folders of the server."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.domain.words import IMPORT_STAGES
from cnnlab.jobs.state import Stage
from cnnlab.lab.data import drafts
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.ui.components.class_cards import class_cards
from cnnlab.ui.data import import_progress
from tests.datasets.made_uploads import csv_of, in_turn, numbered
from tests.datasets.uploads import images, make_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def importing(no_processes, monkeypatch):
    """Imports are done: by a supervisor's process and its workers."""
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", ensure_supervisor)


def keys(app):
    return {str(button.key) for button in app.button}


def gathered(*counts):
    """A draft of classes with so many pictures each."""
    token = drafts.begin_draft()
    for number, count in enumerate(counts):
        class_id = f"{number:08}"
        drafts.name_draft_class(token, class_id, ("cup", "=pen", "box")[number])
        for each in range(count):
            content = picture(10 * number + each)
            drafts.add_draft_picture(token, class_id, f"{each:08}", f"{each}.jpg", content)
    return token


def picture(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def pressed(monkeypatch):
    """What the button of the cards asks for, in the next run of the page only."""
    asked = []

    def cards(**words):
        shown.append(words["data"])
        return SimpleNamespace(make=asked.pop() if asked else None)

    shown = []
    monkeypatch.setattr(class_cards, "_cards", cards)
    return lambda draft, name="": asked.append({"draft": draft, "name": name}) or shown


def test_a_dataset_is_made_of_what_was_gathered(home, pressed, importing):
    app = open_page("data")
    token = gathered(2, 2)
    shown = pressed(token, "Desk")
    app.run()
    own = app.session_state["importing"]
    drafts.add_draft_picture(token, f"{1:08}", f"{7:08}", "late.jpg", picture(7))
    wait_until(lambda: lab.import_state(own).is_ended)
    app.run()
    assert not app.exception
    dataset = lab.load_dataset(app.session_state["import_result"])
    assert (dataset.name, dataset.classes) == ("Desk", {"=pen": 2, "cup": 2})
    assert {warning.kind for warning in dataset.warnings} == {"few_images", "few_judging"}
    assert app.run().selectbox(key="dataset_select").value == dataset.id
    assert (shown[-1]["done"], shown[-1]["left"]) == (token, True)  # the cards show the late one
    assert not app.session_state["new_images"]


def test_what_was_imported_is_told_though_the_cards_cannot_be_emptied(dataset, monkeypatch):
    def refuse(token):
        raise StorageError("Can't use the disk.")

    answer = SimpleNamespace(dataset=dataset.id)
    ended = SimpleNamespace(is_ended=True, choices=(), answer=answer, problem=None)
    app = open_page("data")
    monkeypatch.setattr(lab, "import_state", lambda token: ended)
    monkeypatch.setattr(drafts, "remove_imported", refuse)
    app.session_state["importing"] = "0" * 32
    app.run()
    assert not app.exception
    assert "48 images in 2 classes" in app.success[0].value


def test_who_makes_a_dataset_while_another_import_goes_on_is_told_to_wait(home, pressed):
    app = open_page("data")
    pressed(gathered(2, 2))
    app.run()
    first = app.session_state["importing"]  # nobody serves it: it waits
    pressed(gathered(2, 2))
    app.run()
    assert [one.value for one in app.warning if "Another import is still going on" in one.value]
    assert app.session_state["importing"] == first


def test_what_cannot_become_a_dataset_is_said_and_stays(home, pressed):
    app = open_page("data")
    token = gathered(2, 1)
    pressed(token)
    app.run()
    assert "has one picture" in errors(app)[0]
    assert len(drafts.draft_classes(token)) == 2


def test_more_pictures_of_several_classes_become_one_version(dataset, pressed):
    app = open_page("data")
    app.segmented_control(key="gather_into").set_value(True).run()
    token = gathered(2, 1)
    shown = pressed(token)
    app.run()
    newest = lab.newest_version(dataset.id)
    assert (newest.version, newest.images) == (2, dataset.images + 3)
    assert app.selectbox(key="dataset_select").value == newest.id
    assert shown[-1]["target"] == newest.id
    assert (shown[-1]["done"], shown[-1]["left"]) == (token, False)  # the cards are empty again
    assert {each["name"] for each in shown[-1]["classes"]} == {"cup", "=pen", *dataset.classes}


def test_what_brings_images_in_is_folded_once_there_is_a_dataset(home, upload, monkeypatch):
    assert open_page("data").session_state["new_images"]
    lab.import_dataset(upload, name=lab.SAMPLE_NAME)
    assert open_page("data").session_state["new_images"]
    lab.import_dataset(upload, name="Mine")
    app = open_page("data")
    assert not app.session_state["new_images"]
    assert "import_dataset" in keys(app)  # it is there for a file that is dropped
    app.session_state["new_images"] = True
    assert app.run().session_state["new_images"]
    lab.import_dataset(upload, name="Mine too")
    assert not app.run().session_state["new_images"]
    monkeypatch.setattr("cnnlab.ui.data.new_images.has_upload", lambda: True)
    assert app.run().session_state["new_images"]


def test_progress_says_how_fast_and_how_long(monkeypatch):
    monkeypatch.setattr(import_progress.time, "time", lambda: 1010.0)

    def words_of(stage, done, total):
        words = IMPORT_STAGES[stage]
        state = lab.ImportState(Stage.RUNNING, None, None, words, done, total, 1000.0)
        return import_progress._words(state)

    assert import_progress._words(lab.ImportState(phase="Waiting for a worker")) == (
        "Waiting for a worker"
    )
    assert words_of("reading", 0, 0) == "Opening the file, 10\u00a0s so far"
    assert (
        words_of("reading", 100, 1000)
        == "Reading 100 of 1,000 images, 10 a second, 2\u00a0min left"
    )
    assert words_of("reading", 5000, 5000) == "All 5,000 images are read, 10\u00a0s so far"
    assert words_of("glancing", 3, 12) == (
        "All images are read. Looking for images that are alike, 25\u00a0%"
    )


def test_a_page_that_is_loaded_again_finds_the_import(home, upload, importing):
    token = lab.begin_upload("shades.zip", upload.stat().st_size)
    lab.append_chunk(token, 0, upload.read_bytes())
    lab.start_import(token, name="Shades")
    app = open_page("data")
    app.query_params["import"] = token
    wait_until(lambda: "48 images in 2 classes" in words(app), tick=app.run)
    assert "import" not in app.query_params
    app.query_params["import"] = "0" * 32
    app.run()
    assert not app.exception and errors(app) == []


def test_an_import_that_lacks_a_choice_offers_it_as_buttons(home, tmp_path, importing):
    paths = numbered("images", 12)
    several = csv_of(("file", "tags"), in_turn(paths, ["a;b", "b;c", "c"]))
    upload = make_zip(tmp_path / "tags.zip", images(*paths) | {"labels.csv": several})
    token = lab.begin_upload("tags.zip", upload.stat().st_size)
    lab.append_chunk(token, 0, upload.read_bytes())
    lab.start_import(token, name="Tags")
    app = open_page("data")
    app.query_params["import"] = token
    wait_until(lambda: any("several labels" in one.value for one in app.warning), tick=app.run)
    assert errors(app) == []
    assert "--several" not in app.warning[0].value
    assert app.button(key="choose_first").label.endswith("3 classes, 12 images")
    app.button(key="choose_first").click().run()
    wait_until(lambda: "12 images in 3 classes" in words(app), tick=app.run)
    assert lab.list_datasets()[0].classes == {"a": 4, "b": 4, "c": 4}


def test_an_allowed_folder_of_the_server_is_imported(home, upload, importing, monkeypatch):
    assert "server_path" not in {box.key for box in open_page("data").text_input}
    monkeypatch.setenv("CNNLAB_IMPORT_ROOTS", str(upload.parent))
    app = open_page("data")
    app.text_input(key="server_path").set_value("/etc/passwd").run()
    app.button(key="import_server").click().run()
    assert "is not in a folder that may be imported from" in errors(app)[0]
    token = lab.start_server_import(str(upload), name="On the disk")
    ended = wait_until(lambda: (found := lab.import_state(token)).is_ended and found)
    assert lab.load_dataset(ended.answer.dataset).images == 48
    assert upload.exists()
