"""The parts of the data page: report, gallery, versions, camera."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.fixes import Relabel
from cnnlab.ui import camera_form, gallery, import_form
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def troubled(home, upload):
    """A dataset with an exact copy and one picture in two classes."""
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/copy.png", archive.read("dark/3.png"))
        archive.writestr("bright/wrong.png", archive.read("dark/7.png"))
    return lab.import_dataset(upload, name="Troubled")


def open_part(dataset, part):
    app = open_page("data")
    app.session_state[f"dataset_part_{dataset.id}"] = part
    app.run()
    assert not app.exception
    return app


def test_the_report_offers_remedies_and_each_makes_a_version(troubled):
    app = open_part(troubled, "report")
    assert "**Exact copies** · 1" in words(app)
    assert "**One picture in several classes** · 1" in words(app)
    app.button(key="remedy_label_conflict_exclude").click().run()
    newest = max(lab.list_datasets(), key=lambda dataset: dataset.version)
    assert (newest.version, newest.images) == (2, 48)
    assert app.selectbox(key="dataset_select").value == newest.id
    assert "Version 2: 2 images excluded" in words(app).replace("\\", "")
    app.button(key="undo_fix").click().run()
    assert app.selectbox(key="dataset_select").value == troubled.id


def test_what_is_kept_as_it_is_is_folded_away(troubled):
    app = open_part(troubled, "report")
    app.button(key="remedy_duplicates_keep").click().run()
    assert "Kept as they are: exact copies." in words(app)
    assert [button.key for button in app.button if "duplicates" in str(button.key)] == []


def test_a_sound_dataset_says_so(dataset):
    assert "Nothing is wrong with the images" in words(open_part(dataset, "report"))


def test_images_are_mended_in_the_gallery(troubled, monkeypatch):
    monkeypatch.setattr(
        gallery, "_gallery", lambda **words: Chosen(words["data"]["version"], [0, 2])
    )
    app = open_part(troubled, "gallery")
    assert "**2 images selected**" in words(app)
    app.selectbox(key="fix_label").set_value("dark").run()
    app.button(key="fix_relabel").click().run()
    newest = max(lab.list_datasets(), key=lambda dataset: dataset.version)
    assert newest.classes == {"bright": 23, "dark": 27}
    assert newest.changes == ("2 images given the class 'dark'",)


class Chosen:
    def __init__(self, version, rows):
        self.selected = {"version": version, "rows": rows}


def test_the_gallery_turns_its_pages_and_filters(home, tmp_path, monkeypatch):
    dataset = lab.import_dataset(draw_zip(tmp_path / "many.zip", each=50), name="Many")
    shown = []
    monkeypatch.setattr(
        gallery, "_gallery", lambda **words: shown.append(words["data"]) or Chosen("", [])
    )
    app = open_part(dataset, "gallery")
    assert "Page 1 of 2 · 100 images" in words(app)
    app.button(key="gallery_next").click().run()
    assert len(shown[-1]["images"]) == 40
    app.selectbox(key="gallery_class").set_value("dark").run()
    assert {image["label"] for image in shown[-1]["images"]} == {"dark"}
    app.text_input(key="gallery_text").set_value("no such file").run()
    assert "No image fits" in words(app)


def test_a_class_is_renamed_and_an_impossible_merge_is_refused(dataset):
    app = open_part(dataset, "gallery")
    app.text_input(key="rename_into").set_value("bright").run()
    app.selectbox(key="rename_class").set_value("dark").run()
    assert app.button(key="fix_rename").label == "Merge"
    app.button(key="fix_rename").click().run()
    assert "needs 2 to 1,000 classes" in errors(app)[0]
    app.text_input(key="rename_into").set_value("black").run()
    app.button(key="fix_rename").click().run()
    assert max(lab.list_datasets(), key=lambda one: one.version).classes == {
        "black": 24, "bright": 24,
    }  # fmt: skip


def test_earlier_versions_are_a_click_away_and_not_in_the_list(dataset):
    newer = lab.fix_dataset(dataset.id, [Relabel((0,), "dark")])
    app = open_part(newer, "versions")
    assert len(app.selectbox(key="dataset_select").options) == 1
    assert "**Version 2**" in words(app) and "**Version 1**" in words(app)
    app.button(key=f"show_{dataset.id}").click().run()
    assert app.selectbox(key="dataset_select").value == dataset.id


class Picture:
    def __init__(self, name, content):
        self.file_id, self._content = name, content

    def getvalue(self):
        return self._content


def picture(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def test_a_dataset_can_be_made_with_the_camera(home, monkeypatch):
    state = {}
    monkeypatch.setattr(camera_form.st, "session_state", state)
    for number in range(4):
        state["camera_class"] = ("cup", "=pen")[number % 2]
        state["camera"] = Picture(str(number), picture(number))
        camera_form._keep()
        camera_form._keep()  # a rerun with the same picture
    assert lab.count_pictures(state["camera_token"]) == {"cup": 2, "=pen": 2}
    state["camera"], state["camera_class"] = Picture("x", picture(9)), " "
    camera_form._keep()
    assert "Give the class a name first" in state["camera_problem"]
    token = state["camera_token"]
    lab.import_pictures(token, name="Desk")
    ended = wait_until(lambda: (found := lab.import_state(token)).is_ended and found)
    assert ended.error is None
    assert lab.load_dataset(ended.dataset).classes == {"=pen": 2, "cup": 2}


def test_progress_says_how_fast_and_how_long(monkeypatch):
    monkeypatch.setattr(import_form.st, "session_state", {"import_started_at": 0.0})
    monkeypatch.setattr(import_form.time, "monotonic", lambda: 10.0)
    words_of = import_form._words
    assert words_of(lab.ImportState()) == "Opening the file"
    assert words_of(lab.ImportState(100, 1000)) == (
        "Reading 100 of 1,000 images, 10 a second, 2 min left"
    )
    assert words_of(lab.ImportState(5, 5)) == "Looking for copies and poor images"


def test_an_allowed_folder_of_the_server_is_imported(home, upload, monkeypatch):
    assert "server_path" not in {box.key for box in open_page("data").text_input}
    monkeypatch.setenv("CNNLAB_IMPORT_ROOTS", str(upload.parent))
    app = open_page("data")
    app.text_input(key="server_path").set_value("/etc/passwd").run()
    app.button(key="import_server").click().run()
    assert "is not in a folder that may be imported from" in errors(app)[0]
    token = lab.start_server_import(str(upload), name="On the disk")
    ended = wait_until(lambda: (found := lab.import_state(token)).is_ended and found)
    assert lab.load_dataset(ended.dataset).images == 48
    assert upload.exists()
