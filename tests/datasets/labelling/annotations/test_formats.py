import pytest

from cnnlab.domain.errors import UploadError
from tests.datasets.labelling.annotations.drawn_annotations import coco, labelme, voc, yolo
from tests.datasets.labelling.drawn import counted, told
from tests.datasets.made_uploads import layout_of, numbered

ONE = {"0.jpg": ["cat"], "1.jpg": ["dog", "dog"], "2.jpg": ["cat", "cat"], "3.jpg": ["dog"]}
FOUR = {"cat": 2, "dog": 2}
NUMBERS = {"cat": 0, "dog": 1}
PATHS = {name: name for name in ONE}
NAMES = b"path: ../x\ntrain: images\nnc: 2\nnames: ['cat', 'dog']\n"


def in_folder(folder, objects=ONE):
    return {f"{folder}/{name}": labels for name, labels in objects.items()}


def texts(folder, objects=ONE):
    return {
        f"{folder}/{name[:-4]}.txt": yolo(*(NUMBERS[label] for label in labels))
        for name, labels in objects.items()
    }


def xmls(folder, objects=ONE, name="{}"):
    return {
        f"{folder}/{file[:-4]}.xml": voc(labels, name.format(file))
        for file, labels in objects.items()
    }


def shapes(folder, objects=ONE, name="{}"):
    return {
        f"{folder}/{file[:-4]}.json": labelme(name.format(file), labels)
        for file, labels in objects.items()
    }


FLAT = {
    "COCO beside the pictures": ("x", {"x/_annotations.coco.json": coco(ONE, first=0)}),
    "COCO in its own folder": ("train2017", {"annotations/instances_train2017.json": coco(ONE)}),
    "COCO with folders in the names": ("images", {"result.json": coco(in_folder("images"))}),
    "COCO with paths of another machine": ("a", {"b.json": coco(in_folder("C:\\me\\a"))}),
    "VOC as it is": (
        "VOC2012/JPEGImages",
        xmls("VOC2012/Annotations")
        | {
            "VOC2012/ImageSets/Main/cat_train.txt": b"0  1\n1 -1\n2  1\n3 -1\n",
            "VOC2012/ImageSets/Main/train.txt": b"0\n1\n2\n3\n",
        },
    ),
    "VOC beside the pictures": ("x", xmls("x")),
    "VOC with stale names": ("images", xmls("xmls", name="IMG_old_{}")),
    "YOLO beside the pictures": (
        "obj_train_data",
        texts("obj_train_data")
        | {"obj.names": b"cat\r\ndog\r\n", "obj.data": b"classes = 2", "train.txt": b"x/0.jpg\n"},
    ),
    "YOLO in labels": ("images", texts("labels") | {"labels/classes.txt": b"cat\ndog\n"}),
    "YOLO with outlines": (
        "images",
        {
            name: content.replace(b"0.5 0.5", b"0.5 0.5 0.25 0.25 .1 1e-1")
            for name, content in texts("labels").items()
        }
        | {"data.yaml": NAMES},
    ),
    "LabelMe beside the pictures": ("x", shapes("x")),
    "LabelMe in its own folder": ("images", shapes("labelme", name="..\\images\\{}")),
    "LabelMe's flags": (
        "x",
        {
            f"x/{file[:-4]}.json": labelme(
                file, flags={"cat": "cat" in labels, "dog": "dog" in labels}
            )
            for file, labels in ONE.items()
        },
    ),
}


@pytest.mark.parametrize("kind", FLAT)
def test_one_label_of_each_picture_is_read(tmp_path, kind):
    folder, files = FLAT[kind]
    layout = layout_of(tmp_path, numbered(folder, 4), files)
    assert counted(layout) == {"": FOUR}
    told_format = kind.split()[0].rstrip("'s").replace("VOC", "Pascal VOC")
    message = told(layout, "annotations")
    assert f"taken from {told_format} annotations" in message
    assert "for 4 of 4 images" in message
    unused = [file.file for file in layout.skipped]
    assert unused == (["obj.data", "train.txt"] if "obj_train" in folder else [])


PARTS = {"train": ONE, "valid": {"0.jpg": ["dog"]}, "test": {"1.jpg": ["cat"]}}


def in_parts(files_of):
    return {name: text for part in PARTS for name, text in files_of(part, PARTS[part]).items()}


SPLIT = {
    "Roboflow's COCO": {f"{part}/_annotations.coco.json": coco(PARTS[part]) for part in PARTS},
    "Roboflow's VOC": in_parts(xmls),
    "LabelMe": in_parts(shapes),
    "YOLO of Darknet": in_parts(texts) | {f"{part}/_darknet.labels": b"cat\ndog" for part in PARTS},
}


@pytest.mark.parametrize("kind", SPLIT)
def test_splits_by_folder_are_kept(tmp_path, kind):
    paths = [*numbered("train", 4), "valid/0.jpg", "test/1.jpg"]
    layout = layout_of(tmp_path, paths, SPLIT[kind])
    assert counted(layout) == {"train": FOUR, "validation": {"dog": 1}, "test": {"cat": 1}}


@pytest.mark.parametrize(
    ("pictures", "labels"),
    [("images/{}", "labels/{}"), ("{}/images", "{}/labels"), ("set/{}/images", "set/{}/labels")],
)
def test_yolo_has_its_splits_inside_or_outside(tmp_path, pictures, labels):
    paths = [*numbered(pictures.format("train"), 4), *numbered(pictures.format("val"), 1)]
    files = texts(labels.format("train")) | texts(labels.format("val"), {"0.jpg": ["dog"]})
    layout = layout_of(tmp_path, paths, files | {"data.yaml": NAMES})
    assert counted(layout) == {"train": FOUR, "validation": {"dog": 1}}


def test_a_file_whose_picture_is_missing_labels_none_of_another_split(tmp_path):
    files = texts("train/labels") | texts("valid/labels", {"1.jpg": ["cat"], "5.jpg": ["dog"]})
    paths = [*numbered("train/images", 1), "train/images/3.jpg", "valid/images/1.jpg"]
    layout = layout_of(tmp_path, paths, files | {"data.yaml": NAMES})
    assert counted(layout) == {"train": {"cat": 1, "dog": 1}, "validation": {"cat": 1}}
    assert "1 annotated image is not in the upload" in told(layout, "annotations")


def test_the_name_of_a_coco_file_says_the_split(tmp_path):
    files = {
        "annotations/instances_train.json": coco({"0.jpg": ["cat"], "1.jpg": ["dog"]}),
        "annotations/instances_val.json": coco({"2.jpg": ["cat"], "3.jpg": ["dog"]}),
    }
    layout = layout_of(tmp_path, numbered("images", 4), files)
    both = {"cat": 1, "dog": 1}
    assert counted(layout) == {"train": both, "validation": both}


def test_equal_names_in_the_folders_of_a_coco_export_are_kept_apart(tmp_path):
    files = {
        "annotations/instances_train2017.json": coco({"0.jpg": ["cat"], "1.jpg": ["dog"]}),
        "annotations/instances_val2017.json": coco({"0.jpg": ["dog"], "1.jpg": ["cat"]}),
    }
    layout = layout_of(tmp_path, [*numbered("train2017", 2), *numbered("val2017", 2)], files)
    assert {image.file: (image.label, image.split) for image in layout.images} == {
        "train2017/0.jpg": ("cat", "train"),
        "train2017/1.jpg": ("dog", "train"),
        "val2017/0.jpg": ("dog", "validation"),
        "val2017/1.jpg": ("cat", "validation"),
    }


SEVERAL = {"0.jpg": ["dog", "cat"], "1.jpg": ["dog"], "2.jpg": ["dog"], "3.jpg": ["cat"]}
MANY = {
    "COCO": {"x.json": coco(SEVERAL)},
    "Pascal VOC": xmls("x", SEVERAL),
    "YOLO": texts("x", SEVERAL) | {"classes.txt": b"cat\ndog"},
    "LabelMe": shapes("x", SEVERAL),
}


@pytest.mark.parametrize("format", MANY)
def test_of_several_classes_one_is_taken_as_chosen(tmp_path, format):
    paths = numbered("x", 4)
    left = layout_of(tmp_path, paths, MANY[format])
    assert counted(left) == {"": {"cat": 1, "dog": 2}}
    assert f"1 of 4 images have several labels in the {format} ann" in told(left, "multi_label")
    assert [(file.file, file.reason) for file in left.skipped] == [
        ("x/0.jpg", f"the {format} annotations give it several labels")
    ]
    for several, expected in (
        ("first", {"cat": 1, "dog": 3}),
        ("most_specific", {"cat": 2, "dog": 2}),
        ("leave_out", {"cat": 1, "dog": 2}),
    ):
        assert counted(layout_of(tmp_path, paths, MANY[format], several=several)) == {"": expected}


def test_where_nearly_all_have_several_a_choice_is_asked_for(tmp_path):
    files = {"x.json": coco({"0.jpg": ["cat", "dog"], "1.jpg": ["dog", "hen"], "2.jpg": ["cat"]})}
    with pytest.raises(
        UploadError, match="2 of 3 images have several labels in the COCO ann.*--sev"
    ):
        layout_of(tmp_path, numbered("x", 3), files)


def test_pictures_without_objects_or_annotation_are_skipped_with_the_reason(tmp_path):
    files = {"x.json": coco(ONE | {"4.jpg": [], "gone.jpg": ["hen"]})}
    layout = layout_of(tmp_path, numbered("x", 6), files)
    assert counted(layout) == {"": FOUR}
    assert [(file.file, file.reason) for file in layout.skipped] == [
        ("x/4.jpg", "its annotation names no object"),
        ("x/5.jpg", "no annotation names it"),
    ]
    assert "for 4 of 6 images" in told(layout, "annotations")
    assert "1 annotated image is not in the upload" in told(layout, "annotations")


def test_class_folders_and_believable_tables_go_first_and_it_is_said(tmp_path):
    paths = ["a/0.jpg", "a/1.jpg", "b/2.jpg", "b/3.jpg"]
    table = {"labels.csv": b"file,label\n0.jpg,x\n1.jpg,x\n2.jpg,y\n3.jpg,z\n"}
    for more, classes in (({}, {"a", "b"}), (table, {"a", "b"})):
        layout = layout_of(tmp_path, paths, {"x.json": coco(ONE)} | more)
        assert layout.classes == classes
        assert "COCO annotations too, which were not used" in told(layout, "annotations")
    chosen = layout_of(tmp_path, paths, {"x.json": coco(ONE)}, reading="annotations")
    assert counted(chosen) == {"": FOUR}
    assert "class folders were not used" in told(chosen, "layout")
    flat = layout_of(tmp_path, numbered("p", 4), {"x.json": coco(ONE)} | table)
    assert flat.classes == {"x", "y", "z"}
    assert "'annotations'" in told(flat, "annotations")
    by_choice = layout_of(
        tmp_path, numbered("p", 4), {"x.json": coco(ONE)} | table, reading="annotations"
    )
    assert counted(by_choice) == {"": FOUR}
    assert "labels.csv was not used" in told(by_choice, "layout")


def test_of_two_formats_the_one_that_labels_most_is_taken(tmp_path):
    files = shapes("x", {"0.jpg": ["hen"]}) | xmls("y")
    layout = layout_of(tmp_path, numbered("x", 4), files)
    assert counted(layout) == {"": FOUR}
    assert "LabelMe annotations, which label fewer images, were not used" in told(
        layout, "annotations"
    )


def test_a_reading_without_annotations_is_refused(tmp_path):
    files = {"package.json": b'{"name": "x", "images": 3}', "0.txt": b"a cat on a mat\n"}
    with pytest.raises(UploadError, match="has no annotations of its images; add those of COCO"):
        layout_of(tmp_path, numbered("x", 4), files, reading="annotations")
