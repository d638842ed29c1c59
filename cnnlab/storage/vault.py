"""The ledger of looks at test images, below the home, so that it outlives runs and datasets.

vault/lock                 held by whoever writes
vault/<set>/images.sha256  the sha256 of each image of a test part, 32 bytes each, sorted
vault/<set>/looks.jsonl    one fsynced line for each look at them, with a checksum

A set is named by the sha256 of its file, so that each is stored once however often it is looked at.
A line counts once its newline is there: an unfinished last one belongs to a look that was never
shown. A damaged line is left where it is, and counted as one that can't be read.
"""

import errno
import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cnnlab.domain.data.vault import VaultLook
from cnnlab.files import disk_errors, sync, wait_for_lock, write_atomically
from cnnlab.storage.home import Home

_HASH_BYTES = 32
_NAME_DIGITS = 32
_Stamp = tuple[int, int]
_Lines = tuple[tuple[bytes, VaultLook | None], ...]
"""Whole lines without their newline, and the look in each; None where it is damaged."""


class LookedAt(NamedTuple):
    """A set of images and the looks at it.

    Attributes:
        images: sha256 of each, hex; None where the file is missing or damaged.
        looks: oldest first.
        unreadable: lines that are damaged.
    """

    images: frozenset[str] | None
    looks: tuple[VaultLook, ...]
    unreadable: int


class Vault:
    """The ledger of one home; any number of processes may read and write it.

    Args:
        home: the home folder.
    """

    def __init__(self, home: Home) -> None:
        self._folder = home.vault

    def record(self, hashes: Iterable[str], look: VaultLook) -> list[LookedAt]:
        """Note a look at a set of images; on the disk when this returns.

        It is the last thing done here that can fail, so that no look counts which wasn't one.

        Args:
            hashes: sha256 of each image's encoded bytes, hex.
            look: at their model's numbers.

        Returns:
            All that is recorded, with this look.

        Raises:
            StorageError: the ledger can't be read or written: nothing may be shown then, and
                nothing is recorded.
        """
        content = b"".join(sorted({bytes.fromhex(one) for one in hashes}))
        folder = self._made(_name_of(content))
        with wait_for_lock(self._folder / "lock"), disk_errors(folder):
            if _read_images(_images(folder)) is None:
                write_atomically(_images(folder), lambda file: file.write(content))
            known = {one: _read(one) for one in self._sets()}
            ours = known[folder]
            _append(_looks(folder), [_line(look)])
        return [*(known | {folder: ours._replace(looks=(*ours.looks, look))}).values()]

    def read(self) -> list[LookedAt]:
        """All that is recorded.

        Raises:
            StorageError: it can't be read at the moment.
        """
        with disk_errors(self._folder):
            return [_read(folder) for folder in self._sets()]

    def _sets(self) -> list[Path]:
        folders = sorted(self._folder.glob("*/")) if self._folder.exists() else []
        return [folder for folder in folders if not folder.name.startswith(".")]

    def take_in(self, folder: Path) -> None:
        """Add the looks at a set of images of another home, as of a backup; each only once.

        Damaged lines come too, for they may be looks.

        Args:
            folder: of the set, outside the ledger.

        Raises:
            StorageError: the disk is full or can't be written.
        """
        ours = self._made(folder.name)
        with wait_for_lock(self._folder / "lock"), disk_errors(ours):
            known = _by_key(_looks(ours))
            new = [line for key, line in _by_key(_looks(folder)).items() if key not in known]
            if _read_images(_images(ours)) is None and _images(folder).exists():
                content = _images(folder).read_bytes()
                write_atomically(_images(ours), lambda file: file.write(content))
            if new:
                _append(_looks(ours), new)

    def add(self, hashes: Iterable[str], looks: Iterable[VaultLook]) -> None:
        """Add looks of another home at a set of images, as of a bundle; each only once.

        Args:
            hashes: sha256 of each image's encoded bytes, hex.
            looks: those that were noted already at all of these images, are left out.

        Raises:
            StorageError: the ledger can't be read or written.
        """
        images = frozenset(hashes)
        sets = [each for each in self.read() if each.images is not None and each.images >= images]
        known = {look.id for each in sets for look in each.looks}
        new = [_line(look) for look in looks if look.id not in known]
        if not new or not images:
            return
        content = b"".join(sorted(bytes.fromhex(one) for one in images))
        folder = self._made(_name_of(content))
        with wait_for_lock(self._folder / "lock"), disk_errors(folder):
            if _read_images(_images(folder)) is None:
                write_atomically(_images(folder), lambda file: file.write(content))
            _append(_looks(folder), new)

    def _made(self, name: str) -> Path:
        """The folder of a set; on the disk when this returns."""
        folder = self._folder / name
        with disk_errors(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync(self._folder.parent)
            sync(self._folder)
        return folder


def _images(folder: Path) -> Path:
    return folder / "images.sha256"


def _looks(folder: Path) -> Path:
    return folder / "looks.jsonl"


def _name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_NAME_DIGITS]


def _append(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines behind the last whole one, all of them or none.

    In one unbuffered call: what a buffer holds back would be written when the file is closed, after
    the part before it was taken away.
    """
    content = b"".join(line + b"\n" for line in lines)
    with disk_errors(path):
        is_new = not path.exists()
        with path.open("ab", buffering=0) as file:
            end = path.read_bytes().rfind(b"\n") + 1
            file.truncate(end)
            try:
                if file.write(content) != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
        if is_new:
            sync(path.parent)


def _line(look: VaultLook) -> bytes:
    body = json.dumps(look.to_json(), allow_nan=False, separators=(",", ":"))
    return f'{{"crc":{zlib.crc32(body.encode())},"look":{body}}}'.encode()


def _read(folder: Path) -> LookedAt:
    lines, images = _lines(_looks(folder)), _read_images(_images(folder))
    looks = tuple(look for _, look in lines if look is not None)
    return LookedAt(images, looks, len(lines) - (0 if images is None else len(looks)))


def _by_key(path: Path) -> dict[str | bytes, bytes]:
    """Lines, each once: by the look's id, or by their bytes where they are damaged."""
    return {line if look is None else look.id: line for line, look in _lines(path)}


def _lines(path: Path) -> _Lines:
    stamp = _stamp(path)
    return () if stamp is None else _parsed(path, stamp)


def _read_images(path: Path) -> frozenset[str] | None:
    stamp = _stamp(path)
    return None if stamp is None else _hashes(path, stamp)


def _stamp(path: Path) -> _Stamp | None:
    try:
        known = path.stat()
    except FileNotFoundError:
        return None
    return known.st_mtime_ns, known.st_size


# Pages ask at every click, and what they ask for changes with the next look at the earliest.
@lru_cache(maxsize=256)
def _parsed(path: Path, stamp: _Stamp) -> _Lines:
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple((line, _look_of(line)) for line in lines)


def _look_of(line: bytes) -> VaultLook | None:
    """The look in a line; None where it is damaged."""
    try:
        parsed = json.loads(line)
        body = json.dumps(parsed["look"], separators=(",", ":"))
        return VaultLook.from_json(parsed["look"]) if _is_intact(parsed, body) else None
    except (ValueError, KeyError, TypeError):
        return None


def _is_intact(parsed: dict[str, object], body: str) -> bool:
    return parsed["crc"] == zlib.crc32(body.encode())


@lru_cache(maxsize=64)
def _hashes(path: Path, stamp: _Stamp) -> frozenset[str] | None:
    content = path.read_bytes()
    if _name_of(content) != path.parent.name:
        return None
    pieces = range(0, len(content), _HASH_BYTES)
    return frozenset(content[start : start + _HASH_BYTES].hex() for start in pieces)
