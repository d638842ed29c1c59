"""Names of files and classes: paths that lead outside, and what no class was ever called."""

import unicodedata
from pathlib import Path

from tests.datasets.corpus.case import BOTH, PAIR, accepted, refused, with_pair, written, zipped
from tests.datasets.corpus.zip_making import renamed
from tests.datasets.uploads import images, jpeg

_OUTSIDE = (
    "/etc/cat.jpg",
    "../cat.jpg",
    "../../../../../../outside/cat.jpg",
    "cat/../../dog.jpg",
    "cat/..",
    "cat/.. /dog.jpg",
    "cat/ ../dog.jpg",
    "./../cat.jpg",
    "..\\cat.jpg",
    "cat\\..\\..\\dog.jpg",
    "cat/..\\..\\dog.jpg",
    "C:\\cat.jpg",
    "c:cat.jpg",
    "c:/cat/1.jpg",
    "\\\\server\\share\\cat.jpg",
    "//server/share/cat.jpg",
    "\\\\?\\C:\\cat.jpg",
    "\\cat.jpg",
)


def _to_the_watched(folder: Path) -> Path:
    """An absolute path to where the test would see a file appear."""
    return with_pair(f"{folder.parent}/outside/evil.jpg", b"x")(folder)


PATHS = (
    *(
        refused(f"the path {name!r}", with_pair(name, jpeg(9)), "holds a path that leads outside")
        for name in _OUTSIDE
    ),
    refused("a path to the test's own folder", _to_the_watched, "path that leads outside"),
    accepted(
        "percents instead of dots",
        zipped(images("%2e%2e%2fcat/1.jpg", "..%2fdog/2.jpg", "fox/3.jpg")),
        {"%2e%2e%2fcat": 1, "fox": 1},
    ),
    accepted(
        "look-alikes of dots and slashes",
        zipped(images("\uff0e\uff0e/1.jpg", "\u2025\u2215a/2.jpg")),
        {"\uff0e\uff0e": 1, "\u2025\u2215a": 1},
    ),
    accepted(
        "a zero byte in a name",
        written(renamed(b"cat/3.jpg_", b"cat/3.jpg\0", PAIR | {"cat/3.jpg_": jpeg(3)})),
        skipped={"cat/3.jpg\0": "its name holds a zero byte"},
    ),
    accepted(
        "a path of 3,000 characters",
        with_pair("cat/" + "x" * 3000 + ".jpg", jpeg(3)),
        skipped={"cat/" + "x" * 1996: "its path has more than 2000 characters"},
    ),
    accepted(
        "a path of 300 folders",
        with_pair("cat/" + "x/" * 300 + "1.jpg", jpeg(3)),
        skipped={"cat/" + "x/" * 300 + "1.jpg": "it lies more than 20 folders deep"},
    ),
    accepted(
        "names that Windows reserves",
        zipped(images("CON/NUL.jpg", "aux/COM1.jpg")),
        {"aux": 1, "CON": 1},
    ),
    accepted(
        "backslashes between folders",
        zipped(images("cat\\1.jpg", "dog\\2.jpg")),
        BOTH,
    ),
    accepted(
        "dots and doubled slashes",
        zipped(images("./cat//1.jpg", "././dog/./2.jpg")),
        BOTH,
    ),
    accepted(
        "paths that differ in case",
        zipped(images("cat/1.jpg", "cat/1.JPG", "CAT/1.jpg", "dog/2.jpg")),
        {"CAT": 1, "cat": 2, "dog": 1},
        warnings=["similar_classes"],
    ),
    accepted(
        "control characters in file names",
        zipped(images("cat/a\nb\x1b[31m.jpg", "dog/\u202egpj.jpg")),
        BOTH,
    ),
)

_MEAN = {
    "HTML": "<script>alert(1)</script>".replace("/", "\u2044"),
    "an image tag": "<img src=x onerror=alert(1)>",
    "Markdown": "**bold** [link](javascript:alert(1)) `code` :smile:",
    "LaTeX": "$\\frac{1}{2}$".replace("\\", "\u29f5"),
    "a formula": "=cmd|' !A1",
    "another formula": "@SUM(1+1)",
    "a number": "007",
    "a float": "1e3",
    "not a number": "NaN",
    "nothing at all": "None",
    "an emoji": "\U0001f408\u200d\u2b1b",
    "right to left": "\u05d7\u05ea\u05d5\u05dc",
    "bidi marks": "\u202etac\u202c",
    "a zero width space": "c\u200bat",
    "a percent": "100%d %s {0}",
    "a quote": 'it\'s "quoted"',
    "a semicolon": "a;b,c\td".replace("\t", " "),
    "SQL": "'; DROP TABLE datasets; --",
    "300 characters": "x" * 300,
    "1,000 characters": "\u00e4" * 1000,
    "a private character": "\ue000",
    "a surrogate pair": "\U00010348",
}

CLASSES = (
    *(
        accepted(
            f"a class called {what}",
            zipped(images(f"{name}/1.jpg", "other/2.jpg")),
            {name: 1, "other": 1},
        )
        for what, name in _MEAN.items()
    ),
    accepted(
        "control characters in a class",
        zipped(images("c\x00at/1.jpg".replace("\x00", "\x01"), "d\r\nog/2.jpg", "\x7ffox/3.jpg")),
        {"cat": 1, "d  og": 1, "fox": 1},
    ),
    accepted(
        "spaces around classes",
        zipped(images(" cat /1.jpg", "cat/2.jpg", "dog\u00a0/3.jpg")),
        {"cat": 2, "dog": 1},
    ),
    accepted(
        "a class of spaces",
        with_pair("  \u2003 /3.jpg", jpeg(3)),
        skipped={"  \u2003 /3.jpg": "its class folder has a blank name"},
    ),
    accepted(
        "a class of 1,001 characters",
        with_pair("x" * 1001 + "/3.jpg", jpeg(3)),
        skipped={"x" * 1001 + "/3.jpg": "its class name has more than 1000 characters"},
    ),
    accepted(
        "classes that differ in case",
        zipped(images("cat/1.jpg", "Cat/2.jpg")),
        {"Cat": 1, "cat": 1},
        warnings=["similar_classes"],
    ),
    accepted(
        "classes that look the same",
        zipped(images("cat/1.jpg", "c\u200bat/2.jpg", "\uff43at/3.jpg", "dog/4.jpg")),
        {"cat": 1, "c\u200bat": 1, "\uff43at": 1, "dog": 1},
        warnings=["similar_classes"],
    ),
    accepted(
        "accents put together in two ways",
        zipped(
            images(
                *(f"{unicodedata.normalize(form, 'café')}/{form}.jpg" for form in ("NFC", "NFD")),
                "dog/1.jpg",
            )
        ),
        {"café": 2, "dog": 1},
    ),
    accepted(
        "a class named on the command line",
        zipped(images("1.jpg", "a/2.jpg", "b/3.jpg")),
        {"<b> cat": 3},
        options=["--class", " <b>\ncat\x07 "],
        warnings=["layout"],
    ),
    refused(
        "a blank class on the command line",
        zipped(PAIR),
        "its class name is blank; give an",
        "--class",
        " \n ",
    ),
    refused(
        "a class and a reading", zipped(PAIR), "not both", "--class", "a", "--reading", "table"
    ),
)

CASES = (*PATHS, *CLASSES)
