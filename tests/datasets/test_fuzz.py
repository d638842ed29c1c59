"""Whatever is done to an upload, its import ends in a result or in one sentence.

The check tries a sixth of the examples, the same ones every time; `CNNLAB_FUZZ=20` tries twenty
times all of them, other ones every time.
"""

import io
import os
import random
import shutil
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlab.datasets.importing.importing import import_images
from cnnlab.datasets.pictures.decode import (
    UnreadableImageError,
    check_image,
    open_image,
    without_decoder_warnings,
)
from cnnlab.domain.data.labelling import READINGS, Labelling
from cnnlab.domain.errors import CnnlabError
from tests.datasets.corpus.picture_making import RED, animated, deep, png_chunk, png_with, turned
from tests.datasets.corpus.tars import extended, raw_entry, tar_bytes
from tests.datasets.corpus.zip_making import zip_bytes
from tests.datasets.uploads import encoded, images, jpeg

TIMES = int(os.environ.get("CNNLAB_FUZZ", "0"))
SECONDS = 10

FILES = images("train/cat/1.jpg", "train/dog/2.jpg", "test/cat/3.jpg")
FLAT = images("1.jpg", "2.png", "a/3.jpg")
CSV = 'file;"label";split\n1.jpg;cat;train\n"2.png";dog;test\n3;"d""o;g";val\n'
PICTURES = [
    *(encoded(RED, kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")),
    *(encoded(RED.convert(mode), "PNG") for mode in ("1", "P", "LA", "RGBA")),
    *(animated(kind) for kind in ("GIF", "WEBP", "PNG", "TIFF", "MPO")),
    *(
        encoded(RED, "TIFF", compression=kind)
        for kind in ("jpeg", "tiff_lzw", "tiff_adobe_deflate")
    ),
    encoded(RED, "JPEG", progressive=True, subsampling=0),
    encoded(RED.convert("CMYK"), "JPEG"),
    encoded(RED, "WEBP", lossless=True),
    turned(6),
    deep("uint16", "PNG"),
    png_with(png_chunk(b"tEXt", b"k\0v"), png_chunk(b"gAMA", bytes(4))),
]


def tried(examples: int):
    """So many examples, or a sixth of them, the same every time, where no more are wanted."""
    return settings(
        max_examples=examples * TIMES or examples // 6,
        derandomize=not TIMES,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder for the upload and the dataset, in a folder that is watched."""
    return tmp_path_factory.mktemp("watched") / "a" / "b"


def ends_well(
    place, content: bytes, labelling: Labelling | None = None, table: bytes | None = None
) -> None:
    """Import and see that it ends in a result or a sentence, and nothing lies elsewhere."""
    into = place / "dataset"
    into.mkdir(parents=True)
    (place / "upload").write_bytes(content)
    if table is not None:
        (place / "labels.csv").write_bytes(table)
        labelling = Labelling(table=place / "labels.csv")
    start = os.times()
    try:
        imported = import_images(place / "upload", into, labelling=labelling, processes=1)
        assert sum(imported.classes.values()) > 0
        assert all(warning.message.isprintable() for warning in imported.warnings)
        assert all(file.reason.isprintable() for file in imported.skipped)
    except CnnlabError as error:
        assert str(error)
        assert str(error).isprintable()
    assert sum(os.times()[:2]) - sum(start[:2]) < SECONDS
    shutil.rmtree(into)
    (place / "upload").unlink()
    (place / "labels.csv").unlink(missing_ok=True)
    assert [path for path in place.parent.parent.rglob("*") if path.is_file()] == []


@st.composite
def mutated(draw, originals):
    """One of the originals, with bytes changed, cut out, doubled, or moved."""
    content = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        length = draw(st.sampled_from((1, 2, 4, 8, 30, 46, 200, 512)))
        kind = draw(st.sampled_from(("flip", "number", "cut", "double", "end", "zero", "insert")))
        if kind == "flip":
            content[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == "number":
            value = draw(st.sampled_from((0, 1, 255, 256, 2**15, 2**16 - 1, 2**31, 2**32 - 1)))
            content[at : at + 4] = value.to_bytes(4, draw(st.sampled_from(("little", "big"))))
        elif kind == "cut":
            del content[at : at + length]
        elif kind == "double":
            content[at:at] = content[at : at + length]
        elif kind == "end":
            del content[at:]
        elif kind == "zero":
            content[at : at + length] = bytes(length)
        else:
            content[at:at] = draw(st.binary(max_size=8))
    return bytes(content)


PARTS = st.sampled_from(
    ["..", ".", "", " ", "cat", "Cat", "train", "test", "C:", "\0", "\n", "%2e", "\u202e", "CON",
     "a" * 300, "1.jpg", "2.PNG", "\ud7ff", "\uff0e\uff0e", "caf\u00e9", "cafe\u0301", "__MACOSX"]
)  # fmt: skip
PATHS = st.builds(
    lambda parts, separator, name: separator.join([*parts, name]),
    st.lists(PARTS, max_size=5),
    st.sampled_from("/\\"),
    st.sampled_from(["1.jpg", "2.png", "3", "x.csv", "x.zip", "..", "a.txt"]),
)
FILES_OF_ANY_NAME = st.dictionaries(PATHS, st.sampled_from([jpeg(1), jpeg(2), CSV.encode(), b""]))
LABELLINGS = st.builds(
    Labelling,
    reading=st.sampled_from((None, *READINGS)),
    class_name=st.sampled_from((None, None, None, "a", " ", "\0")),
)


@tried(150)
@given(mutated([zip_bytes(FILES), zip_bytes(FILES, 8), zip_bytes(FLAT | {"l.csv": CSV.encode()})]))
def test_zips_with_changed_bytes(place, content):
    ends_well(place, content)


@tried(100)
@given(mutated([tar_bytes(FILES), tar_bytes(FILES, 1), tar_bytes({"x" * 200 + "/1.jpg": b"x"})]))
def test_tars_with_changed_bytes(place, content):
    ends_well(place, content)


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile cuts names at a zero byte
@tried(100)
@given(FILES_OF_ANY_NAME, LABELLINGS, st.booleans())
def test_files_of_any_name(place, files, labelling, as_tar):
    if as_tar:
        content = b"".join(
            raw_entry(b"x", extended(b"path", name.encode()), b"x") + raw_entry(b"x", content)
            for name, content in files.items()
        ) + bytes(1024)
    else:
        content = zip_bytes(files)
    ends_well(place, content, labelling)


@st.composite
def tables_of_contents(draw):
    """A zip whose table says what it likes, in the fields that matter."""
    body = bytearray(zip_bytes(FILES, draw(st.sampled_from((0, 8)))))
    at = -1
    numbers = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from((0, 2**31, 2**32 - 1)))
    while (at := body.find(b"PK\1\2", at + 1)) >= 0:
        for offset, form, values in (
            (8, "<H", st.sampled_from((0, 1, 0x800, 0x801, 0x2000))),
            (10, "<H", st.sampled_from((0, 8, 9, 12, 14, 99))),
            (16, "<I", numbers), (20, "<I", numbers), (24, "<I", numbers), (42, "<I", numbers),
            (38, "<I", st.sampled_from((0, 0o100644 << 16, 0o120777 << 16, 0o40755 << 16))),
        ):  # fmt: skip
            if draw(st.integers(0, 9)) == 0:
                struct.pack_into(form, body, at + offset, draw(values))
    return bytes(body)


@tried(150)
@given(tables_of_contents())
def test_tables_of_contents_that_lie(place, content):
    ends_well(place, content)


@st.composite
def headers(draw):
    """A tar whose headers are sound by their checksums, whatever they say."""
    kinds = st.sampled_from(
        [b"0", b"\0", b"1", b"2", b"5", b"7", b"x", b"g", b"L", b"K", b"S", b"Z"]
    )
    keys = st.sampled_from([b"path", b"size", b"GNU.sparse.name", b"linkpath", b"hdrcharset"])
    contents = st.one_of(
        st.builds(extended, keys, st.binary(max_size=20)),
        st.sampled_from([jpeg(1), b"", b"cat/9.jpg\0", b"5 a=\n", b"\0" * 600]),
    )
    sizes = st.one_of(
        st.none(),
        st.sampled_from([b"\x80" + bytes(11), b"\xff" * 12, b"\x80" + b"\xff" * 11, b" " * 12]),
        st.builds(lambda size: b"%011o\0" % size, st.integers(0, 2**33 - 1)),
    )
    entries = st.builds(
        raw_entry, PATHS.map(lambda path: path.encode()[:100]), contents, kinds, sizes
    )
    return b"".join(draw(st.lists(entries, max_size=6))) + bytes(draw(st.sampled_from((0, 1024))))


@tried(150)
@given(headers())
def test_tar_headers_that_lie(place, content):
    ends_well(place, tar_bytes(FILES)[:-10240] + content)


CELLS = st.sampled_from(
    ["1.jpg", "2.png", "3", "a/3.jpg", "cat", "dog", "", '"', '"a', 'a"b', '""', "train", "test",
     "file", "label", "007", "1e3", "NA", "=1+1", "a\nb", "\0", "\u00e9", "0", "1", " ", "\u202e"]
)  # fmt: skip


@st.composite
def tables(draw):
    """A CSV in any dialect, sound or not."""
    rows = draw(st.lists(st.lists(CELLS, max_size=4), max_size=8))
    separator, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(("\n", "\r\n", "\r")))
    text = draw(st.sampled_from(("", "\ufeff", "sep=;\n", "file,label\n")))
    text += end.join(separator.join(row) for row in rows)
    encoding = draw(
        st.sampled_from(("utf-8", "utf-16", "utf-16-be", "utf-16-le", "cp1252", "utf-7"))
    )
    return text.encode(encoding, "replace")


@tried(150)
@given(
    st.one_of(tables(), mutated([CSV.encode(), CSV.encode("utf-16"), CSV.encode("utf-8-sig")])),
    st.booleans(),
)
def test_tables_of_any_kind(place, table, beside):
    files = FLAT if beside else FLAT | {"labels.csv": table}
    ends_well(place, zip_bytes(files), table=table if beside else None)


@tried(400)
@given(mutated(PICTURES))
def test_pictures_with_changed_bytes(content):
    with without_decoder_warnings():
        for read in (check_image, open_image):
            try:
                read(content)
            except UnreadableImageError as error:
                assert str(error)
                assert str(error).isprintable()


@tried(30)
@given(st.randoms(use_true_random=False))
def test_entries_shuffled_doubled_and_left_out(place, generator: random.Random):
    files = [*FILES.items()] * 3
    generator.shuffle(files)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(files[0][0], files[0][1])
        for name, content in files[: generator.randint(4, 9)]:
            archive.writestr(zipfile.ZipInfo(name), content[: generator.randint(0, len(content))])
    ends_well(place, file.getvalue())
