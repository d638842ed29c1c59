"""Evidence bundles that were made to harm, or are damaged: refused, nothing imported."""

import json
import stat
import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.errors import (
    BadInputError,
    CnnlabError,
    UploadError,
)
from tests.made_bundles import (
    everything,
    journal_of,
    keras_file,
    remade,
    rows_of,
)


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
