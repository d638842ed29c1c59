"""Decompression that never gives more bytes at once, or in all, than it is allowed to."""

import bz2
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol

from cnnlab.datasets.upload.sources import UnreadableMemberError

_OUT_BYTES = 2**20
# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 5.8.8: version, length, properties.
_LZMA_HEADER = struct.Struct("<2xHBI")
_LZMA_PROPERTIES_BYTES, _LEAST_DICTIONARY_BYTES = 5, 4096
_MAX_DICTIONARY_BYTES = 96 * 2**20
_BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, struct.error)
_DAMAGED = "damaged in the zip: it can't be inflated"
_NAMES = {9: "Deflate64", 93: "Zstandard", 95: "xz", 96: "JPEG", 98: "PPMd"}


class Decompressor(Protocol):
    """What bz2 and lzma have in common."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing to give without more data."""

    @property
    def unused_data(self) -> bytes:
        """What lies behind the end of the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Give at most `max_length` bytes."""


class Zlib:
    """zlib with the interface of bz2 and lzma.

    The module gzip looks for the end of a header's file name in Python, byte by byte.
    """

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """What lies behind the end of the stream."""
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing to give without more data."""
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Give at most `max_length` bytes."""
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def unread_method(method: int) -> str | None:
    """Why a member that is compressed by this method of the zip format isn't read, or None."""
    if method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return None
    called = _NAMES.get(method, f"method {method}")
    return (
        f"compressed with {called}, which is not read: unpack the zip and pack it again with the "
        "usual Deflate, for example with 7-Zip"
    )


def inflate(stored: Iterator[bytes], method: int, size_bytes: int) -> Iterator[bytes]:
    """Unpack a member piece by piece.

    Args:
        stored: its bytes in the zip, in pieces.
        method: one that `unread_method` has nothing against.
        size_bytes: what it declares; one byte more is enough to see that it lied, so no more than
            that is given.

    Raises:
        UnreadableMemberError: it is damaged.
    """
    if method == zipfile.ZIP_STORED:
        yield from stored
        return
    data, total_bytes = next(stored, b""), 0
    decompressor, data = _new(method, data, size_bytes)
    while not decompressor.eof and total_bytes <= size_bytes:
        try:
            most = min(_OUT_BYTES, size_bytes + 1 - total_bytes)
            piece = decompressor.decompress(data, most)
        except _BROKEN as error:
            raise UnreadableMemberError(_DAMAGED) from error
        data = b""
        if piece:
            total_bytes += len(piece)
            yield piece
        elif not (data := next(stored, b"")):
            return


def _new(method: int, data: bytes, size_bytes: int) -> tuple[Decompressor, bytes]:
    """A decompressor, and the first bytes for it."""
    if method == zipfile.ZIP_DEFLATED:
        return Zlib(-zlib.MAX_WBITS), data
    if method == zipfile.ZIP_BZIP2:
        return bz2.BZ2Decompressor(), data
    try:
        length, packed, dictionary_bytes = _LZMA_HEADER.unpack_from(data)
        if length != _LZMA_PROPERTIES_BYTES:
            raise UnreadableMemberError(_DAMAGED)
        # Nothing refers to more than there is before it, and the format may ask for 4 GB.
        needed_bytes = min(dictionary_bytes, max(size_bytes, _LEAST_DICTIONARY_BYTES))
        if needed_bytes > _MAX_DICTIONARY_BYTES:
            raise UnreadableMemberError("takes too much memory to inflate: zip it with Deflate")
        rest, literal_context = divmod(packed, 9)
        position, literal_position = divmod(rest, 5)
        filters = {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(needed_bytes, _LEAST_DICTIONARY_BYTES),
            "lc": literal_context,
            "lp": literal_position,
            "pb": position,
        }
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters]), data[_LZMA_HEADER.size :]
    except _BROKEN as error:
        raise UnreadableMemberError(_DAMAGED) from error
