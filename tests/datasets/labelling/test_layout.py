import pytest

from cnnlab.datasets import limits
from cnnlab.datasets.labelling.labels import clean_label, natural_key, read_split
from cnnlab.datasets.labelling.layout import read_layout
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import UploadError
from tests.datasets.uploads import make_zip


def layout_of(tmp_path, *paths, csv=None, labels=None, labelling=None, **tables):
    """Read a zip of these (empty) images, with tables inside and perhaps a CSV beside it."""
    files = dict.fromkeys(paths, b"x") | {f"{name}.csv": text for name, text in tables.items()}
    if csv is not None:
        files["labels.csv"] = csv.encode() if isinstance(csv, str) else csv
    path = make_zip(tmp_path / "a.zip", files)
    if labels is not None:
        (tmp_path / "given.csv").write_text(labels)
    with open_source(path) as reader:
        labelling = labelling or Labelling(
            table=tmp_path / "given.csv" if labels is not None else None
        )
        return read_layout(list_source(path), reader.read, labelling)


def found(layout):
    return {image.file: (image.label, image.split) for image in layout.images}


def kinds(layout):
    return [warning.kind for warning in layout.warnings]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["cat/1.jpg", "dog/2.jpg"], {"cat/1.jpg": ("cat", None), "dog/2.jpg": ("dog", None)}),
        (["x/y z/cat/1.jpg", "x/y z/dog/2.jpg"], {"cat/1.jpg": "cat", "dog/2.jpg": "dog"}),
        (["w/cat/1.jpg", "w/dog/2.jpg", "cover.jpg"], {"cat/1.jpg": "cat", "dog/2.jpg": "dog"}),
        (["cat/deep/er/1.jpg", "dog/2.jpg"], {"cat/deep/er/1.jpg": "cat", "dog/2.jpg": "dog"}),
        (["train/cat/1.jpg", "train/dog/2.jpg"], {"cat/1.jpg": "cat", "dog/2.jpg": "dog"}),
        (
            ["train/cat/1.jpg", "VALID/cat/1.jpg", "Test/dog/1.jpg"],
            {
                "train/cat/1.jpg": ("cat", "train"),
                "VALID/cat/1.jpg": ("cat", "validation"),
                "Test/dog/1.jpg": ("dog", "test"),
            },
        ),
        (
            ["set/Training_Set/training_set/cats/1.jpg", "set/test_set/test_set/dogs/1.jpg"],
            {
                "Training_Set/training_set/cats/1.jpg": ("cats", "train"),
                "test_set/test_set/dogs/1.jpg": ("dogs", "test"),
            },
        ),
        (
            ["train/images/cat/1.jpg", "val/images/dog/1.jpg"],
            {
                "train/images/cat/1.jpg": ("cat", "train"),
                "val/images/dog/1.jpg": ("dog", "validation"),
            },
        ),
        (
            ["cat/train/1.jpg", "cat/test/2.jpg", "dog/train/1.jpg"],
            {
                "cat/train/1.jpg": ("cat", "train"),
                "cat/test/2.jpg": ("cat", "test"),
                "dog/train/1.jpg": ("dog", "train"),
            },
        ),
        (["train/1.jpg", "bus/2.jpg"], {"train/1.jpg": "train", "bus/2.jpg": "bus"}),
        (["a/cat/1", "a/dog/2"], {"cat/1": "cat", "dog/2": "dog"}),
    ],
)
def test_class_folders(tmp_path, paths, expected):
    expected = {
        file: value if isinstance(value, tuple) else (value, None)
        for file, value in expected.items()
    }
    assert found(layout_of(tmp_path, *paths)) == expected


def test_images_outside_of_class_folders_are_named(tmp_path):
    layout = layout_of(
        tmp_path, "cat/1.jpg", "dog/2.jpg", "cover.jpg", "LICENSE", "a.heic", "b.zip"
    )
    assert {file.file: file.reason for file in layout.skipped} == {
        "cover.jpg": "it is in no class folder",
        "LICENSE": "not an image",
        "a.heic": "the format .heic is not read: convert it to JPEG or PNG",
        "b.zip": "an archive inside the upload, which is not opened",
    }


FLAT = {"1.jpg": ("cat", None), "2.jpg": ("dog", None)}
GUESSED = {
    "Image ID, Class Name\n 1.JPG , cat \n.\\imgs\\2.png, dog": ["matching"],
    "a,b\n1,cat\n2,dog\n": ["tables"],
}
"""What is told of tables that aren't certain."""


@pytest.mark.parametrize(
    "csv",
    [
        "file,label\n1.jpg,cat\n2.jpg,dog\n",
        "file;label\r\n1.jpg;cat\r\n2.jpg;dog\r\n",
        "label\tfile\ncat\t1.jpg\ndog\t2.jpg",
        "1.jpg,cat\n2.jpg,dog\n",
        '"1.jpg","cat"\n"2.jpg","dog"\n\n',
        "image_id,width,class,source\n1,640,cat,web\n2,480,dog,web\n",
        "Image ID, Class Name\n 1.JPG , cat \n.\\imgs\\2.png, dog",
        "id,path,label\n17,data/images/1.jpg,cat\n18,data/images/2.jpg,dog\n",
        "a,b\n1,cat\n2,dog\n",
        "\ufefffile,label\n1.jpg,cat\n2.jpg,dog\n".encode(),
        "file,label\n1.jpg,cat\n2.jpg,dog\n".encode("utf-16"),
        "file,label\n1.jpg,cat\n2.jpg,dog\n".encode("utf-16-le"),
        b"file,label\r1.jpg,cat\r2.jpg,dog\r",
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_flat_images_and_a_csv(tmp_path, csv, beside):
    layout = layout_of(tmp_path, "1.jpg", "2.jpg", csv=csv)
    if beside:
        (tmp_path / "l.csv").write_bytes(csv if isinstance(csv, bytes) else csv.encode())
        path = make_zip(tmp_path / "b.zip", {"w/1.jpg": b"", "w/2.jpg": b""})
        layout = read_layout(list_source(path), None, Labelling(tmp_path / "l.csv"))
    assert found(layout) == FLAT
    assert layout.skipped == ()
    is_sure = csv not in GUESSED
    assert kinds(layout) == ([] if is_sure else GUESSED[csv])


@pytest.mark.parametrize("folder", ["images/", "data/images/", ""])
def test_names_match_with_a_folder_on_either_side(tmp_path, folder):
    csv = f"file,label\n{folder}1.jpg,cat\nother/2.jpg,dog\n"
    assert found(layout_of(tmp_path, "pics/1.jpg", "pics/2.jpg", csv=csv)) == FLAT


def test_the_longest_common_path_tells_equal_names_apart(tmp_path):
    csv = "file,label\na/1.jpg,cat\nb/1.jpg,dog\n"
    layout = layout_of(tmp_path, "x/a/1.jpg", "x/b/1.jpg", labels=csv)
    assert found(layout) == {"a/1.jpg": ("cat", None), "b/1.jpg": ("dog", None)}


def test_case_tells_names_apart_where_it_must(tmp_path):
    csv = "file,label\na.png,small\nA.png,capital\n"
    layout = layout_of(tmp_path, "a.png", "A.png", csv=csv)
    assert found(layout) == {"a.png": ("small", None), "A.png": ("capital", None)}


@pytest.mark.parametrize("label", ["007", "NA", "null", "1e3", "true", "None", "", "=1+1", "ü€"])
def test_labels_stay_text(tmp_path, label):
    for encoding in ("utf-8", "utf-16") + (("cp1252",) if label else ()):
        csv = f"file,label\n1.jpg,{label}\n2.jpg,dog\n3.jpg,cat\n".encode(encoding)
        layout = layout_of(tmp_path, "1.jpg", "2.jpg", "3.jpg", csv=csv)
        assert found(layout).get("1.jpg", ("", None))[0] == label
    if not label:
        assert layout.skipped[0].reason == "has no label in labels.csv"


def test_digits_as_labels_are_not_taken_for_names(tmp_path):
    rows = "".join(f"{n}.jpg,{n % 3}\n" for n in range(20))
    layout = layout_of(tmp_path, *(f"{n}.jpg" for n in range(20)), csv=rows)
    assert found(layout)["19.jpg"] == ("1", None)
    assert len(layout.images) == 20


def test_a_split_column_is_used(tmp_path):
    csv = "file,label,subset\n1.jpg,cat,Train\n2.jpg,dog,val\n3.jpg,dog,TEST\n"
    layout = layout_of(tmp_path, "1.jpg", "2.jpg", "3.jpg", csv=csv)
    assert [image.split for image in layout.images] == ["train", "validation", "test"]


def test_tables_of_splits_belong_together(tmp_path):
    layout = layout_of(
        tmp_path,
        *("imgs/1.jpg", "imgs/2.jpg"),
        train=b"file,label\n1.jpg,cat\n",
        test=b"file,label\n2.jpg,dog\n",
    )
    assert found(layout) == {"1.jpg": ("cat", "train"), "2.jpg": ("dog", "test")}


def test_split_folders_and_a_csv(tmp_path):
    csv = "file,label\n1.jpg,cat\n2.jpg,dog\n"
    layout = layout_of(tmp_path, "train/1.jpg", "test/2.jpg", csv=csv)
    assert found(layout) == {"train/1.jpg": ("cat", "train"), "test/2.jpg": ("dog", "test")}


def test_what_the_csv_and_the_images_dont_share_is_told(tmp_path):
    csv = "file,label\n1.jpg,cat\n2.jpg,dog\n9.jpg,dog\n1.jpg,dog\n4.jpg,cat\n"
    layout = layout_of(tmp_path, "1.jpg", "2.jpg", "3.jpg", "4.jpg", csv=csv)
    assert {file.file: file.reason for file in layout.skipped} == {
        "1.jpg": "labels.csv gives it several labels",
        "3.jpg": "has no label in labels.csv",
    }
    missing, several = layout.warnings
    assert (missing.kind, missing.count) == ("missing_images", 1)
    assert "'9.jpg'" in missing.message
    assert (several.kind, several.count) == ("multi_label", 1)
    assert "'1.jpg' with 'cat' and 'dog'" in several.message


def test_names_spelt_in_another_way_are_told(tmp_path):
    csv = "file,label\nA.JPG,cat\nb,dog\nimgs/c.png,dog\nd.jpg,cat\n"
    layout = layout_of(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg", csv=csv)
    (warning,) = layout.warnings
    assert (warning.kind, warning.count) == ("matching", 2)
    assert "letter case (1) and extension (1), such as 'A.JPG'" in warning.message


def test_a_table_that_is_mostly_about_other_images_says_so_first(tmp_path):
    rows = "".join(f"{n}.jpg,{n % 2}\n" for n in range(9))
    layout = layout_of(tmp_path, "0.jpg", "1.jpg", "2.jpg", csv=f"a,b\n{rows}")
    assert layout.warnings[0].kind == "missing_images"
    assert layout.warnings[0].message.endswith("Only 3 images got a label from it.")
    assert "'a,b', was taken as its heading" in layout.warnings[1].message


def test_of_two_readings_one_is_taken_and_named(tmp_path):
    paths, csv = ("cat/1.jpg", "dog/2.jpg"), "file,label\n1.jpg,red\n2.jpg,blue\n"
    inside = layout_of(tmp_path, *paths, csv=csv)
    assert {label for label, _ in found(inside).values()} == {"cat", "dog"}
    assert kinds(inside) == ["layout", "tables"]
    assert "class folders; labels.csv was not used" in inside.warnings[0].message
    assert "2 of the 2 images that both name another label" in inside.warnings[1].message
    given = layout_of(tmp_path, *paths, labels=csv)
    assert {label for label, _ in found(given).values()} == {"red", "blue"}
    assert kinds(given) == ["layout", "tables"]


@pytest.mark.parametrize(
    ("paths", "tables", "message"),
    [
        (["readme.md"], {}, "holds no images; put the images of each class"),
        (["1.jpg", "2.jpg"], {}, "No image of the upload has a label"),
        (["cat/1.jpg", "cat/2.jpg"], {}, "No image|only one class"),
        (["a/cat/1.jpg", "2.jpg"], {}, "only one class, 'cat'"),
        (["1.jpg"], {"labels": "file,label\nx.jpg,cat\n"}, "given.csv names none of the images"),
        (["1.jpg"], {"labels": "file\n1.jpg\n"}, "names none|no column of labels"),
        (["1.jpg"], {"labels": ""}, "names none of the images"),
        (["1.jpg"], {"labels": '1.jpg,"' + "x" * 140_000}, "near line 1: field larger"),
        (["1.jpg"], {"labels": "f,a,b,c\n1.jpg,0,1,0\n"}, "only one class, 'b'"),
        (["1.jpg"], {"labels": "file,label\n1.jpg,\n"}, "gives no image a label"),
    ],
)
def test_what_cant_be_read_says_what_is_expected(tmp_path, paths, tables, message):
    with pytest.raises(UploadError, match=message):
        layout_of(tmp_path, *paths, **tables)


def test_too_many_classes_are_refused(tmp_path):
    with pytest.raises(UploadError, match="1,001 classes and at most 1,000"):
        layout_of(tmp_path, *(f"{n}/1.jpg" for n in range(1001)))


def test_a_csv_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_TABLE_BYTES", 10)
    with pytest.raises(UploadError, match="CNNLAB_MAX_TABLE_BYTES"):
        layout_of(tmp_path, "1.jpg", labels="file,label\n1.jpg,cat\n")
    with pytest.raises(UploadError, match="can't be opened"):
        read_layout(list_source(tmp_path / "a.zip"), None, Labelling(tmp_path / "none.csv"))


def test_images_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_IMAGE_BYTES", 0)
    with pytest.raises(UploadError, match="no images"):
        layout_of(tmp_path, "cat/1.jpg", "dog/2.jpg")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("<b>cat</b>", "<b>cat</b>"),
        ("a\nb\x00\x1b", "a b"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u200fערב", "\u200fערב"),
        ("=cmd()", "=cmd()"),
        ("x" * 300, "x" * 300),
        (" 🐱 ", "🐱"),
    ],
)
def test_class_names_are_kept_but_for_control_characters(name, kept):
    assert clean_label(name) == kept


def test_classes_sort_naturally():
    names = ["class 10", "Class 2", "class 1", "b", "7", "007", "10", "9" * 5000, "a"]
    expected = ["007", "7", "10", "9" * 5000, "a", "b", "class 1", "Class 2", "class 10"]
    assert sorted(names, key=natural_key) == expected


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *((name, "train") for name in ("train", "TRAIN", "training", "train_set")),
        *((name, "validation") for name in ("val", "Valid", "VALIDATION", "validation-data")),
        *((name, "test") for name in ("test", "Testing", "test images")),
        *((name, None) for name in ("trains", "tester", "cat", "", "testament")),
    ],
)
def test_names_of_splits(name, split):
    assert read_split(name) == split
