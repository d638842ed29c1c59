"""Event files as TensorBoard reads them, written without TensorFlow: records of protobuf messages.

A record is its length, the masked CRC-32C of that, the message, the masked CRC-32C of that. A file
that ends within a record is read up to there, so that a kill at any moment costs one record.
"""

import struct
from collections.abc import Mapping
from typing import IO

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8
_VARINT, _DOUBLE, _BYTES, _FLOAT = 0, 1, 2, 5
"""Wire types of protobuf."""

_BLOBS = 3
"""`DataClass` of a summary of pictures."""

_FLOATS, _STRINGS = 1, 7
"""`DataType` of a tensor."""

HPARAMS, IMAGES = "hparams", "images"
"""Plugins of TensorBoard."""

FILE_VERSION = b"brain.Event:2"


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_CRC_TABLE = _crc_table()


def masked_crc(data: bytes) -> int:
    """CRC-32C, rotated and shifted as records have it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def write_record(file: IO[bytes], message: bytes) -> None:
    """Append one message."""
    length = struct.pack("<Q", len(message))
    ends = (struct.pack("<I", masked_crc(data)) for data in (length, message))
    file.write(b"".join((length, next(ends), message, next(ends))))


def first_event(at: float) -> bytes:
    """What a file begins with; times are seconds since the epoch of all clocks."""
    return _event(at, 0, _field(3, FILE_VERSION))


def restart(at: float, step: int) -> bytes:
    """That what earlier files say of this step and later ones doesn't count any more."""
    return _event(at, step, _field(7, _number(1, 1)))


def scalars(at: float, step: int, values: Mapping[str, float]) -> bytes:
    """Numbers of one step by their tags."""
    summary = b"".join(
        _field(1, _field(1, tag.encode()) + _float(2, value)) for tag, value in values.items()
    )
    return _event(at, step, _field(5, summary))


def image(at: float, step: int, tag: str, png: bytes, size: tuple[int, int], words: str) -> bytes:
    """A picture.

    Args:
        at: when.
        step: of the run.
        tag: its name.
        png: the picture as a PNG file.
        size: width and height in pixels.
        words: what is to be seen, in Markdown.
    """
    parts = (str(size[0]).encode(), str(size[1]).encode(), png)
    shape = _field(2, _number(1, len(parts)))
    tensor = _number(1, _STRINGS) + _field(2, shape) + b"".join(_field(8, part) for part in parts)
    metadata = _field(1, _field(1, IMAGES.encode())) + _field(3, words.encode())
    metadata += _number(4, _BLOBS)
    value = _field(1, tag.encode()) + _field(9, metadata) + _field(8, tensor)
    return _event(at, step, _field(5, _field(1, value)))


def begin_session(at: float, hparams: Mapping[str, object], group: str) -> bytes:
    """The hyper-parameters of a run.

    Args:
        at: when it began.
        hparams: text, numbers and truth values by name.
        group: of runs that differ in nothing but luck; or the run's own.
    """
    entries = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, _value(value)))
        for name, value in hparams.items()
    )
    return _plugin(
        at, "session_start_info", 3, entries + _field(4, group.encode()) + _double(5, at)
    )


def end_session(at: float, *, succeeded: bool) -> bytes:
    """How a run has ended."""
    return _plugin(at, "session_end_info", 4, _number(1, 1 if succeeded else 2) + _double(2, at))


def _plugin(at: float, name: str, number: int, message: bytes) -> bytes:
    data = _field(1, HPARAMS.encode()) + _field(2, _number(1, 0) + _field(number, message))
    empty = _number(1, _FLOATS) + _field(2, _field(2, _number(1, 0)))
    value = _field(1, f"_hparams_/{name}".encode()) + _field(9, _field(1, data)) + _field(8, empty)
    return _event(at, 0, _field(5, _field(1, value)))


def _value(value: object) -> bytes:
    """As `google.protobuf.Value`."""
    if isinstance(value, bool):
        return _number(4, int(value))
    if isinstance(value, int | float):
        return _double(2, float(value))
    return _field(3, str(value).encode())


def _event(at: float, step: int, content: bytes) -> bytes:
    return _double(1, at) + (_number(2, step) if step else b"") + content


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | _DOUBLE) + struct.pack("<d", value)


def _float(number: int, value: float) -> bytes:
    return _varint(number << 3 | _FLOAT) + struct.pack("<f", value)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
