"""Zips that no tool would make."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from tests.datasets.corpus.case import PAIR

ENTRY, LOCAL, END = b"PK\1\2", b"PK\3\4", b"PK\5\6"


def zip_bytes(files: Mapping[str, bytes] = PAIR, method: int = zipfile.ZIP_STORED) -> bytes:
    """The content of a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return file.getvalue()


def changed(
    offset: int,
    value: bytes,
    signature: bytes = ENTRY,
    name: bytes = b"",
    files: Mapping[str, bytes] = PAIR,
) -> bytes:
    """A zip with bytes replaced behind the first of these signatures.

    The begin of the name that stands in the entry can be replaced as well.
    """
    content = bytearray(zip_bytes(files))
    at = content.index(signature) + offset
    content[at : at + len(value)] = value
    content[at - offset + 46 : at - offset + 46 + len(name)] = name
    return bytes(content)


def encrypted() -> bytes:
    """A zip of the pair that says that all of it is encrypted."""
    content = bytearray(zip_bytes())
    at = content.find(ENTRY)
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(ENTRY, at + 1)
    return bytes(content)


def entry_of_kind(kind: int) -> bytes:
    """A zip with an entry that Unix would make a link, a device or a pipe of."""
    file = io.BytesIO(zip_bytes())
    entry = zipfile.ZipInfo("cat/odd.jpg")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


def kernel_zip(entries: Sequence[tuple[bytes, int, int]], inflated: bytes) -> bytes:
    """A zip whose entries (name, size, crc) all point to one deflated kernel."""
    kernel = zlib.compress(inflated, wbits=-15)
    local = struct.pack("<4s5H3I2H", LOCAL, 20, 0, 8, 0, 0, 0, len(kernel), 0, 1, 0) + b"x"
    directory = b"".join(
        struct.pack(
            "<4s6H3I5H2I",
            *(ENTRY, 20, 20, 0, 8, 0, 0, crc, len(kernel), size, len(name)),
            *(0, 0, 0, 0, 0, 0),
        )
        + name
        for name, size, crc in entries
    )
    begin, count = len(local) + len(kernel), min(len(entries), 0xFFFF)
    end = struct.pack("<4s4H2IH", END, 0, 0, count, count, len(directory), begin, 0)
    return local + kernel + directory + end


def lying_zip(method: int) -> bytes:
    """A zip of the pair whose entries unpack to 16 MiB and declare 16,000 bytes."""
    content = bytearray(zip_bytes({name: bytes(2**24) for name in PAIR}, method))
    at = content.find(ENTRY)
    while at >= 0:
        content[at + 24 : at + 28] = struct.pack("<I", 16_000)
        at = content.find(ENTRY, at + 1)
    return bytes(content)


def greedy_lzma() -> bytes:
    """A zip of the pair, compressed with LZMA, that asks for the largest dictionary there is."""
    content = bytearray(zip_bytes(PAIR, zipfile.ZIP_LZMA))
    at = content.find(b"\x05\0\x5d")
    while at >= 0:
        content[at + 3 : at + 7] = b"\xff" * 4
        at = content.find(b"\x05\0\x5d", at + 1)
    return bytes(content)


def hidden_table() -> bytes:
    """Whoever looks for the last end record finds another one than zipfile does.

    The real one says that the table has 100 MB; its disk numbers look like the begin of another,
    which has a table of one byte.
    """
    entry = struct.pack("<4s6H3I5H2I", ENTRY, 20, 20, *[0] * 7, 1, *[0] * 6) + b"x"
    table = entry * 2_200_000
    return (
        b"PK\3\4" + bytes(6) + table + struct.pack("<4s4s2H2IH", END, END, 1, 1, len(table), 1, 0)
    )


def nested(depth: int) -> bytes:
    """Zips in zips, with a bomb at the heart."""
    content = zlib.compress(bytes(2**24))
    for _ in range(depth):
        content = zip_bytes({f"{number}.zip": content for number in range(4)})
    return content


def renamed(old: bytes, new: bytes, files: Mapping[str, bytes]) -> bytes:
    """A zip with a name replaced wherever it stands, whatever zipfile would think of it."""
    return zip_bytes(files).replace(old, new)


def each_cut(content: bytes, parts: int) -> list[bytes]:
    """The content cut after each of so many parts but the last."""
    return [content[: len(content) * number // parts] for number in range(1, parts)]


def flipped(content: bytes, find: bytes, offset: int) -> bytes:
    """The content with one byte turned over."""
    at = content.index(find) + offset
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
