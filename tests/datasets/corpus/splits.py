"""Split folders and what lies beside them, class sets that differ, labels in file names."""

from tests.datasets.corpus.case import Case, accepted, refused, zipped
from tests.datasets.uploads import images

_TRAIN = ("train/cat/1.jpg", "train/cat/2.jpg", "train/dog/1.jpg", "train/dog/2.jpg")
_ANNOTATIONS = b"val_0.jpg\tcat\t0\t1\nval_1.jpg\tdog\t2\t3\n"

CASES: tuple[Case, ...] = (
    accepted(
        "a flat validation folder with its table",
        zipped(
            images(*_TRAIN, "val/images/val_0.jpg", "val/images/val_1.jpg", "test/images/0.jpg")
            | {"val/val_annotations.txt": _ANNOTATIONS}
        ),
        {"cat": 3, "dog": 3},
        splits={"train": 4, "validation": 2, "test": 0},
        skipped={"test/images/0.jpg": "in no class folder of the test images"},
        warnings=["tables"],
    ),
    accepted(
        "labels in the names of train beside test1",
        zipped(
            images(
                *(f"k/train/{name}.{n}.jpg" for name in ("cat", "dog") for n in (1, 2)),
                "k/test1/1.jpg",
            )
        ),
        {"cat": 2, "dog": 2},
        skipped={"k/test1/1.jpg": "its file name says no class"},
        warnings=["file_names"],
    ),
    accepted(
        "digits before numbers by choice",
        zipped(images("5_1.jpg", "5_2.jpg", "6_1.jpg", "6_2.jpg")),
        {"5": 2, "6": 2},
        options=["--reading", "file_names"],
        warnings=["file_names"],
    ),
    refused(
        "pictures of two cameras",
        zipped(images("IMG_01.jpg", "IMG_02.jpg", "DSC_01.jpg", "DSC_02.jpg")),
        "No image of the upload has a label.*The file names would give 2 classes: 'DSC'",
    ),
)
