"""Flat images and a CSV, and other layouts."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.datasets.corpus.case import PAIR, Build, Case, accepted, refused, written, zipped
from tests.datasets.corpus.zip_making import flipped, zip_bytes
from tests.datasets.uploads import images, jpeg, make_zip

_FLAT = images("1.jpg", "2.jpg")
_ROWS = "file,label\n1.jpg,cat\n2.jpg,dog\n"


def inside(csv: str | bytes, files: Mapping[str, bytes] = _FLAT, name: str = "labels.csv") -> Build:
    """A zip of flat images and a CSV."""
    return zipped(dict(files) | {name: csv.encode() if isinstance(csv, str) else csv})


def beside(csv: str | bytes | Callable[[], str], files: Mapping[str, bytes] = _FLAT) -> Build:
    """A zip, and a CSV beside it."""

    def build(folder: Path) -> Path:
        text = csv() if callable(csv) else csv
        (folder / "l.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        return make_zip(folder / "upload.zip", files)

    return build


_BESIDE = ["--labels", "{folder}/l.csv"]
_DIALECTS = {
    "commas": _ROWS,
    "semicolons": _ROWS.replace(",", ";"),
    "tabs": _ROWS.replace(",", "\t"),
    "pipes": _ROWS.replace(",", "|"),
    "a line that names the separator": "sep=;\r\n" + _ROWS.replace(",", ";"),
    "a byte order mark": "\ufeff" + _ROWS,
    "UTF-16": _ROWS.encode("utf-16"),
    "UTF-16 without a mark": _ROWS.encode("utf-16-le"),
    "UTF-16 of big endians": b"\xfe\xff" + _ROWS.encode("utf-16-be"),
    "Windows line ends": _ROWS.replace("\n", "\r\n"),
    "old Mac line ends": _ROWS.replace("\n", "\r"),
    "no line end": _ROWS.rstrip(),
    "no heading": _ROWS.partition("\n")[2],
    "quotes": 'file,label\n"1.jpg","cat"\n"2.jpg","dog"\n',
    "spaces": "file , label\n 1.jpg , cat \n 2.jpg , dog\n",
    "blank lines": "\n\n" + _ROWS.replace("\n", "\n\n  \n,\n"),
    "more columns": "id,file,width,label,by\n7,1.jpg,640,cat,me\n9,2.jpg,480,dog,me\n",
    "labels first": "class;picture\ncat;1.jpg\ndog;2.jpg\n",
    "names without extension": "image_id,breed\n1,cat\n2,dog\n",
    "names of another extension": "file,label\n1.png,cat\n2.PNG,dog\n",
    "folders that aren't there": "path,label\n/data/raw/1.jpg,cat\n/data/raw/2.jpg,dog\n",
    "Windows paths": "path,label\nC:\\data\\1.jpg,cat\nC:\\data\\2.jpg,dog\n",
    "doubled rows": _ROWS + "1.jpg,cat\n2.jpg,dog\n",
    "a cell of several lines": 'file,note,label\n1.jpg,"a\nb",cat\n2.jpg,"""c""",dog\n',
}

DIALECTS = (
    *(
        accepted(
            f"a CSV with {what}",
            (beside if number % 2 else inside)(csv),
            options=_BESIDE * (number % 2),
        )
        for number, (what, csv) in enumerate(_DIALECTS.items())
    ),
    accepted(
        "a CSV in Latin-1",
        inside("file,label\n1.jpg,k\u00e4tze\n2.jpg,dog\n".encode("latin-1")),
        {"dog": 1, "k\u00e4tze": 1},
    ),
    accepted(
        "a CSV of Windows-1252",
        beside("file;label\n1.jpg;10 \u20ac\n2.jpg;dog\n".encode("cp1252")),
        {"10 \u20ac": 1, "dog": 1},
        options=_BESIDE,
    ),
    accepted(
        "images in folders, a CSV without",
        inside(_ROWS, images("a/b/1.jpg", "a/c/2.jpg")),
        {"b": 1, "c": 1},
        warnings=["layout"],
    ),
    accepted(
        "a CSV with folders, images without", inside("path,label\nx/1.jpg,cat\nx/2.jpg,dog\n")
    ),
    accepted(
        "a split column",
        inside(
            "file,label,split\n1.jpg,a,Train\n2.jpg,b,VALID\n3.jpg,a,test\n",
            images("1.jpg", "2.jpg", "3.jpg"),
        ),
        {"a": 2, "b": 1},
        splits={"train": 1, "validation": 1, "test": 1},
    ),
    accepted(
        "a CSV for each split",
        zipped(
            _FLAT | {"train.csv": b"file,label\n1.jpg,cat\n", "val.csv": b"file,label\n2.jpg,dog\n"}
        ),
        splits={"train": 1, "validation": 1, "test": 0},
    ),
    accepted(
        "accents put together in another way",
        inside("file,label\ncafe\u0301.jpg,cat\n2.jpg,dog\n", images("caf\u00e9.jpg", "2.jpg")),
    ),
)

_TEXTS = (
    "007",
    "1e3",
    "NA",
    "true",
    "null",
    "None",
    "NaN",
    "-",
    "0.50",
    "=1+1",
    "@x",
    "+49",
    "1,5",
)


def _many_rows(count: int) -> str:
    rows = (f"{number}.jpg,{number % 3}\n" for number in range(count))
    return "file,label\n" + "".join(rows)


TRAPS = (
    accepted(
        "labels that aren't numbers",
        inside(
            "file;label\n" + "".join(f"{n}.jpg;{text}\n" for n, text in enumerate(_TEXTS)),
            images(*(f"{n}.jpg" for n in range(len(_TEXTS)))),
        ),
        dict.fromkeys(_TEXTS, 1),
    ),
    accepted(
        "labels 007, 7 and 07",
        inside("file,label\n1.jpg,007\n2.jpg,7\n3.jpg,07\n", images("1.jpg", "2.jpg", "3.jpg")),
        {"007": 1, "07": 1, "7": 1},
    ),
    refused(
        "a cell of 200 KB",
        beside(f"file,label\n1.jpg,{'x' * 200_000}\n2.jpg,dog\n"),
        "can't be read as a CSV near line 2: field larger than field limit",
        *_BESIDE,
    ),
    refused(
        "a quote that isn't closed",
        beside('file,label\n1.jpg,"cat\n2.jpg,dog\n'),
        "near line 2: a quote is never closed; look for a quote that isn't closed",
        *_BESIDE,
    ),
    refused(
        "quotes that aren't closed",
        beside(
            "file,label\n" + "".join(f'{n}.jpg,"c{n % 2}\n' for n in range(1, 5)),
            images("1.jpg", "2.jpg", "3.jpg", "4.jpg"),
        ),
        "has rows inside of a label",
        *_BESIDE,
    ),
    refused(
        "a quote that isn't closed inside the zip",
        inside('file,label\n1.jpg,"cat\n2.jpg,dog\n'),
        "labels.csv can't be read as a CSV near line 2",
    ),
    refused(
        "a damaged CSV inside the zip",
        written(flipped(zip_bytes(_FLAT | {"labels.csv": _ROWS.encode()}), b"file,label", 2)),
        "The CSV labels.csv can't be read .damaged in the zip: its content doesn't fit",
    ),
    accepted("a zero byte in a CSV", inside("file,label\n1.jpg,c\0at\n2.jpg,dog\n")),
    *(
        accepted(
            name,
            beside(partial(_many_rows, count), images(*(f"{n}.jpg" for n in range(9)))),
            {"0": 3, "1": 3, "2": 3},
            warnings=["missing_images"],
            options=_BESIDE,
        )
        for name, count in (("100,000 rows", 100_000), ("a million rows", 1_000_000))
    ),
    refused(
        "three million rows",
        beside(lambda: "a,b\n" * 3_000_000),
        "more than 2,000,000 rows",
        *_BESIDE,
    ),
    refused(
        "a row of 4 MB", beside(lambda: "a," * 2_000_000), "a row of more than a million", *_BESIDE
    ),
    refused(
        "a CSV of 33 MiB",
        beside(lambda: "x" * (33 * 2**20)),
        "larger than 32 MiB; keep only",
        *_BESIDE,
    ),
    accepted(
        "labels that contradict",
        inside(
            "file,label\n1.jpg,cat\n2.jpg,dog\n3.jpg,cat\n3.jpg,dog\n",
            images("1.jpg", "2.jpg", "3.jpg"),
        ),
        skipped={"3.jpg": "labels.csv gives it several labels"},
    ),
    accepted(
        "an image without a label",
        inside(_ROWS + "3.jpg,\n", images("1.jpg", "2.jpg", "3.jpg", "4.jpg")),
        skipped={"3.jpg": "has no label in labels.csv", "4.jpg": "has no label in labels.csv"},
    ),
    accepted(
        "rows without an image",
        inside(_ROWS + "8.jpg,cat\n9.jpg,dog\n"),
        warnings=["missing_images"],
    ),
    accepted(
        "a formula as a name", inside(_ROWS + "=HYPERLINK(1),cat\n"), warnings=["missing_images"]
    ),
    refused(
        "names of other images",
        beside("file,label\na.jpg,cat\nb.jpg,dog\n"),
        "l.csv names none of the images; give each image a row",
        *_BESIDE,
    ),
    refused(
        "a CSV without labels",
        beside("file\n1.jpg\n2.jpg\n"),
        "names none of the images|no column",
        *_BESIDE,
    ),
    accepted(
        "a column for each class",
        beside("file,cat,dog,fox\n1.jpg,1,0,0\n2.jpg,0,1,0\n"),
        options=_BESIDE,
    ),
    accepted(
        "a form for answers beside the labels",
        zipped(
            images("1.jpg", "2.jpg", "3.jpg")
            | {"train.csv": _ROWS.encode(), "sample_submission.csv": b"file,label\n3.jpg,cat\n"}
        ),
        skipped={"3.jpg": "only sample_submission.csv gives it a label"},
        warnings=["tables"],
    ),
    accepted(
        "the table that the user names",
        zipped(_FLAT | {"a.csv": _ROWS.encode(), "b.csv": b"file,label\n1.jpg,x\n2.jpg,y\n"}),
        {"x": 1, "y": 1},
        options=["--table", "b.csv"],
        warnings=["tables"],
    ),
    accepted(
        "several labels, of which the user wants the first",
        inside("file,label\n1.jpg,cat;red\n2.jpg,dog;red\n"),
        options=["--several", "first"],
        warnings=["multi_label"],
    ),
    refused(
        "several labels each",
        inside("file,label\n1.jpg,cat;red\n2.jpg,dog;red\n"),
        r"choose what to do with several labels \(--several.*'first' \(2 classes, 2 images\)",
    ),
    refused("an empty CSV", beside(""), "names none of the images", *_BESIDE),
    refused(
        "a spreadsheet as a CSV",
        beside(b"PK\3\4" + bytes(100)),
        "a spreadsheet or a zip, not a CSV",
        *_BESIDE,
    ),
    refused(
        "an image as a CSV",
        beside(jpeg(1)),
        "names none of the images|can't be read as a CSV",
        *_BESIDE,
    ),
    refused(
        "a missing CSV", zipped(_FLAT), "none.csv can't be opened", "--labels", "{folder}/none.csv"
    ),
    refused(
        "a folder as a CSV",
        zipped(_FLAT),
        "can't be opened: Is a directory",
        "--labels",
        "{folder}",
    ),
    accepted(
        "a hostile name of a CSV",
        inside(_ROWS + "3.jpg,\n", images("1.jpg", "2.jpg", "3.jpg"), "a\nb\u202ec<b>.csv"),
        skipped={"3.jpg": "has no label in a.b.c<b>.csv"},
    ),
    accepted(
        "a CSV of class names in the path of an image",
        inside("file,label\n../../1.jpg,cat\n2.jpg,dog\n"),
    ),
)

_NESTED = images("animal/cat/1.jpg", "animal/dog/2.jpg", "plant/rose/3.jpg")
_SPLIT = {"train": 2, "validation": 1, "test": 1}
LAYOUTS = (
    accepted(
        "split folders in any case",
        zipped(
            images("x/Train/cat/1.jpg", "x/Train/dog/2.jpg", "x/VAL/cat/3.jpg", "x/tesT/dog/4.jpg")
        ),
        {"cat": 2, "dog": 2},
        splits=_SPLIT,
    ),
    accepted(
        "split folders by other names",
        zipped(
            images(
                "training_set/cat/1.jpg",
                "training_set/dog/2.jpg",
                "validation/cat/3.jpg",
                "testing/dog/4.jpg",
            )
        ),
        {"cat": 2, "dog": 2},
        splits=_SPLIT,
    ),
    accepted(
        "split folders with a common start",
        zipped(
            images(
                "seg_train/seg_train/cat/1.jpg",
                "seg_train/seg_train/dog/2.jpg",
                "seg_valid/cat/3.jpg",
                "seg_test/seg_test/dog/4.jpg",
                "seg_pred/5.jpg",
            )
        ),
        {"cat": 2, "dog": 2},
        splits=_SPLIT,
        skipped={"seg_pred/5.jpg": "in no class folder"},
        warnings=["layout"],
    ),
    accepted(
        "split folders in the classes",
        zipped(images("cat/train/1.jpg", "cat/val/2.jpg", "dog/train/3.jpg", "dog/test/4.jpg")),
        {"cat": 2, "dog": 2},
        splits=_SPLIT,
    ),
    accepted(
        "something beside the split folders",
        zipped(
            images(
                "train/cat/1.jpg",
                "train/dog/2.jpg",
                "valid/cat/3.jpg",
                "test/cat/4.jpg",
                "samples/a/5.jpg",
            )
        ),
        {"cat": 3, "dog": 1},
        splits=_SPLIT,
        skipped={"samples/a/5.jpg": "in no class folder"},
        warnings=["layout"],
    ),
    accepted(
        "wrappers and junk",
        zipped(
            images(
                "a/b c/cat/1.jpg",
                "a/b c/dog/2.jpg",
                "__MACOSX/a/._b",
                "a/.DS_Store",
                "a/b c/Thumbs.db",
            )
        ),
    ),
    accepted("nested folders", zipped(_NESTED), {"animal": 2, "plant": 1}, warnings=["layout"]),
    accepted(
        "nested folders by choice",
        zipped(_NESTED),
        {"cat": 1, "dog": 1, "rose": 1},
        options=["--reading", "subfolders"],
    ),
    accepted(
        "folders and a CSV",
        inside(_ROWS, images("x/1.jpg", "y/2.jpg")),
        {"x": 1, "y": 1},
        warnings=["layout"],
    ),
    accepted(
        "folders and a CSV by choice",
        inside(_ROWS, images("x/1.jpg", "y/2.jpg")),
        options=["--reading", "table"],
        warnings=["layout"],
    ),
    accepted(
        "a CSV beside and folders by choice",
        beside(_ROWS, images("x/1.jpg", "y/2.jpg")),
        {"x": 1, "y": 1},
        options=[*_BESIDE, "--reading", "folders"],
        warnings=["layout"],
    ),
    refused(
        "a table that isn't there",
        zipped(PAIR),
        "has no CSV that names its images; add one",
        "--reading",
        "table",
    ),
    refused(
        "folders that aren't there",
        inside(_ROWS),
        r"\(2 files: it is in no class folder\)",
        "--reading",
        "folders",
    ),
    refused(
        "flat images", zipped(_FLAT), r"No image of the upload has a label \(2 files: it is in no"
    ),
    accepted(
        "loose images of one class",
        zipped(_FLAT),
        {"cat": 2},
        options=["--class", "cat"],
        warnings=["one_class"],
    ),
    accepted(
        "split folders of one class",
        zipped(images("train/1.jpg", "val/2.jpg", "test/3.jpg")),
        {"cat": 3},
        options=["--class", "cat"],
        splits={"train": 1, "validation": 1, "test": 1},
    ),
    accepted(
        "a text for each image",
        zipped(PAIR | {"cat/1.txt": b"0 .5 .5 .1 .1", "dog/2.txt": b"1 .5"}),
        skipped={"cat/1.txt": "not an image", "dog/2.txt": "not an image"},
    ),
)

CASES: tuple[Case, ...] = (*DIALECTS, *TRAPS, *LAYOUTS)
