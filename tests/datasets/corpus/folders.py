"""Folders on the disk."""

import os
from pathlib import Path

from tests.datasets.corpus.case import BOTH, PAIR, accepted, refused
from tests.datasets.uploads import images, jpeg, make_folder


def _plain(folder: Path) -> Path:
    return make_folder(folder / "upload", PAIR)


def _with_links(folder: Path) -> Path:
    upload = _plain(folder)
    (upload / "cat" / "link.jpg").symlink_to("1.jpg")
    (upload / "cat" / "passwd.jpg").symlink_to("/etc/passwd")
    (upload / "fox").symlink_to("/etc")
    (upload / "loop").symlink_to(upload)
    return upload


def _with_pipe(folder: Path) -> Path:
    upload = _plain(folder)
    os.mkfifo(upload / "cat" / "pipe.jpg")
    return upload


def _not_utf8(folder: Path) -> Path:
    upload = _plain(folder)
    with (upload / os.fsdecode(b"cat/\xff\xfe.jpg")).open("wb") as file:
        file.write(jpeg(7))
    return upload


def _linked(folder: Path) -> Path:
    (folder / "link").symlink_to(_plain(folder))
    return folder / "link"


def _of(files: dict[str, bytes]):
    return lambda folder: make_folder(folder / "upload", files)


def _empty(folder: Path) -> Path:
    (folder / "upload").mkdir()
    return folder / "upload"


_LINK = "a link, which is not followed"
CASES = (
    accepted("a folder", _plain),
    accepted("a link to a folder", _linked),
    accepted(
        "links in a folder",
        _with_links,
        skipped={"cat/link.jpg": _LINK, "cat/passwd.jpg": _LINK, "fox": _LINK, "loop": _LINK},
    ),
    accepted("a pipe in a folder", _with_pipe, skipped={"cat/pipe.jpg": "not a regular file"}),
    accepted("a file name that isn't UTF-8", _not_utf8, {"cat": 2, "dog": 1}),
    accepted(
        "hidden folders and junk",
        _of(PAIR | images(".git/3.jpg", "cat/._1.jpg", "@eaDir/4.jpg", "$RECYCLE.BIN/5.jpg")),
        BOTH,
    ),
    accepted(
        "an archive in a folder",
        _of(PAIR | {"more.zip": b"x"}),
        skipped={"more.zip": "an archive inside"},
    ),
    accepted(
        "a very deep folder",
        _of(PAIR | {"cat/" + "d/" * 30 + "3.jpg": jpeg(3)}),
        skipped={"cat/" + "d/" * 30 + "3.jpg": "more than 20 folders deep"},
    ),
    refused("an empty folder", _empty, "holds no images; put the images of each class"),
    refused("a folder of one class", _of(images("cat/1.jpg")), "No image|only one class"),
)
