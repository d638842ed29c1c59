"""Messages between this program's processes over a unix socket: JSON, and bytes behind it.

Each message is two lengths, then JSON values in UTF-8, then bytes as they are. Nothing is
unpickled, and whoever is on the other side is never waited for longer than was said.
"""

import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import StorageError

MOST_JSON_BYTES = 16 * 2**20
"""Four pictures as networks see them, at 512 px of noise, are 4.2 MB."""

_LENGTHS = struct.Struct("!II")
_WAITING = 64


class BrokenMessageError(OSError):
    """The other side sends no message of ours, or is gone in the middle of one."""


def send_message(
    connection: socket.socket, values: object, content: bytes = b"", *, seconds: float
) -> None:
    """Send JSON values and bytes.

    Raises:
        OSError: the other side is gone, or didn't take it within `seconds`.
    """
    text = json.dumps(values, allow_nan=False).encode()
    connection.settimeout(seconds)
    connection.sendall(_LENGTHS.pack(len(text), len(content)) + text + content)


def receive_message(
    connection: socket.socket, *, most_bytes: int, seconds: float
) -> tuple[Any, bytes]:
    """Receive JSON values and bytes.

    Args:
        connection: to the other side.
        most_bytes: bytes behind the JSON; more are refused before they are read.
        seconds: the whole message has to be there by then.

    Raises:
        OSError: it isn't, or the other side is gone or sends something else.
    """
    end = time.monotonic() + seconds
    lengths = _LENGTHS.unpack(_receive(connection, _LENGTHS.size, end))
    if lengths[0] > MOST_JSON_BYTES or lengths[1] > most_bytes:
        raise BrokenMessageError(f"a message of {lengths} bytes")
    text, content = (_receive(connection, length, end) for length in lengths)
    try:
        return json.loads(text), content
    except ValueError as error:
        raise BrokenMessageError("no JSON") from error


def _receive(connection: socket.socket, length: int, end: float) -> bytes:
    content = bytearray(length)
    view = memoryview(content)
    while view:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the message isn't complete")
        connection.settimeout(left)
        count = connection.recv_into(view)
        if not count:
            raise BrokenMessageError("the other side is gone")
        view = view[count:]
    return bytes(content)


@contextlib.contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Listen at `path` within this context; only this user may connect.

    As soon as there is a file at `path`, whoever connects is heard.

    Raises:
        StorageError: the file system there knows no sockets, or can't be written.
    """
    begun = path.with_name(f"{path.name}.new")
    for left in (path, begun):
        left.unlink(missing_ok=True)  # of a process that was killed
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        os.fchmod(listener.fileno(), 0o600)  # the file gets what the socket has
        try:
            with _short(begun) as address:
                listener.bind(address)
            begun.chmod(0o600)
            listener.listen(_WAITING)
            begun.replace(path)
        except OSError as error:
            raise StorageError(
                f"No socket can be made at {path} ({error.strerror}): put the home folder on a "
                "local disk."
            ) from error
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def connect(path: Path, *, seconds: float) -> socket.socket:
    """Connect to who listens at `path`.

    Raises:
        OSError: nobody does, or not within `seconds`.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        with _short(path) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """An address of the same file that is short enough: the kernel takes 107 bytes."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
