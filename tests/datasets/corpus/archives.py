"""Zips: bombs, lies, links, encrypted and damaged ones."""

import functools
import stat
import struct
import zipfile
from collections.abc import Callable

from cnnlab.datasets import limits
from tests.datasets.corpus.case import PAIR, Build, accepted, refused, with_pair, written, zipped
from tests.datasets.corpus.zip_making import (
    LOCAL,
    changed,
    each_cut,
    encrypted,
    entry_of_kind,
    flipped,
    greedy_lzma,
    hidden_table,
    kernel_zip,
    lying_zip,
    nested,
    renamed,
    zip_bytes,
)
from tests.datasets.uploads import images, jpeg

_DEFLATED = zipfile.ZIP_DEFLATED
_LIMIT = bytes(limits.MAX_BYTES_AT_ANY_RATIO)
_BOMB, _MIB = bytes(2**24), bytes(2**20)
_HUNDRED = images(*(f"cat/{number}.jpg" for number in range(100)))
_ONLY_DOG = "only one class, 'dog'"
_BROKEN = "is a damaged or incomplete zip file; make it again"


def made(maker: Callable[..., bytes], *arguments) -> Build:
    """A file made when it is needed: some are large."""
    return written(functools.partial(maker, *arguments))


BOMBS = (
    refused("flat bomb", made(zip_bytes, {"cat/1.bmp": _LIMIT + b"0"}, _DEFLATED), "a zip bomb"),
    refused(
        "bomb of small files",
        made(zip_bytes, {f"cat/{number}.bmp": bytes(2**22) for number in range(5)}, _DEFLATED),
        "looks like a zip bomb: it unpacks to more than 200 times its size",
    ),
    refused(
        "bomb beside a hundred images",
        made(zip_bytes, _HUNDRED | {"x.bin": _LIMIT + b"0"}, _DEFLATED),
        "looks like a zip bomb",
    ),
    accepted(
        "much of nothing below the limit",
        made(zip_bytes, PAIR | {"cat/3.bmp": bytes(2**23)}, _DEFLATED),
        skipped={"cat/3.bmp": "not an image"},
    ),
    refused(
        "overlap bomb",
        made(kernel_zip, [(b"%d.bmp" % number, 2**20, 1) for number in range(10)], _MIB),
        "looks like a zip bomb: its files overlap",
    ),
    refused(
        "overlap bomb of 32 GiB",
        made(kernel_zip, [(b"%d.bmp" % number, 2**31, 1) for number in range(16)], _MIB),
        "would unpack to 32 GiB and at most 10 GiB are allowed; upload fewer",
    ),
    refused(
        "200,000 entries",
        made(kernel_zip, [(b"%d" % number, 0, 0) for number in range(200_000)], b""),
        "more than 150,000 files; split it into smaller zips",
    ),
    refused("a table hidden from a search", made(hidden_table), "more than 150,000 files"),
    refused(
        "5,000 classes",
        made(zip_bytes, {f"class {number}/1.jpg": b"x" for number in range(5_000)}),
        "5,000 classes and at most 1,000 are allowed; merge classes",
    ),
    refused(
        "a header that declares less",
        made(kernel_zip, [(b"cat/1.jpg", 16_000, 1)], _BOMB),
        "only one class, 'cat'",
    ),
    refused(
        "a header that declares much less",
        made(kernel_zip, [(b"cat/1.jpg", 1000, 1)], _BOMB),
        r"no images that can be read \(1 file: damaged in the zip: it is larger compressed",
    ),
    refused(
        "zips in zips in zips",
        made(nested, 3),
        r"no images that can be read \(4 files: an archive inside the upload",
    ),
    accepted(
        "a zip in the zip",
        with_pair("more.zip", functools.partial(nested, 1)),
        skipped={"more.zip": "an archive inside the upload, which is not opened"},
    ),
)

DAMAGED = (
    refused(
        "all encrypted",
        written(encrypted()),
        r"The file upload\.zip is encrypted; zip the images again without a password$",
    ),
    refused("one encrypted of two", written(changed(8, b"\1\0")), _ONLY_DOG),
    *(
        accepted(
            f"{what} of three",
            written(changed(offset, value, files={"cat/0.jpg": jpeg(3)} | PAIR)),
            skipped={"cat/0.jpg": reason},
        )
        for what, offset, value, reason in (
            ("one encrypted", 8, b"\1\0", "encrypted: zip it without a password"),
            (
                "one deflate64",
                10,
                b"\x09\0",
                "compressed with Deflate64, which is not read: unpack",
            ),
            ("one beyond the end", 42, b"\0\0\0\x7f", "damaged in the zip: it lies outside of the"),
            (
                "one with a wrong checksum",
                16,
                b"\0\0",
                "damaged in the zip: its content doesn't fit",
            ),
        )
    ),
    refused("deflate64", written(changed(10, b"\x09\0")), rf"{_ONLY_DOG}.*with Deflate64.*7-Zip"),
    refused("Zstandard", written(changed(10, b"\x5d\0")), rf"{_ONLY_DOG}.*with Zstandard.*7-Zip"),
    refused("an unknown compression", written(changed(10, b"\x63\0")), rf"{_ONLY_DOG}.*method 99"),
    accepted("bzip2 inside", made(zip_bytes, PAIR, zipfile.ZIP_BZIP2)),
    accepted("LZMA inside", made(zip_bytes, PAIR, zipfile.ZIP_LZMA)),
    *(
        refused(
            f"a header that declares less than its {called}",
            made(lying_zip, method),
            f"{_ONLY_DOG}|no images that can be used.*doesn't fit its checksum",
        )
        for called, method in (("bzip2", zipfile.ZIP_BZIP2), ("LZMA", zipfile.ZIP_LZMA))
    ),
    accepted(
        "an LZMA dictionary of 4 GB",
        written(greedy_lzma()),
    ),
    refused(
        "a wrong checksum",
        written(flipped(zip_bytes(), b"\xff\xd8\xff", 90)),
        "only one class, 'dog'.*doesn't fit its checksum",
    ),
    refused("a size too large", written(changed(24, struct.pack("<I", 4000))), "fit its checksum"),
    refused("a size too small", written(changed(24, struct.pack("<I", 40))), "fit its checksum"),
    refused("an offset beyond the end", written(changed(42, struct.pack("<I", 2**31))), _ONLY_DOG),
    refused(
        "an offset into a header", written(changed(42, struct.pack("<I", 7))), "header is miss"
    ),
    refused("no local header", written(changed(0, b"PK\7\7", LOCAL)), "header is missing"),
    refused("a broken table", written(changed(0, b"PK\7\7")), _BROKEN),
    refused("version 99.9", written(changed(6, b"\xe7\x03")), _BROKEN),
    refused("a broken extra field", written(changed(30, b"\x04\0")), _BROKEN),
    refused("a name that isn't UTF-8", written(changed(8, b"\0\x08", name=b"\xff\xfe")), _BROKEN),
    *(
        refused(f"cut after {number} of 12", written(content), _BROKEN)
        for number, content in enumerate(each_cut(zip_bytes(), 12), start=1)
    ),
)

CASES = (
    *BOMBS,
    *DAMAGED,
    *(
        refused(f"{name} in a zip", made(entry_of_kind, kind), "'cat/odd.jpg' is a link or a devi")
        for name, kind in {
            "link": stat.S_IFLNK,
            "pipe": stat.S_IFIFO,
            "block device": stat.S_IFBLK,
            "character device": stat.S_IFCHR,
            "socket": stat.S_IFSOCK,
        }.items()
    ),
    refused("an empty zip", zipped({}), "holds no images; put the images of each class"),
    refused("only folders", zipped({"cat/": b"", "dog/": b""}), "holds no images; put the images"),
    refused(
        "only junk",
        zipped(images("__MACOSX/cat/._1.jpg", "cat/.DS_Store", "Thumbs.db")),
        "holds no images; put the images",
    ),
    refused("only texts", zipped({"cat/a.txt": b"a", "dog/b.md": b"b"}), "holds no images; put"),
    refused(
        "only HEIC",
        zipped({"cat/a.heic": b"a", "dog/b.HEIC": b"b"}),
        r"\(2 files: the format .heic is not read: convert it to JPEG or PNG\)",
    ),
    refused("one class", zipped(images("a/cat/1.jpg", "a/cat/2.jpg")), "only one class, 'cat'"),
    accepted(
        "the same path twice",
        made(renamed, b"cat/3.jpg", b"cat/1.jpg", PAIR | {"cat/3.jpg": jpeg(3)}),
        skipped={"cat/1.jpg": "is in the zip twice"},
    ),
    accepted("something behind the zip", written(zip_bytes() + b"thank you")),
    accepted("a program before the zip", written(b"MZ" + bytes(5000) + zip_bytes())),
    accepted("an image before the zip", written(jpeg() + zip_bytes())),
    accepted("deflated", made(zip_bytes, PAIR, _DEFLATED)),
    accepted(
        "an image of 21 MiB",
        with_pair("cat/3.bmp", functools.partial(bytes, 21 * 2**20)),
        skipped={"cat/3.bmp": "larger than 20 MiB"},
    ),
)
