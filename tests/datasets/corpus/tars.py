"""Tar files, plain and compressed."""

import bz2
import functools
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Mapping

from tests.datasets.corpus.case import BOTH, PAIR, Build, accepted, refused, written
from tests.datasets.corpus.zip_making import each_cut, flipped, zip_bytes
from tests.datasets.uploads import images, jpeg

_BROKEN = "is a damaged or incomplete tar file"
_DECOMPRESS = "damaged or incomplete and can't be decompressed; make it again"


def tar_bytes(files: Mapping[str, bytes] = PAIR, format: int = tarfile.PAX_FORMAT) -> bytes:
    """The content of a tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def with_entry(kind: bytes, name: str = "cat/odd.jpg", **fields) -> bytes:
    """A tar of the pair and an entry of some kind without content."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for path, content in PAIR.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        odd = tarfile.TarInfo(name)
        odd.type = kind
        for field, value in fields.items():
            setattr(odd, field, value)
        archive.addfile(odd)
    return file.getvalue()


def raw_entry(
    name: bytes,
    content: bytes,
    kind: bytes = b"0",
    size: bytes | None = None,
    magic: bytes = b"ustar\x0000",
) -> bytes:
    """One entry whose header says what we like."""
    header = bytearray(512)
    header[0 : len(name)] = name
    header[100:108] = b"0000644\0"
    header[124:136] = size or b"%011o\0" % len(content)
    header[136:148] = b"00000000000\0"
    header[148:156] = b" " * 8
    header[156:157] = kind
    header[257:265] = magic
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + content + bytes(-len(content) % 512)


def extended(key: bytes, value: bytes) -> bytes:
    """The record of an extended header."""
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


_END = bytes(1024)
_ONE = raw_entry(b"cat/1.jpg", jpeg(1))
_TWO = raw_entry(b"dog/2.jpg", jpeg(2))


def _raw(*parts: bytes) -> Build:
    return written(_ONE + b"".join(parts) + _TWO + _END, "upload.tar")


def _raw_times(part: bytes, count: int) -> Build:
    return written(lambda: _ONE + part * count + _TWO + _END, "upload.tar")


def _xz_with_dictionary_of_1_gib() -> bytes:
    """An xz stream that asks for a dictionary that large."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**20}]
    content = bytearray(lzma.compress(tar_bytes(), filters=filters))
    # https://tukaani.org/xz/xz-file-format.txt: 3.1 block header, 5.3.1 dictionary size
    size = (content[12] + 1) * 4
    at = content.index(b"\x21\x01", 12) + 2
    content[at] = 36
    content[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(content[12 : 12 + size - 4]))
    return bytes(content)


def _bomb(compress: Callable[[bytes], bytes]) -> Build:
    bomb = functools.partial(raw_entry, b"cat/1.bmp")
    return written(lambda: compress(bomb(bytes(2**25)) + _END), "upload.tgz")


BOMBS = (
    refused("gzip bomb", _bomb(gzip.compress), "looks like a bomb: it unpacks to more than 200"),
    refused("bzip2 bomb", _bomb(bz2.compress), "looks like a bomb"),
    refused("xz bomb", _bomb(lzma.compress), "looks like a bomb"),
    refused("an xz that wants a GiB", written(_xz_with_dictionary_of_1_gib()), _DECOMPRESS),
    refused(
        "200,000 entries in a tar",
        _raw_times(raw_entry(b"cat/1.jpg", b""), 200_000),
        "more than 150,000 files; split it into smaller",
    ),
    refused(
        "an extended header of 100 MB",
        written(lambda: _ONE + raw_entry(b"x", bytes(10**8), b"x") + _TWO + _END),
        "an extended header is too long",
    ),
    refused(
        "extended headers without end",
        _raw_times(raw_entry(b"x", extended(b"a", b"b"), b"x"), 100_000),
        "too many extended headers",
    ),
)

_KINDS = {
    "symbolic link": tarfile.SYMTYPE,
    "hard link": tarfile.LNKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "character device": tarfile.CHRTYPE,
    "block device": tarfile.BLKTYPE,
}

CASES = (
    *BOMBS,
    accepted("a tar", written(tar_bytes(), "upload.tar")),
    accepted("a tar called zip", written(tar_bytes())),
    accepted("a tar.gz", written(gzip.compress(tar_bytes()), "upload.tar.gz")),
    accepted(
        "a tgz in two streams",
        written(
            gzip.compress(tar_bytes()[:700]) + gzip.compress(tar_bytes()[700:]) + bytes(9), "a.tgz"
        ),
    ),
    accepted("a tar.bz2", written(bz2.compress(tar_bytes()), "upload.tar.bz2")),
    accepted("a tar.xz", written(lzma.compress(tar_bytes()), "upload.tar.xz")),
    accepted("a GNU tar", written(tar_bytes(PAIR, tarfile.GNU_FORMAT), "upload.tar")),
    accepted("a ustar", written(tar_bytes(PAIR, tarfile.USTAR_FORMAT), "upload.tar")),
    accepted(
        "a tar of 1979",
        written(
            raw_entry(b"cat/1.jpg", jpeg(1), b"\0", magic=bytes(8)) + _TWO + _END, "upload.tar"
        ),
    ),
    accepted(
        "a tar with folders",
        written(raw_entry(b"cat/", b"", b"5") + _ONE + raw_entry(b"dog/", b"", b"5") + _TWO + _END),
    ),
    *(
        accepted(
            f"long names in {what}",
            written(
                tar_bytes(images(*(f"{'w' * 90}/{name}/{'x' * 150}.jpg" for name in BOTH)), kind)
            ),
        )
        for what, kind in {"pax": tarfile.PAX_FORMAT, "GNU tar": tarfile.GNU_FORMAT}.items()
    ),
    accepted(
        "a name in Latin-1",
        written(raw_entry("k\u00e4tze/1.jpg".encode("latin-1"), jpeg(1)) + _TWO + _END),
        {"dog": 1, "k\u00e4tze": 1},
    ),
    accepted("junk in a tar", written(tar_bytes(PAIR | images("./.DS_Store", "cat/._1.jpg")))),
    accepted(
        "a tar with a zip at its end",
        written(tar_bytes(PAIR | {"z.zip": zip_bytes(images("a/1.jpg", "b/2.jpg"))})),
        skipped={"z.zip": "an archive inside"},
    ),
    accepted(
        "a tar in a tar",
        written(tar_bytes(PAIR | {"z.tar": tar_bytes()})),
        skipped={"z.tar": "an archive inside"},
    ),
    accepted(
        "the same path twice in a tar", _raw(_ONE), skipped={"cat/1.jpg": "is in the tar twice"}
    ),
    accepted(
        "an unknown kind in a tar",
        _raw(raw_entry(b"cat/v.jpg", b"x", b"V")),
        skipped={"cat/v.jpg": "not a regular file"},
    ),
    accepted(
        "a sparse file in pax",
        _raw(
            raw_entry(b"x", extended(b"GNU.sparse.major", b"1"), b"x")
            + raw_entry(b"cat/3.jpg", b"x")
        ),
        skipped={"cat/3.jpg": "packed as a sparse file: pack it without --sparse"},
    ),
    accepted(
        "a size in pax",
        _raw(
            raw_entry(b"x", extended(b"size", b"%d" % len(jpeg(3))), b"x")
            + raw_entry(b"cat/3.jpg", jpeg(3), size=b"00000000000\0")
        ),
        {"cat": 2, "dog": 1},
    ),
    accepted(
        "a zero byte in a pax path",
        _raw(raw_entry(b"x", extended(b"path", b"cat/\0.jpg"), b"x") + raw_entry(b"y", jpeg(3))),
        skipped={"cat/\0.jpg": "zero byte"},
    ),
    *(
        refused(
            f"a {name} in a tar",
            written(with_entry(kind, linkname="/etc/passwd"), "upload.tar"),
            "'cat/odd.jpg' is a link or a device; pack the images themselves",
        )
        for name, kind in _KINDS.items()
    ),
    refused(
        "a link in a tar.gz",
        written(gzip.compress(with_entry(tarfile.SYMTYPE)), "a.tar.gz"),
        "The file a.tar.gz is refused",
    ),
    *(
        refused(
            f"the path {name!r} in a tar",
            _raw(raw_entry(name.encode(), jpeg(3))),
            "path that leads outside",
        )
        for name in ("/etc/cat.jpg", "../cat.jpg", "cat/../../x.jpg", "C:\\x.jpg", "\\\\a\\b.jpg")
    ),
    refused(
        "a path outside in pax",
        _raw(raw_entry(b"x", extended(b"path", b"../x.jpg"), b"x") + raw_entry(b"y", b"")),
        "leads outside",
    ),
    refused(
        "a path outside in a GNU name",
        _raw(raw_entry(b"x", b"../../x.jpg\0", b"L") + raw_entry(b"y", b"")),
        "leads outside",
    ),
    refused("an old sparse file", _raw(raw_entry(b"cat/3.jpg", b"x", b"S")), "without --sparse"),
    refused("a negative size", _raw(raw_entry(b"cat/3.jpg", b"", size=b"\xff" * 12)), _BROKEN),
    refused(
        "a huge size", _raw(raw_entry(b"cat/3.jpg", b"", size=b"\x80" + b"\xff" * 11)), _BROKEN
    ),
    refused(
        "a size that is none", _raw(raw_entry(b"cat/3.jpg", b"", size=b"not a size\0\0")), _BROKEN
    ),
    refused(
        "a broken extended header", _raw(raw_entry(b"x", b"99 path=x\n", b"x")), "header is broken"
    ),
    refused(
        "an extended size that is none",
        _raw(raw_entry(b"x", extended(b"size", b"-5"), b"x") + raw_entry(b"y", b"")),
        _BROKEN,
    ),
    refused("a wrong checksum in a tar", written(flipped(_ONE + _TWO + _END, b"dog", 0)), _BROKEN),
    refused(
        "a tar without an end", written(_ONE + _TWO), r"damaged or incomplete tar file \(it ends"
    ),
    refused("an empty tar", written(tar_bytes({})), "is not a zip file"),
    *(
        refused(f"a tar cut after {number} of 8", written(content), _BROKEN)
        for number, content in enumerate(each_cut(_ONE + _TWO + _END, 8), start=1)
        if len(content) > 512 and len(content) < len(_ONE + _TWO) + 512
    ),
    *(
        refused(f"a tar.gz cut after {number} of 6", written(content), _DECOMPRESS)
        for number, content in enumerate(each_cut(gzip.compress(tar_bytes()), 6), start=1)
    ),
    refused(
        "a tar.gz with a wrong checksum",
        written(gzip.compress(tar_bytes())[:-8] + bytes(8)),
        _DECOMPRESS,
    ),
    refused("a tar.gz and garbage", written(gzip.compress(tar_bytes()) + b"garbage"), _DECOMPRESS),
    refused(
        "a damaged tar.bz2", written(flipped(bz2.compress(tar_bytes()), b"1AY", 60)), _DECOMPRESS
    ),
    refused("a damaged tar.xz", written(lzma.compress(tar_bytes())[:-40]), _DECOMPRESS),
)
