"""Writing an evidence bundle: one zip, streamed from file to file, whole or not there at all."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cnnlab.domain.errors import StorageError
from cnnlab.domain.words import data_size
from cnnlab.files import write_atomically
from cnnlab.storage.bundles.manifest import MANIFEST, Bundled, BundleManifest

MIN_FREE_BYTES = 64 * 2**20
_PIECE = 2**20
_PACKED = {".keras", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".predictions", ".npz", ".zip"}
"""What isn't compressed again."""

Tell = Callable[[int, int], object]
"""Is told how many files of how many are written; what it raises ends the writing."""


@dataclass(frozen=True)
class Piece:
    """A file to be written.

    Attributes:
        name: in the bundle.
        size_bytes: about how many.
        open: gives its content piece by piece, once.
    """

    name: str
    size_bytes: int
    open: Callable[[], Iterator[bytes]]


def file_piece(name: str, path: Path) -> Piece:
    """A piece that lies on the disk."""
    return Piece(name, path.stat().st_size, lambda: _read(path))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def check_room(folder: Path, needed_bytes: int) -> None:
    """See that a bundle fits on the disk.

    Raises:
        StorageError: it doesn't.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + MIN_FREE_BYTES:
        raise StorageError(
            f"The bundle takes about {data_size(needed_bytes)} and leaves too little of the "
            f"{data_size(free)} that are free at {folder}: free some space, or leave the images "
            "out, then ask again."
        )


def write_bundle_file(path: Path, pieces: Sequence[Piece], tell: Tell) -> BundleManifest:
    """Write the pieces and the list of them, the list last.

    Args:
        path: the zip; what is there is replaced.
        pieces: in the order in which they are written.
        tell: is told how far it is.

    Raises:
        StorageError: the disk has no room for it or can't be written.
    """
    check_room(path.parent, sum(piece.size_bytes for piece in pieces))
    manifest = BundleManifest(made_at=datetime.now(UTC).isoformat(timespec="seconds"))

    def write(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, piece in enumerate(pieces):
                tell(number, len(pieces))
                manifest.files[piece.name] = _add(archive, piece)
            archive.writestr(MANIFEST, manifest.to_json())

    write_atomically(path, write)
    return manifest


def _add(archive: zipfile.ZipFile, piece: Piece) -> Bundled:
    info = zipfile.ZipInfo(piece.name, datetime.now(UTC).timetuple()[:6])
    packed = Path(piece.name).suffix.lower() in _PACKED
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as member:
        for content in piece.open():
            member.write(content)
            digest.update(content)
            size += len(content)
    return Bundled(size, digest.hexdigest())
