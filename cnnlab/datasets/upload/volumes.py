"""Ranges of files that are read as if they were one file: nothing is copied."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, Protocol


class Openable(Protocol):
    """A path, or what is read like one."""

    @property
    def name(self) -> str:
        """For messages."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open it for reading.

        Raises:
            OSError: it can't be opened.
        """


class Piece(NamedTuple):
    """A range of a file on disk."""

    path: Path
    begins_at: int
    size_bytes: int


@dataclass(frozen=True)
class Volume:
    """Pieces of files, one after the other.

    Attributes:
        name: what it is called, for messages.
        pieces: at least one.
    """

    name: str
    pieces: tuple[Piece, ...]

    @property
    def size_bytes(self) -> int:
        """Of all pieces together."""
        return sum(piece.size_bytes for piece in self.pieces)

    def open(self, _: Literal["rb"], /) -> BinaryIO:
        """Open it for reading (see `Openable`)."""
        return io.BufferedReader(_Joined(self.pieces))


class _Joined(io.RawIOBase):
    """The pieces as one stream; each file is opened once, when it is first read."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self._pieces = pieces
        self._end = sum(piece.size_bytes for piece in pieces)
        self._at = 0
        self._handles: dict[Path, int] = {}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = max(0, offset + (0, self._at, self._end)[whence])
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        before = 0
        for piece in self._pieces:
            inside = self._at - before
            if inside < piece.size_bytes:
                count = min(len(buffer), piece.size_bytes - inside)
                data = os.pread(self._handle(piece.path), count, piece.begins_at + inside)
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            before += piece.size_bytes
        return 0

    def _handle(self, path: Path) -> int:
        if path not in self._handles:
            # It may have become a link or a pipe, which has no end, since it was listed.
            self._handles[path] = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        return self._handles[path]

    def close(self) -> None:
        while self._handles:
            os.close(self._handles.popitem()[1])
        super().close()
