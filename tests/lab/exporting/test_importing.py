"""Evidence bundles brought into another home: all of it, or nothing; hostile ones never."""

import json
import os
import shutil
import stat
import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.errors import (
    BadInputError,
    CnnlabError,
    RunStateError,
    StorageError,
    UploadError,
)
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.lab.exporting import importing
from cnnlab.lab.exporting.bundle_texts import images_csv
from cnnlab.lab.gallery import open_index
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.bundles.images import listed_images
from cnnlab.storage.run_file import load_run_file
from cnnlab.storage.space.leftovers import bundles_lock, remove_leftovers
from tests.conftest import draw_zip
from tests.datasets.test_findings import encoded, picture
from tests.datasets.uploads import make_zip
from tests.made_bundles import (
    bundled,
    journal_of,
    keras_file,
    remade,
    rows_of,
    study_with_predictions,
)
from tests.made_evaluations import finish_evaluation
from tests.made_runs import no_supervisor
from tests.made_studies import study_base


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bundle with its images, one without, and what is told of the study where it was made."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(folder / "home"))
        dataset = lab.import_dataset(draw_zip(folder / "shades.zip"), name="Shades")
        levels = {"baseline": 0.6, "augmentation": 0.9}
        study = study_with_predictions(dataset, levels, name="<b>Which</b> one?")
        whole = bundled(study.id, patched, folder, with_images=True)
        slim = bundled(study.id, patched, folder)
        run = bundled(lab.study_runs(study.id)[0].id, patched, folder, with_images=True)
        told = lab.arm_summaries(lab.view_study(study.id))
        told_run = lab.study_runs(study.id)[0].id
    return {
        "images": whole,
        "slim": slim,
        "run": run,
        "told": told,
        "study": study,
        "told_run": told_run,
    }


def everything():
    """What a home lists and holds."""
    home = workplace().home
    return (
        [one.id for one in lab.list_datasets()],
        [one.id for one in lab.list_runs()],
        [one.id for one in lab.list_studies()],
        sorted(path.name for folder in (home.datasets, home.runs, home.studies)
               for path in folder.iterdir()),
        sorted(home.root.glob(".bundle-*")),
    )  # fmt: skip


def test_a_study_goes_to_another_home_with_its_images(home, made):
    told = lab.import_bundle(made["images"])
    study = made["study"]
    assert (told["kind"], told["id"], told["new_dataset"]) == ("study", study.id, True)
    assert len(told["runs"]) == 6
    assert lab.arm_summaries(lab.view_study(study.id)) == made["told"]
    assert lab.load_study(study.id).looks == made["study"].looks or lab.load_study(study.id).looks
    run = lab.study_runs(study.id)[0]
    assert run.status is Status.FINISHED
    assert lab.run_optimism(run).expected is not None
    assert "<h1>&lt;b&gt;Which" in lab.study_report(study.id)
    assert len(list(lab.dataset_zip(run.dataset))) > 0
    state = lab.model_state(run.id, "keras")
    assert state.is_ready
    assert "came with an evidence bundle" in state.answer["not_verified"]
    with zipfile.ZipFile(lab.model_package(run.id, "keras")) as package:
        assert "predict.py" in package.namelist()


def test_the_same_again_changes_nothing(home, made):
    lab.import_bundle(made["images"])
    before = everything()
    told = lab.import_bundle(made["slim"])
    assert not told["runs"] and not told["studies"] and not told["new_dataset"]
    assert len(told["there_already"]) == 7
    assert everything() == before


def test_without_images_runs_attach_to_a_dataset_with_the_same_content(home, made, upload):
    with pytest.raises(BadInputError, match="no dataset here has the content of 'Shades'"):
        lab.import_bundle(made["slim"])
    assert everything() == ([], [], [], [], [])
    dataset = lab.import_dataset(upload, name="Called otherwise here")
    told = lab.import_bundle(made["slim"])
    assert told["dataset"] == dataset.id
    study = lab.load_study(made["study"].id)
    assert study.base["dataset"] == dataset.id
    assert {run.dataset for run in lab.study_runs(study.id)} == {dataset.id}
    assert lab.arm_summaries(lab.view_study(study.id)) == made["told"]


def test_imported_runs_say_so_and_do_not_go_on(home, made, monkeypatch):
    no_supervisor(monkeypatch)
    told = lab.import_bundle(made["images"])
    run = told["runs"][0]
    assert "Imported on 20" in lab.imported_from(run)
    assert "no training states" in lab.imported_from(made["study"].id)
    workplace().runs.update(run, status=Status.STOPPED)
    with pytest.raises(RunStateError, match="no training state to go on from: clone it"):
        lab.resume_run(run)
    for train in (lambda study: lab.extend_study(study, 1), lab.resume_study):
        with pytest.raises(RunStateError, match="would mix two machines in one comparison"):
            train(made["study"].id)
    assert {each.id for each in lab.list_runs()} == set(told["runs"])


def test_a_run_of_its_own_comes_alone(home, made):
    told = lab.import_bundle(made["run"])
    assert told["runs"] == [told["id"]]
    run = lab.load_run(told["id"])
    assert (run.study, run.arm) == (None, None)
    assert lab.imported_from(run.id)
    lab.import_bundle(made["images"])  # there it belongs to a study
    study = made["study"]
    assert lab.load_run(run.id).study == study.id
    assert lab.arm_summaries(lab.view_study(study.id)) == made["told"]
    assert load_run_file(workplace().home.runs / run.id)["study"] == study.id
    told = lab.import_bundle(made["images"])
    assert not told["runs"] and len(told["there_already"]) == 7


def test_a_run_that_was_made_here_joins_no_study_of_a_bundle(home, made):
    run = lab.import_bundle(made["run"])["id"]
    (workplace().home.runs / run / "imported.json").unlink()
    with pytest.raises(BadInputError, match="in the study that it belongs to, so nothing was"):
        lab.import_bundle(made["images"])
    assert lab.list_studies() == []


def test_what_is_here_and_differs_is_never_replaced(home, made):
    lab.import_bundle(made["images"])
    run = lab.study_runs(made["study"].id)[0]
    events = newest_attempt(run).events
    rows = rows_of(events.read_bytes())
    rows[-1]["record"]["seconds"] = 77.0
    events.write_bytes(journal_of(rows))
    with pytest.raises(BadInputError, match=f"The run {run.id} is here already and differs"):
        lab.import_bundle(made["images"])
    assert rows_of(events.read_bytes())[-1]["record"]["seconds"] == 77.0


def test_what_a_killed_import_left_is_nobodys_and_replaced(home, made, monkeypatch):
    def killed(*given):
        raise KeyboardInterrupt  # nothing after it is done, as after a kill

    with monkeypatch.context() as patched:
        patched.setattr(importing, "list_what_is_new", killed)
        patched.setattr(shutil, "rmtree", lambda *given, **options: None)
        with pytest.raises(KeyboardInterrupt):
            lab.import_bundle(made["images"])
    assert list(workplace().home.runs.iterdir())
    assert lab.list_runs() == [] and lab.list_studies() == [] and lab.list_datasets() == []
    lab.import_bundle(made["images"])
    assert len(lab.list_runs()) == 6
    assert lab.arm_summaries(lab.view_study(made["study"].id)) == made["told"]
    assert not list(workplace().home.root.glob(".bundle-*"))


def test_a_dataset_that_cannot_be_read_is_never_replaced(home, made):
    dataset = lab.import_bundle(made["images"])["dataset"]
    index = workplace().home.dataset(dataset) / "index.npz"
    (damaged,) = [path for path in index.parent.iterdir() if path.name.startswith("index")]
    damaged.write_bytes(b"damaged")
    with pytest.raises(BadInputError, match=f"The dataset {dataset} is here already"):
        lab.import_bundle(made["images"])
    assert damaged.read_bytes() == b"damaged"


def test_what_lay_there_comes_back_where_the_index_cannot_be_written(home, made, monkeypatch):
    def full(*given):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(importing, "list_what_is_new", full)
    run = workplace().home.runs / made["told_run"]
    run.mkdir()
    (run / "note").write_text("Nobody lists it.")
    with pytest.raises(StorageError, match="disk is full"):
        lab.import_bundle(made["run"])
    assert (run / "note").read_text() == "Nobody lists it."


def test_what_a_killed_import_unpacked_goes_when_the_app_starts(home):
    place = workplace().home
    (place.root / ".bundle-0" / "data").mkdir(parents=True)
    lock = take_lock(bundles_lock(place))
    remove_leftovers(place)
    assert list(place.root.glob(".bundle-*")), "somebody is at it"
    os.close(lock)
    remove_leftovers(place)
    assert not list(place.root.glob(".bundle-*"))


def of_card(card, title):
    """A section of a card in Markdown."""
    return card.split(f"## {title}")[1].split("\n## ")[0]


@pytest.fixture
def looked(dataset, monkeypatch, tmp_path):
    """The bundle of a run whose test images were looked at twice, and its card's words of that."""
    no_supervisor(monkeypatch)
    split = SplitFractions(test=0.25)
    monkeypatch.setattr(
        "tests.made_bundles.study_base",
        lambda given, **more: study_base(given, **more).model_copy(update={"split": split}),
    )
    study = study_with_predictions(dataset, {"baseline": 0.6, "dropout": 0.8}, seeds=1)
    run = lab.study_runs(study.id)[0]
    before = bundled(lab.study_runs(study.id)[1].id, monkeypatch, tmp_path, with_images=True)
    finish_evaluation(run, "test")
    lab.look_at_test(run.id)
    lab.look_at_test(run.id)
    bundle = bundled(run.id, monkeypatch, tmp_path, with_images=True)
    return {"run": run.id, "bundle": bundle, "before": before, "split": split,
            "other": lab.study_runs(study.id)[1].id, "card": lab.model_card(run.id)}  # fmt: skip


def test_looks_at_test_images_go_along_and_count_once(looked, monkeypatch, tmp_path):
    again = lab.import_bundle(looked["bundle"])
    assert lab.test_looks(again["dataset"], looked["split"]).looks == 2, "they are known here"
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    told = lab.import_bundle(looked["bundle"])
    lab.import_bundle(looked["bundle"])
    looks = lab.test_looks(told["dataset"], looked["split"])
    assert (looks.looks, looks.looked_at, looks.images) == (2, 12, 12)
    said = of_card(lab.model_card(looked["run"]), "Test images")
    assert "2 looks at" in said and "Not looked at" not in said
    numbers = [line for line in said.splitlines() if line.startswith("Looked at on")]
    assert numbers and numbers[0] in looked["card"]


def test_a_card_gives_no_advice_that_nobody_can_follow(looked, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLAB_HOME", str(tmp_path / "other"))
    lab.import_bundle(looked["before"])
    card = lab.model_card(looked["other"])
    assert "Not looked at: nobody had looked" in card
    assert "cnnlab evaluate" not in card and "Evaluate it first" not in card
    assert "measured where the run was made" in card


def test_a_list_of_images_may_have_any_names(home, tmp_path):
    names = ["a/a\rb.png", "a/r\r.png", "b/e\nf.png", 'b/g,h"i.png']
    files = {name: encoded(picture(number)) for number, name in enumerate(names)}
    dataset = lab.import_dataset(make_zip(tmp_path / "odd.zip", files))
    index = open_index(dataset.id)
    path = tmp_path / "images.csv"
    path.write_text(images_csv(index, SplitFractions(validation=0.5)), encoding="utf-8", newline="")
    listed = listed_images(path, lab.load_dataset(dataset.id))
    assert [one.file for one in listed] == list(index.files)
    assert any("\r" in one.file for one in listed)


def test_nothing_is_claimed_of_how_a_model_compared(home, made):
    lab.import_bundle(made["run"])
    answer = lab.model_state(made["told_run"], "keras").answer
    assert answer["not_verified"].endswith("nothing was computed with it here")


def test_where_the_index_cannot_be_written_all_is_taken_back(home, made, monkeypatch):
    def full(*given):
        raise StorageError("The disk is full.")

    before = everything()
    monkeypatch.setattr(importing, "list_what_is_new", full)
    with pytest.raises(StorageError, match="disk is full"):
        lab.import_bundle(made["images"])
    assert everything() == before


def test_a_full_disk_is_seen_before_anything_is_unpacked(home, made, monkeypatch):
    before = everything()
    monkeypatch.setattr("cnnlab.storage.bundles.reading.MIN_FREE_BYTES", 2**62)
    with pytest.raises(StorageError, match="leaves too little"):
        lab.import_bundle(made["images"])
    assert everything() == before


def of_a_run(contents, name):
    return next(one for one in contents if one.startswith("runs/") and one.endswith(name))


def in_json(name, change):
    """Changes the JSON of one file of a run, or of the bundle."""

    def changed(contents):
        at = name if name in contents else of_a_run(contents, name)
        values = json.loads(contents[at])
        change(values)
        contents[at] = json.dumps(values).encode()

    return changed


def in_rows(change):
    """Changes the rows of one history."""

    def changed(contents):
        at = of_a_run(contents, "events.jsonl")
        rows = rows_of(contents[at])
        change(rows)
        contents[at] = journal_of(rows)

    return changed


def in_text(name, before, after):
    def changed(contents):
        at = name if name in contents else of_a_run(contents, name)
        assert before in contents[at]
        contents[at] = contents[at].replace(before, after, 1)

    return changed


def without(name):
    def changed(contents):
        del contents[name if name in contents else of_a_run(contents, name)]

    return changed


def with_model(content):
    def changed(contents):
        contents[of_a_run(contents, "model.keras")] = content

    return changed


def with_looks(rows=(0,), **changes):
    """Adds a look at images of these rows."""

    def changed(contents):
        look = {
            "id": "a" * 32, "at": "2026-11-30T10:00:00+00:00", "run": "r", "run_name": "R",
            "dataset": "d", "numbers": {"accuracy": 0.5}, "images": 1, "split": None,
        }  # fmt: skip
        contents["data/looks.json"] = json.dumps(
            [{"rows": list(rows), "looks": [look | changes]}]
        ).encode()

    return changed


def another_image(contents):
    names = sorted(name for name in contents if name.startswith("data/images/"))
    contents[names[0]] = contents[names[1]]


def two_lists(contents):
    """Two images with other labels, in the list alone."""
    text = contents["data/images.csv"]
    contents["data/images.csv"] = text.replace(b',"dark",', b',"bright",', 2)


HOSTILE = {
    "config_not_legal": in_json("config.json", lambda one: one["training"].update(epochs=-1)),
    "config_unknown_field": in_json("config.json", lambda one: one.update(code="import os")),
    "config_not_of_arm": in_json("config.json", lambda one: one["training"].update(epochs=7)),
    "nan": in_text("result.json", b'"accuracy":', b'"accuracy": NaN, "x":'),
    "infinity": in_text("run.json", b'"attempt": 1', b'"attempt": 1e999'),
    "no_json": in_text("run.json", b"{", b"["),
    "deep_json": in_text("run.json", b'"attempt": 1', b'"attempt": ' + b"[" * 5000 + b"]" * 5000),
    "hole_in_history": in_rows(lambda rows: rows.pop(2)),
    "epoch_twice": in_rows(lambda rows: rows.insert(2, rows[2])),
    "accuracy_above_one": in_rows(lambda rows: rows[2]["record"].update(val_accuracy=1.5)),
    "text_for_a_number": in_rows(lambda rows: rows[2]["record"].update(seconds="1")),
    "record_lacks": in_rows(lambda rows: rows[2]["record"].pop("val_accuracy")),
    "unknown_row": in_rows(lambda rows: rows.append({"kind": "run", "code": "x"})),
    "facts_odd": in_rows(lambda rows: rows[0]["facts"].update(device=["CPU"])),
    "facts_lack": in_rows(lambda rows: rows[0]["facts"].pop("init_checksum")),
    "wrong_checksum": in_text("events.jsonl", b'"seconds":0.5', b'"seconds":0.6'),
    "predictions_damaged": in_text("predictions/from-00001.predictions", b"JUDG", b"JUDX"),
    "run_not_ended": in_json("run.json", lambda one: one.update(status="running")),
    "run_id": in_json("run.json", lambda one: one.update(id="../../x")),
    "attempt": in_json("run.json", lambda one: one.update(attempt=10**9)),
    "date": in_json("run.json", lambda one: one.update(ended_at="tomorrow")),
    "no_run": without("run.json"),
    "no_config": without("config.json"),
    "no_study": without("study.json"),
    "no_bundle": without("bundle.json"),
    "no_list": without("data/images.csv"),
    "no_dataset": without("data/dataset.json"),
    "an_image_is_missing": without("data/images/000000.png"),
    "study_id": in_json("study.json", lambda one: one.update(id="s/../x")),
    "study_name": in_json("study.json", lambda one: one.update(name=["a"])),
    "study_arm_twice": in_json("study.json", lambda one: one["arms"].append(one["arms"][0])),
    "study_margin": in_json("study.json", lambda one: one.update(margin=5)),
    "study_other_arm": in_json("study.json", lambda one: one["arms"][1]["changes"].clear()),
    "confusion": in_json("result.json", lambda one: one["report"].update(confusion=[[1]])),
    "dataset_id": in_json("data/dataset.json", lambda one: one.update(id="..")),
    "class_count": in_json("data/dataset.json", lambda one: one["classes"].update(dark="9")),
    "dataset_hash": in_json(
        "bundle.json", lambda one: one["dataset"].update(content_hash="0" * 64)
    ),
    "image_swapped": another_image,
    "labels_swapped": two_lists,
    "no_image": in_text("data/images/000003.png", b"\x89PNG", b"MZ\0\0"),
    "created_at": in_json("run.json", lambda one: one.update(created_at="yesterday")),
    "created_at_of_no_zone": in_json(
        "run.json", lambda one: one.update(created_at="2026-11-30T10:00:00")
    ),
    "ended_before_all_time": in_json(
        "run.json", lambda one: one.update(ended_at="0001-01-01T00:00:00+00:00")
    ),
    "study_date": in_json("study.json", lambda one: one.update(created_at="once")),
    "dataset_date": in_json("data/dataset.json", lambda one: one.update(created_at="never")),
    "classes_without_rows": in_json(
        "result.json", lambda one: one["report"].update(per_class=[{}, {}])
    ),
    "classes_without_images": in_json(
        "result.json", lambda one: [row.update(images=0) for row in one["report"]["per_class"]]
    ),
    "text_for_an_epoch": in_json("result.json", lambda one: one.update(model_epoch="x")),
    "epoch_that_never_was": in_json("result.json", lambda one: one.update(model_epoch=99)),
    "text_for_seconds": in_json("result.json", lambda one: one.update(seconds="y")),
    "huge_seconds": in_json("result.json", lambda one: one.update(seconds=10**400)),
    "no_macro": in_json("result.json", lambda one: one["report"].pop("macro")),
    "calibration": in_json("result.json", lambda one: one["report"].update(calibration=[])),
    "loss_of_no_image": in_json(
        "result.json", lambda one: one["report"].update(top_losses=[{"position": 9}])
    ),
    "weights_odd": in_rows(lambda rows: rows[2]["record"].update(weights=[{"layer": 1}])),
    "layers_odd": in_rows(lambda rows: rows[0]["facts"].update(layers=["conv"])),
    "no_hash": in_json("bundle.json", lambda one: one["dataset"].pop("content_hash")),
    "hash_is_a_list": in_json("bundle.json", lambda one: one["dataset"].update(content_hash=[])),
    "value_range": in_json("bundle.json", lambda one: one["dataset"].update(value_range=5)),
    "value_range_turned": in_json(
        "bundle.json", lambda one: one["dataset"].update(value_range=[9, 1])
    ),
    "split": in_json("bundle.json", lambda one: one["split"].update(validation=7)),
    "another_column": in_text("data/images.csv", b"sha256", b"sha25x"),
    "long_cell": in_text("data/images.csv", b'"0","', b'"0","' + b"x" * 200_000),
    "no_utf_8": in_text("data/images.csv", b'"0","', b'"0","\xff\xfe'),
    "short_row": in_text("data/images.csv", b'"0","', b'"0"\n"1","'),
    "no_looks": without("data/looks.json"),
    "looks_at_nothing": with_looks(rows=[]),
    "looks_at_other_images": with_looks(rows=[48]),
    "look_of_no_id": with_looks(id="1"),
    "look_of_no_date": with_looks(at="2026"),
    "look_of_odd_numbers": with_looks(numbers={"accuracy": "all"}),
    "look_at_odd_parts": with_looks(split={"seed": 0, "validation": 7, "test": 0.2}),
    "look_at_unknown_parts": with_looks(split={"seed": 0}),
    "lambda_in_a_model": with_model(
        keras_file(lambda one: one | {"x": {"module": "keras.layers", "class_name": "Lambda"}})
    ),
    "pickle_for_a_model": with_model(b"\x80\x04pickle"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_cannot_be_is_refused_and_nothing_imported(home, made, tmp_path, what):
    bundle = remade(made["images"], tmp_path / "b.zip", HOSTILE[what])
    before = everything()
    with pytest.raises(CnnlabError, match="refused|damaged") as raised:
        lab.import_bundle(bundle)
    assert isinstance(raised.value, UploadError | BadInputError)
    assert "Traceback" not in str(raised.value) and len(str(raised.value)) < 1000
    assert everything() == before


def rezipped(source, to, change):
    """A copy of a bundle whose entries `change` gets, to write them otherwise."""
    with zipfile.ZipFile(source) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(to, "w") as archive:
        change(members, archive)
    return to


def add(name, content=b"x", mode=0o644):
    def change(members, archive):
        for info, data in members:
            archive.writestr(info.filename, data)
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, content)

    return change


def bomb(members, archive):
    for info, data in members:
        archive.writestr(info.filename, data)
    info = zipfile.ZipInfo("zeros.bin")
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, bytes(20 * 2**20))


def leave_out(members, archive):
    for info, data in members:
        if info.filename != "README.txt":
            archive.writestr(info.filename, data)


ZIPS = {
    "traversal": add("../evil.py"),
    "absolute": add("/etc/evil"),
    "drive": add("C:\\evil"),
    "extra": add("evil.py"),
    "link": add("data/link", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "device": add("data/device", b"", stat.S_IFCHR | 0o666),
    "folder": add("data/folder/"),
    "other_case": add("STUDY.json"),
    "bomb": bomb,
    "missing": leave_out,
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("what", ZIPS)
def test_hostile_zips_are_refused(home, made, tmp_path, what):
    bundle = rezipped(made["slim"], tmp_path / "b.zip", ZIPS[what])
    before = everything()
    with pytest.raises(UploadError, match="refused"):
        lab.import_bundle(bundle)
    assert everything() == before


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(home, made, tmp_path):
    bundle = rezipped(made["slim"], tmp_path / "b.zip", add("study.json"))
    with pytest.raises(UploadError, match="is in it twice"):
        lab.import_bundle(bundle)


def test_names_of_a_manifest_stay_inside(home, made, tmp_path):
    for name in (
        "../x",
        "/x",
        "a//b",
        "a/../b",
        "x" * 200,
        "a\0b",
        "data/\u202ex",
        "a/b/c/d/e/f/g",
    ):
        bundle = remade(
            made["slim"], tmp_path / "b.zip", lambda all_, name=name: all_.update({name: b""})
        )
        with pytest.raises(UploadError, match="refused|damaged"):
            lab.import_bundle(bundle)
    assert everything() == ([], [], [], [], [])


def test_a_changed_byte_is_refused(home, made, tmp_path):
    change = in_text("study.json", b"Which", b"which")
    bundle = remade(made["images"], tmp_path / "b.zip", change, with_sums=False)
    with pytest.raises(UploadError, match="study.json was changed: its sha256"):
        lab.import_bundle(bundle)
    change = in_text("README.txt", b"replay", b"replax")  # what an import doesn't read, too
    bundle = remade(made["images"], tmp_path / "b.zip", change, with_sums=False)
    with pytest.raises(UploadError, match="README.txt was changed"):
        lab.import_bundle(bundle)


def test_what_is_no_bundle_is_said(home, made, tmp_path, upload):
    with pytest.raises(BadInputError, match="There is no file"):
        lab.import_bundle(tmp_path / "nothing.zip")
    with pytest.raises(UploadError, match="isn't an evidence bundle"):
        lab.import_bundle(upload)
    (tmp_path / "half.zip").write_bytes(made["slim"].read_bytes()[:5000])
    with pytest.raises(UploadError, match="damaged or no evidence bundle"):
        lab.import_bundle(tmp_path / "half.zip")
    later = remade(made["slim"], tmp_path / "later.zip", lambda contents: None)
    with zipfile.ZipFile(later) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["manifest.json"] = contents["manifest.json"].replace(b'"format": 1', b'"format": 9')
    with zipfile.ZipFile(later, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    with pytest.raises(UploadError, match="of format 9.*update cnnlab"):
        lab.import_bundle(later)
