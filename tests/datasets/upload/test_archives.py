import random
import stat
import struct
import zipfile
import zlib

import pytest

from cnnlab.datasets import limits
from cnnlab.datasets.upload.archives import list_zip
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.datasets.upload.sources import UnreadableMemberError
from cnnlab.domain.errors import UploadError
from tests.datasets.uploads import images, jpeg, make_zip

OUTSIDE = "leads outside"


def read(path, member):
    with open_source(path) as reader:
        return reader.read(member)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/cat.jpg",
        "../cat.jpg",
        "cat/../../dog.jpg",
        "cat/..",
        "cat/.. /dog.jpg",
        "..\\cat.jpg",
        "cat\\..\\..\\dog.jpg",
        "C:\\cat.jpg",
        "c:cat.jpg",
        "\\\\server\\share\\cat.jpg",
        "//server/share/cat.jpg",
    ],
)
def test_a_path_that_leads_outside_refuses_the_whole_zip(tmp_path, name):
    path = make_zip(tmp_path / "a.zip", images("cat/1.jpg") | {name: b"x"})
    with pytest.raises(UploadError, match=OUTSIDE):
        list_zip(path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFCHR])
def test_links_and_devices_refuse_the_whole_zip(tmp_path, kind):
    entry = zipfile.ZipInfo("cat/1.jpg")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(UploadError, match="link or a device"):
        list_zip(tmp_path / "a.zip")


def test_a_flat_bomb_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("cat/1.bmp", bytes(limits.MAX_BYTES_AT_ANY_RATIO + 1))
    with pytest.raises(UploadError, match="zip bomb"):
        list_zip(path)


def test_many_small_members_together_are_a_bomb(tmp_path):
    one = bytes(4 * 2**20)
    path = make_zip(
        tmp_path / "a.zip", {f"{n}.bmp": one for n in range(5)}, compression=zipfile.ZIP_DEFLATED
    )
    rewrite(path, deflate=True)
    with pytest.raises(UploadError, match="zip bomb"):
        list_zip(path)


def rewrite(path, *, deflate):
    """Write the zip's members again, deflated."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if deflate else 0) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def raw_zip(entries, kernel: bytes) -> bytes:
    """A zip whose entries all point to one kernel; (name, size, crc) each."""
    body = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(kernel), 0, 1, 0) + b"x"
    body += kernel
    directory = b"".join(
        struct.pack(
            "<4s6H3I5H2I",
            *(b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(kernel), size, len(name)),
            *(0, 0, 0, 0, 0, 0),
        )
        + name
        for name, size, crc in entries
    )
    count = min(len(entries), 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def test_an_overlap_bomb_is_refused(tmp_path):
    kernel = zlib.compress(bytes(2**20), wbits=-15)
    path = tmp_path / "a.zip"
    path.write_bytes(raw_zip([(b"%d.bmp" % n, 2**20, 1) for n in range(10)], kernel))
    with pytest.raises(UploadError, match="overlap"):
        list_zip(path)
    path.write_bytes(raw_zip([(b"%d.bmp" % n, 2**31, 1) for n in range(16)], kernel))
    with pytest.raises(UploadError, match="would unpack to 32\u00a0GiB"):
        list_zip(path)


def test_too_many_entries_are_refused_before_they_are_listed(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(raw_zip([(b"%d" % n, 0, 0) for n in range(200_000)], b""))
    with pytest.raises(UploadError, match="more than 150,000 files"):
        list_zip(path)


def test_a_header_that_declares_less_is_not_inflated_further(tmp_path):
    bomb = zlib.compress(bytes(2**24), wbits=-15)
    path = tmp_path / "a.zip"
    path.write_bytes(raw_zip([(b"1.jpg", 1000, zlib.crc32(bytes(1000)))], bomb))
    # Its entry is larger compressed than inflated; with more zeros it would be a lie unseen.
    assert "larger compressed" in list_zip(path).skipped[0].reason
    path.write_bytes(raw_zip([(b"1.jpg", 16_000, zlib.crc32(bytes(16_000)))], bomb))
    (member,) = list_zip(path).members
    with pytest.raises(UnreadableMemberError, match="checksum"):
        read(path, member)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((8, struct.pack("<HH", 1, 0)), "encrypted"),
        ((10, struct.pack("<H", 9)), "with Deflate64"),
        ((10, struct.pack("<H", 99)), "with method 99"),
    ],
)
def test_a_member_that_cant_be_read_is_skipped_with_a_reason(tmp_path, change, reason):
    path = make_zip(tmp_path / "a.zip", images("cat/1.jpg", "dog/2.jpg"))
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\1\2") + change[0]
    content[at : at + len(change[1])] = change[1]
    path.write_bytes(content)
    listing = list_zip(path)
    assert [member.path for member in listing.members] == ["dog/2.jpg"]
    assert listing.skipped[0].file == "cat/1.jpg"
    assert reason in listing.skipped[0].reason


@pytest.mark.parametrize("at", [0, 40])
def test_a_damaged_member_is_named_when_it_is_read(tmp_path, at):
    path = make_zip(tmp_path / "a.zip", images("cat/1.jpg"))
    (member,) = list_zip(path).members
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UnreadableMemberError, match="damaged in the zip"):
        read(path, member)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a zip file"),
        (b"hello", "not a zip file"),
        (b"Rar!\x1a\x07\0", "RAR"),
        (b"\x1f\x8b\x08", "gzip"),
        (jpeg(), "single JPEG"),
    ],
)
def test_other_formats_are_named(tmp_path, content, message):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(UploadError, match=message):
        list_source(path)


def test_a_truncated_zip_is_called_incomplete(tmp_path):
    path = make_zip(tmp_path / "a.zip", images("cat/1.jpg", "dog/1.jpg"))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UploadError, match="damaged or incomplete"):
        list_zip(path)


def test_a_zip_under_another_name_is_read(tmp_path):
    path = make_zip(tmp_path / "photos.bin", images("cat/1.jpg"))
    assert len(list_source(path).members) == 1


def test_what_operating_systems_leave_is_ignored(tmp_path):
    junk = ["__MACOSX/cat/._1.jpg", "cat/._1.jpg", "cat/.DS_Store", "Thumbs.db", "a/desktop.ini"]
    listing = list_zip(make_zip(tmp_path / "a.zip", images("cat/1.jpg", *junk, ".git/2.jpg")))
    assert [member.path for member in listing.members] == ["cat/1.jpg"]
    assert listing.skipped == ()


def test_names_are_decoded_and_normalised(tmp_path):
    path = make_zip(tmp_path / "a.zip", images("./k\\u.jpg", "zz/xx//1.jpg"))
    content = path.read_bytes().replace(b"zz/xx", "ä/xx".encode())  # as macOS: UTF-8, no flag
    path.write_bytes(content)
    assert [member.path for member in list_zip(path).members] == ["k/u.jpg", "ä/xx/1.jpg"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_second_of_two_equal_paths_is_skipped(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("cat/1.jpg", b"a")
        archive.writestr("cat/1.jpg", b"b")
    listing = list_zip(tmp_path / "a.zip")
    assert len(listing.members) == 1
    assert listing.skipped[0].reason == "is in the zip twice"


@pytest.mark.parametrize("seed", range(60))
def test_damage_anywhere_ends_in_a_sentence(tmp_path, seed):
    rng = random.Random(seed)
    files = images("cat/1.jpg", "dog/2.jpg", "cat/3.jpg")
    content = bytearray(make_zip(tmp_path / "a.zip", files).read_bytes())
    directory = content.index(b"PK\1\2")
    for _ in range(rng.randint(1, 4)):
        content[rng.randrange(directory if seed % 2 else 0, len(content))] = rng.randrange(256)
    path = tmp_path / "b.zip"
    path.write_bytes(
        content[: rng.randint(len(content) // 2, len(content))] if seed % 5 == 0 else content
    )
    try:
        listing = list_zip(path)
        for member in listing.members:
            read(path, member)
    except UploadError as error:
        assert str(error)
