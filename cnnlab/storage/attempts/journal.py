"""An append-only file of JSON lines that a kill at any moment can't spoil.

A line counts once its newline is there: an unfinished last line is dropped by readers and cut off
by the next writer. A broken line before the last one is an error, because it means that the disk
lost something that had been there. Modelled on Optuna's journal file.
"""

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from cnnlab.domain.errors import DamagedError
from cnnlab.files import disk_errors

Row = TypeVar("Row")


class JournalWriter:
    """Appends rows to one file; row numbers start at 0.

    Args:
        path: the file; made if missing.
        durable: fsync every row (epochs), or leave that to the system (steps).
    """

    def __init__(self, path: Path, *, durable: bool) -> None:
        self._path = path
        self._durable = durable
        rows, end = _scan(path, 0, 0) if path.exists() else ([], 0)
        self._next_row = len(rows)
        with disk_errors(path):
            self._file = path.open("ab")
            self._file.truncate(end)

    def append(self, row: Mapping[str, object]) -> None:
        """Append one row; NaN and infinity are refused (ValueError).

        Raises:
            StorageError: the disk is full; what was there before stays readable.
        """
        body = json.dumps(row, allow_nan=False, separators=(",", ":"))
        line = f'{{"row":{self._next_row},"crc":{zlib.crc32(body.encode())},"data":{body}}}\n'
        with disk_errors(self._path):
            self._file.write(line.encode())
            self._file.flush()
            if self._durable:
                os.fsync(self._file.fileno())
        self._next_row += 1

    def close(self) -> None:
        """Close the file; what couldn't be written was said when it was appended."""
        with contextlib.suppress(OSError):
            self._file.close()


class JournalReader(Generic[Row]):
    """Reads the rows of one file that were added since the last call.

    `Row` is what its writer has appended, or an earlier version of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.next_row = 0

    def read(self) -> list[Row]:
        """Return the rows that are new since the last call; the first call returns all.

        Raises:
            DamagedError: a row before the last one is damaged.
        """
        if not self._path.exists() or self._path.stat().st_size == self._offset:
            return []
        rows, self._offset = _scan(self._path, self._offset, self.next_row)
        self.next_row += len(rows)
        return rows


def read_journal(path: Path) -> list[Any]:
    """All rows of a file, none if it doesn't exist."""
    return JournalReader[Any](path).read()


def iterate_journal(path: Path) -> Iterator[Any]:
    """The same rows, one after the other: a file of very many needs no memory.

    Raises:
        StorageError: a row before the last one is damaged, or the file can't be read.
    """
    if not path.exists():
        return
    with disk_errors(path), path.open("rb") as file:
        for number, line in enumerate(file):
            if line.endswith(b"\n"):
                yield _parse(line, path, number)


def _scan(path: Path, offset: int, first_row: int) -> tuple[list[Any], int]:
    """Rows from a byte offset on, and the offset behind the last whole one."""
    with disk_errors(path), path.open("rb") as file:
        file.seek(offset)
        content = file.read()
    end = content.rfind(b"\n") + 1
    rows = [
        _parse(line, path, first_row + index)
        for index, line in enumerate(content[:end].splitlines())
    ]
    return rows, offset + end


def _parse(line: bytes, path: Path, row: int) -> Any:  # noqa: ANN401 - any JSON value
    try:
        parsed = json.loads(line)
        body = json.dumps(parsed["data"], separators=(",", ":"))
        intact = parsed["row"] == row and parsed["crc"] == zlib.crc32(body.encode())
    except (ValueError, KeyError, TypeError):
        intact = False
    if not intact:
        raise DamagedError(
            f"{path} is damaged in line {row + 1}: the disk lost what had been written. "
            "Delete the run or bring the file back from a backup."
        )
    return parsed["data"]
