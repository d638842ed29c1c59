"""Archives in several parts, and several archives and files together."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.datasets.corpus.case import PAIR, Build, accepted, refused
from tests.datasets.corpus.tars import tar_bytes
from tests.datasets.corpus.zip_making import END, ENTRY, changed, zip_bytes
from tests.datasets.uploads import images, jpeg, make_folder

_FOUR = images("cat/1.jpg", "cat/2.jpg", "dog/3.jpg", "dog/4.jpg")
_TWO_EACH = {"cat": 2, "dog": 2}
_STAMP = "photos-20260101T101112Z"
_SOME = "is one part of several.*choose all (of them|parts) together"


def cut(content: bytes, count: int, name: str = "shapes.zip") -> dict[str, bytes]:
    """A file cut into pieces of equal size, as 7-Zip names them."""
    size = -(-len(content) // count)
    return {f"{name}.{n + 1:03}": content[n * size : (n + 1) * size] for n in range(count)}


def spanned(files: Mapping[str, bytes], sizes: Sequence[int]) -> dict[str, bytes]:
    """A zip on several disks, as `zip -s` and WinZip write it: each entry names its disk."""
    content = bytearray(b"PK\7\x08" + zip_bytes(files))
    begins = [sum(sizes[:n]) for n in range(len(sizes) + 1)]
    disk_of = lambda at: max(n for n, begin in enumerate(begins) if begin <= at)  # noqa: E731
    at = directory = content.index(ENTRY)
    while content.startswith(ENTRY, at):
        offset = struct.unpack_from("<I", content, at + 42)[0] + 4
        disk = disk_of(offset)
        struct.pack_into("<H", content, at + 34, disk)
        struct.pack_into("<I", content, at + 42, offset - begins[disk])
        name, extra, comment = struct.unpack_from("<3H", content, at + 28)
        at += 46 + name + extra + comment
    end = content.rindex(END)
    last, first = disk_of(end), disk_of(directory)
    struct.pack_into("<2H", content, end + 4, last, first)
    struct.pack_into("<I", content, end + 16, directory - begins[first])
    ends = [*begins[1:], len(content)]
    names = [*(f"shapes.z{n + 1:02}" for n in range(last)), "shapes.zip"]
    pieces = [bytes(content[a:b]) for a, b in zip(begins, ends, strict=True)]
    return dict(zip(names, pieces, strict=True))


def _drive(stem: str = _STAMP) -> dict[str, bytes]:
    """What Google Drive makes of a large folder: zips of some of its files each."""
    names = list(_FOUR)
    return {
        f"{stem}-{n + 1:03}.zip": zip_bytes({f"photos/{name}": _FOUR[name] for name in names[n::2]})
        for n in range(2)
    }


_CUT, _SPANNED = cut(zip_bytes(_FOUR), 3), spanned(_FOUR, [900, 900])


def in_folder(files: Mapping[str, bytes]) -> Build:
    return lambda folder: make_folder(folder / "upload", files)


def beside(files: Mapping[str, bytes], given: str) -> Build:
    """Files in a folder of which one is given."""
    return lambda folder: make_folder(folder / "upload", files) / given


def _without(files: Mapping[str, bytes], *names: str) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in names}


def _in_tar(files: Mapping[str, bytes]) -> Build:
    def build(folder: Path) -> Path:
        (folder / "upload.tar").write_bytes(tar_bytes(files))
        return folder / "upload.tar"

    return build


_REFUSED = (
    {
        f"only {name}": (beside({name: content}, name), _SOME)
        for name, content in {**_CUT, **_SPANNED}.items()
    }
    | {
        f"{name} of all": (beside(files, name), _SOME)
        for files in (_CUT, _SPANNED, _drive())
        for name in files
        if name != min(_drive())
    }
    | {
        f"without {name}": (in_folder(_without(files, name)), _SOME)
        for files in (_CUT, _SPANNED)
        for name in files
        if name != "shapes.zip.003"
    }
)
REFUSED: dict[str, tuple[Build, str]] = _REFUSED | {
    "without the last cut": (
        in_folder(_without(_CUT, "shapes.zip.003")),
        "The 2 parts of shapes.zip make no whole zip file: a part is missing or damaged",
    ),
    "Drive's second alone": (beside(_without(_drive(), min(_drive())), max(_drive())), "part 001"),
    "parts of a 7z": (in_folder(cut(b"7z" * 100, 2, "a.7z")), "not read in parts.*7-Zip"),
    "parts of a RAR": (in_folder({"a.part1.rar": b"Rar!"}), "not read in parts.*7-Zip"),
    "a part under another name": (
        beside({"upload.zip": _SPANNED["shapes.z01"]}, "upload.zip"),
        "one part of several",
    ),
    "a zip in a folder that leads outside": (
        in_folder({"a.zip": zip_bytes({"../cat/1.jpg": b"x"})}),
        "leads outside",
    ),
    "parts that lead outside": (
        in_folder(cut(zip_bytes({"../../x.jpg": b"x" * 300}), 2)),
        "leads outside",
    ),
}

CASES = (
    *(
        accepted(f"a {kind} zip", build, _TWO_EACH, warnings=["parts"])
        for kind, build in {
            "cut": in_folder(_CUT),
            "spanned": in_folder(_SPANNED),
            "Google Drive": in_folder(_drive()),
            "cut, in a tar,": _in_tar(_CUT),
        }.items()
    ),
    refused("a lonely part", *REFUSED["only shapes.zip.002"]),
    accepted(
        "a whole Google Drive download",
        beside({f"{_STAMP}-001.zip": zip_bytes(PAIR)}, f"{_STAMP}-001.zip"),
        warnings=["parts"],
    ),
    *(
        accepted(f"{name} alone", beside({name: zip_bytes(PAIR)}, name), warnings=warnings)
        for name, warnings in {
            "set-001.zip": ["parts"],
            "set-002.zip": ["parts"],
            "cifar-100.zip": [],
            "caltech-101.zip": [],
        }.items()
    ),
    accepted(
        "two zips of splits and a text beside them",
        in_folder(
            {
                "train.zip": zip_bytes(PAIR),
                "test.zip": zip_bytes({"cat/9.jpg": jpeg(9), "dog/8.jpg": jpeg(8)}),
                "read me.txt": b"hello",
            }
        ),
        _TWO_EACH,
        splits={"train": 2, "validation": 0, "test": 2},
        skipped={"read me.txt": "not an image"},
    ),
    accepted(
        "a zip and its table in a folder",
        in_folder(
            {
                "set.zip": zip_bytes(images("1.jpg", "2.jpg")),
                "labels.csv": b"file,label\n1.jpg,cat\n2.jpg,dog\n",
            }
        ),
    ),
    accepted(
        "a damaged file in a cut zip",
        in_folder(cut(changed(16, b"\0\0", files=_FOUR), 2)),
        {"cat": 1, "dog": 2},
        skipped={"cat/1.jpg": "checksum"},
        warnings=["parts"],
    ),
)
