"""The parts of the data page: findings, gallery, versions, what an import says."""

import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.data.fixes import DropSplits, Exclude, MoveTo, Relabel, RenameClass
from cnnlab.ui.components.gallery import gallery
from tests.conftest import draw_zip
from tests.datasets.made_uploads import csv_of, in_turn, numbered
from tests.datasets.uploads import images, make_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words


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


def test_the_findings_offer_remedies_and_each_makes_a_version(troubled):
    app = open_part(troubled, "findings")
    assert "**Exact copies** · 1" in words(app)
    assert "**One picture in several classes** · 1" in words(app)
    app.button(key="remedy_label_conflict_exclude").click().run()
    newest = max(lab.list_datasets(), key=lambda dataset: dataset.version)
    assert (newest.version, newest.images) == (2, 48)
    assert app.selectbox(key="dataset_select").value == newest.id
    assert "Version 2: 2 images excluded" in words(app).replace("\\", "")
    app.button(key="undo_fix").click().run()
    assert app.selectbox(key="dataset_select").value == troubled.id
    assert lab.list_datasets() == [troubled]  # nobody begins with what was taken back
    assert open_page("data").selectbox(key="dataset_select").value == troubled.id


def parts(app):
    return next(control for control in app.segmented_control if control.label == "Part")


def findings_title(app):
    return next(title for title in parts(app).options if title.startswith("Report"))


def keys(app):
    return {str(button.key) for button in app.button}


def test_what_is_kept_as_it_is_is_folded_away_settled_and_can_be_decided_again(troubled):
    app = open_part(troubled, "findings")
    assert findings_title(app) == "Report (3)"
    app.button(key="remedy_duplicates_keep").click().run()
    assert [box.label for box in app.expander if "kept" in box.label] == ["1 kept as it is · show"]
    assert findings_title(app) == "Report (2)"
    assert "remedy_duplicates_keep_one" not in keys(app)
    app.button(key="remedy_label_conflict_keep").click().run()
    app.button(key="remedy_few_judging_keep").click().run()
    assert "Everything that was found is decided on." in words(app)
    assert findings_title(app) == "Report"
    app.button(key="remedy_duplicates_reopen").click().run()
    assert {"remedy_duplicates_keep_one", "remedy_label_conflict_reopen"} <= keys(app)


def test_the_overview_warns_of_what_is_not_decided_on_only(troubled):
    app = open_part(troubled, "overview")
    assert "3 findings to decide on" in app.warning[0].value
    assert "- Exact copies (1 image)" in app.warning[0].value.replace("\\", "")
    app.button(key="open_report").click().run()
    app.button(key="remedy_duplicates_keep").click().run()
    parts(app).set_value("overview").run()
    assert "2 findings to decide on" in app.warning[0].value
    assert "Exact copies" not in app.warning[0].value
    assert "1 finding is kept as you decided." in words(app)


def test_the_overview_names_a_finding_whose_sentence_the_report_says(troubled):
    (first, *_) = lab.open_findings(troubled.id)
    assert first.message not in words(open_part(troubled, "overview")).replace("\\", "")
    assert first.message in words(open_part(troubled, "findings")).replace("\\", "")


def test_what_was_skipped_is_told_with_its_reason(home, upload):
    with zipfile.ZipFile(upload, "a") as archive:
        archive.writestr("dark/broken.png", b"no picture")
    dataset = lab.import_dataset(upload, name="Skipped")
    app = open_part(dataset, "overview")
    assert "Which file was skipped" in [box.label for box in app.expander]
    (told,) = [one for one in words(app).splitlines() if "broken" in one]
    assert dataset.skipped[0].reason in told.replace("\\", "")


def test_a_remedy_says_what_it_does_to_how_many_images(troubled):
    app = open_part(troubled, "findings")
    assert app.button(key="remedy_label_conflict_exclude").label == "Exclude 2 images"
    assert app.button(key="remedy_duplicates_keep_one").label == "Keep one of each, exclude 1 image"


def test_a_class_that_is_excluded_is_named(dataset):
    rare = lab.fix_dataset(dataset.id, [Relabel((0, 5, 30, 31), "rare*")])
    app = open_part(rare, "findings")
    label = app.button(key="remedy_few_images_exclude").label
    assert label == r"Exclude the class rare\* with 4 images"


def test_a_finding_opens_in_the_gallery(troubled, monkeypatch):
    shown = []
    monkeypatch.setattr(
        gallery, "_gallery", lambda **words: shown.append(words["data"]) or Chosen("", [])
    )
    app = open_part(troubled, "findings")
    app.button(key="gallery_label_conflict").click().run()
    assert app.selectbox(key="gallery_finding").value == "label_conflict"
    assert {image["file"] for image in shown[-1]["images"]} == {"dark/7.png", "bright/wrong.png"}


def test_the_result_of_an_import_names_what_to_do_next(troubled):
    app = open_page("data")
    app.session_state["import_result"] = app.session_state["dataset_chosen"] = troubled.id
    app.run()
    assert "Troubled: 50 images in 2 classes. 3 findings to decide on" in app.success[0].value
    app.button(key="look_at_import").click().run()
    assert app.session_state[f"dataset_part_{troubled.id}"] == "findings"
    lab.delete_dataset(troubled.id)
    app.run()
    assert not app.exception
    assert "Troubled" not in words(app)


def imported(app, dataset):
    app.session_state["import_result"] = app.session_state["dataset_chosen"] = dataset.id
    return app.run()


def test_after_an_import_another_table_or_label_can_be_chosen(home, tmp_path):
    paths = numbered("images", 12)
    some = [*in_turn(paths[:9], "ab"), *in_turn(paths[9:], ["a;b"])]
    tables = {
        "labels.csv": csv_of(("file", "label"), some),
        "old.csv": csv_of(("file", "label"), in_turn(paths[:4], "xy")),
    }
    upload = make_zip(tmp_path / "two tables.zip", images(*paths) | tables)
    app = imported(open_page("data"), lab.import_dataset(upload))
    said = " ".join(note.value for note in app.info).replace("\\", "")
    assert "Not believed: old.csv (it labels 4 images, not 12)" in said
    assert "3 of 12 images have several labels" in said
    app.button(key="other_table_0").click().run()
    assert app.text_input(key="import_table").value == "old.csv"
    assert app.selectbox(key="import_several").value.startswith("Leave it out, if")
    app.button(key="other_several").click().run()
    assert not app.exception


def test_an_import_that_used_little_of_its_table_looks_like_no_success(home, tmp_path):
    rows = in_turn(numbered("images", 40), "ab")
    upload = make_zip(
        tmp_path / "few.zip",
        images(*numbered("images", 6)) | {"labels.csv": csv_of(("file", "label"), rows)},
    )
    app = imported(open_page("data"), lab.import_dataset(upload))
    assert [one.value for one in app.success] == []
    assert "6 images in 2 classes" in app.warning[0].value
    assert "34 rows of labels.csv name no image" in app.warning[0].value.replace("\\", "")


def test_a_sound_dataset_says_so(home, tmp_path):
    dataset = lab.import_dataset(draw_zip(tmp_path / "enough.zip", each=100))
    assert "Nothing was found: no copies" in words(open_part(dataset, "findings"))


def test_that_so_few_images_judge_badly_is_a_finding_with_what_to_do(dataset):
    app = open_part(dataset, "findings")
    assert "Nothing was found" not in words(app)
    told = words(app).replace("\\", "")
    assert "**Too few validation images to judge by** · 10" in told
    assert "Only 10 images validate" in told and "Too few images to learn from" not in told
    assert "more images it is ±15" in told and "take 'Good model'" in told
    assert findings_title(app) == "Report (1)"


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
        "black": 24,
        "bright": 24,
    }


def test_earlier_versions_are_a_click_away_and_not_in_the_list(dataset):
    newer = lab.fix_dataset(dataset.id, [Relabel((0,), "dark")])
    app = open_part(newer, "versions")
    assert len(app.selectbox(key="dataset_select").options) == 1
    assert "**Version 2**" in words(app) and "**Version 1**" in words(app)
    app.button(key=f"show_{dataset.id}").click().run()
    assert app.selectbox(key="dataset_select").value == dataset.id


def test_versions_that_look_alike_are_told_apart_in_the_list(dataset):
    one = lab.fix_dataset(dataset.id, [Relabel((0,), "dark")])
    other = lab.fix_dataset(dataset.id, [Relabel((1,), "dark")])
    app = open_page("data")
    options = app.selectbox(key="dataset_select").options
    assert len(set(options)) == 2
    for chosen in (one, other):
        app.selectbox(key="dataset_select").select(chosen.id).run()
        assert app.selectbox(key="dataset_select").value == chosen.id


def test_the_part_that_is_shown_stays_through_a_fix_and_its_undo(dataset, monkeypatch):
    monkeypatch.setattr(gallery, "_gallery", lambda **words: Chosen(words["data"]["version"], [0]))
    app = open_page("data")  # nothing chosen yet: the newest is shown
    parts(app).set_value("gallery").run()
    app.button(key="fix_exclude").click().run()
    assert parts(app).value == "gallery"
    fixed = lab.load_dataset(app.selectbox(key="dataset_select").value)
    lab.fix_dataset(fixed.id, [Exclude((0,))])  # in another tab
    app.button(key="undo_fix").click().run()
    assert parts(app).value == "gallery"
    assert app.selectbox(key="dataset_select").value == dataset.id
    assert lab.load_dataset(fixed.id) == fixed  # the other tab builds on it


def test_what_was_selected_before_an_undo_is_selected_no_more(dataset, monkeypatch):
    first = []

    def remember(**words):  # the browser, which goes on sending what was chosen first
        if words["key"] == "gallery":  # and not the examples of the overview
            first.append(words["data"]["version"])
        return Chosen(first[0] if first else "", [0])

    monkeypatch.setattr(gallery, "_gallery", remember)
    app = open_part(dataset, "gallery")
    assert not app.button(key="fix_exclude").disabled
    app.button(key="fix_exclude").click().run()
    assert app.button(key="fix_exclude").disabled
    app.button(key="undo_fix").click().run()
    assert app.selectbox(key="dataset_select").value == dataset.id
    assert app.button(key="fix_exclude").disabled


def test_a_fix_that_changes_nothing_is_said(dataset, monkeypatch):
    monkeypatch.setattr(gallery, "_gallery", lambda **words: Chosen(words["data"]["version"], [0]))
    app = open_part(dataset, "gallery")
    app.selectbox(key="fix_label").set_value("bright").run()
    app.button(key="fix_relabel").click().run()
    assert [error.value for error in app.error] == [
        "Nothing has changed: these images are like that already."
    ]
    assert app.button(key="fix_move").disabled  # it has no splits of its own


def test_the_overview_counts_what_a_run_has_where_the_upload_brought_a_part(home, tmp_path):
    files = images(*(f"{split}/{n % 2}/{n}.png" for split in ("train", "test") for n in range(20)))
    dataset = lab.import_dataset(make_zip(tmp_path / "own.zip", files))
    app = open_part(dataset, "overview")
    assert "**16** training, **4** validation and **20** test images" in words(app)
    assert "what they lack is drawn from training" in words(app)


def test_the_overview_says_whose_parts_a_version_has(home, tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "_gallery", lambda **words: Chosen(words["data"]["version"], [0]))
    files = images(*(f"{split}/{n % 2}/{n}.png" for split in ("train", "test") for n in range(20)))
    dataset = lab.import_dataset(make_zip(tmp_path / "own.zip", files))
    tests = tuple(lab.find_images(dataset.id, split="test").tolist())
    gone = lab.fix_dataset(dataset.id, [MoveTo(tests, "train")])
    told = words(open_part(gone, "overview"))
    assert "splits of its own" in told and "No test images are left, and none are drawn." in told
    app = open_part(gone, "gallery")
    assert not app.selectbox(key="gallery_split").disabled
    assert not app.button(key="fix_move").disabled
    anew = lab.fix_dataset(gone.id, [DropSplits(tests)])
    as_there = "images of the version before where they were"
    assert as_there not in words(open_part(anew, "overview"))
    assert as_there in words(open_part(lab.fix_dataset(anew.id, [Exclude((0,))]), "overview"))


def test_a_dataset_with_too_few_images_for_a_split_is_shown(home, tmp_path):
    dataset = lab.import_dataset(make_zip(tmp_path / "two.zip", images("a/1.png", "b/2.png")))
    app = open_part(dataset, "overview")
    assert not app.exception
    assert "Validation" not in {metric.label for metric in app.metric}


def test_a_class_called_like_a_choice_of_the_gallery_is_told_apart(dataset):
    app = open_part(lab.fix_dataset(dataset.id, [RenameClass("dark", "All images")]), "gallery")
    assert app.selectbox(key="gallery_class").options == ["All images", "All images (2)", "bright"]
    app.selectbox(key="gallery_class").select("All images").run()
    assert "24 images" in words(app)
