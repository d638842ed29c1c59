"""A bundle that anybody may have made: judged by its list, then unpacked, every byte checked."""

import contextlib
import hashlib
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.domain.errors import BadInputError, StorageError, UploadError
from cnnlab.domain.words import data_size
from cnnlab.files import BROKEN_ZIP, disk_errors
from cnnlab.storage.bundles.manifest import (
    MANIFEST,
    MOST_MANIFEST_BYTES,
    Bundled,
    BundleManifest,
    read_bundle_manifest,
)
from cnnlab.storage.bundles.writing import MIN_FREE_BYTES

_PIECE = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LEAST_ENTRY_BYTES = 30
"""Of the header before a member's content: members that overlap are a bomb."""

_KEPT = ("bundle.json", "study.json", "models.json", "data/", "runs/")
"""What an import reads; the report, texts and programs of a bundle stay where they are."""

Progress = Callable[[int, int], object]


@contextlib.contextmanager
def opened_bundle(source: Path) -> Iterator[tuple[zipfile.ZipFile, BundleManifest]]:
    """A bundle whose members are exactly those of its manifest.

    Raises:
        BadInputError: there is no such file.
        UploadError: it is no bundle, damaged, or built to do harm.
    """
    if not source.is_file():
        raise BadInputError(f"There is no file {source}: name an evidence bundle.")
    try:
        with disk_errors(source), zipfile.ZipFile(source) as archive:
            yield archive, _manifest(archive, source.stat().st_size)
    except BROKEN_ZIP as error:
        raise UploadError(
            f"{source} is damaged or no evidence bundle ({error!s:.100}): nothing was imported."
        ) from error


def _manifest(archive: zipfile.ZipFile, size_bytes: int) -> BundleManifest:
    infos = archive.infolist()
    if len(infos) > limits.MAX_ENTRIES:
        raise _refused(f"it has more than {limits.MAX_ENTRIES:,} files")
    _check_entries(infos, size_bytes)
    names = [info.filename for info in infos]
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
        raise UploadError("This isn't an evidence bundle: it has no manifest.json.")
    manifest = read_bundle_manifest(archive.read(MANIFEST))
    sizes = {info.filename: info.file_size for info in infos if info.filename != MANIFEST}
    if missing := sorted(manifest.files.keys() - sizes.keys()):
        raise _refused(f"{missing[0]!r:.100} is missing")
    if extra := sorted(sizes.keys() - manifest.files.keys()):
        raise _refused(f"{extra[0]!r:.100} isn't in its manifest")
    for name, kept in manifest.files.items():
        if sizes[name] != kept.bytes:
            raise _refused(f"{name} hasn't the size that its manifest says")
    return manifest


def _check_entries(infos: list[zipfile.ZipInfo], size_bytes: int) -> None:
    seen: set[str] = set()
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        name = info.orig_filename
        kind = stat.S_IFMT(info.external_attr >> 16)
        if name in seen or info.filename.casefold() in seen:
            raise _refused(f"{name!r:.100} is in it twice")
        seen |= {name, info.filename.casefold()}
        if kind not in (0, stat.S_IFREG) or name.endswith("/"):
            raise _refused(f"{name!r:.100} is a link, a folder or a device")
        if info.flag_bits & 1 or info.compress_type not in _METHODS:
            raise _refused(f"{name!r:.100} is encrypted or packed in a way that isn't read")
        is_large = info.file_size > limits.MAX_BYTES_AT_ANY_RATIO
        if is_large and info.file_size > limits.MAX_RATIO * max(1, info.compress_size):
            raise _refused(f"{name!r:.100} unpacks to {data_size(info.file_size)}, as bombs do")
        if info.header_offset < end:
            raise _refused("its files overlap, as those of bombs do")
        end = info.header_offset + _LEAST_ENTRY_BYTES + info.compress_size
    total = sum(info.file_size for info in infos)
    if total > limits.MAX_TOTAL_BYTES or total > limits.MAX_RATIO * max(size_bytes, 2**20):
        raise _refused(
            f"it unpacks to {data_size(total)}; at most {data_size(limits.MAX_TOTAL_BYTES)} are "
            "allowed (CNNLAB_MAX_TOTAL_BYTES)"
        )


def unpack(
    archive: zipfile.ZipFile, manifest: BundleManifest, into: Path, on_progress: Progress
) -> None:
    """Unpack what an import reads; every file has the sha256 of the manifest.

    Args:
        archive: from `opened_bundle`.
        manifest: likewise.
        into: a folder that isn't there.
        on_progress: is told how many bytes of how many are done.

    Raises:
        UploadError: a file isn't what the manifest says.
        StorageError: the disk has no room for it.
    """
    files = {name: kept for name, kept in manifest.files.items() if name.startswith(_KEPT)}
    total, done = sum(kept.bytes for kept in files.values()), 0
    with disk_errors(into):
        into.mkdir(mode=0o700, parents=True)
        statistics = os.statvfs(into)
        free = statistics.f_bavail * statistics.f_frsize
        if free < 2 * total + MIN_FREE_BYTES:  # the images are packed once more
            raise StorageError(
                f"The bundle needs {data_size(2 * total)} and leaves too little of the "
                f"{data_size(free)} that are free at {into.parent}: free some space, then try "
                "again."
            )
        for name, kept in files.items():
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _unpack_file(archive, name, kept, target)
            done += kept.bytes
            on_progress(done, total)
    for name, kept in manifest.files.items():  # what isn't unpacked must be whole all the same
        if name not in files:
            _check_file(archive, name, kept)


def _unpack_file(archive: zipfile.ZipFile, name: str, kept: Bundled, target: Path) -> None:
    with target.open("xb") as file:
        for piece in _pieces(archive, name, kept):
            file.write(piece)


def _check_file(archive: zipfile.ZipFile, name: str, kept: Bundled) -> None:
    for _ in _pieces(archive, name, kept):
        pass


def _pieces(archive: zipfile.ZipFile, name: str, kept: Bundled) -> Iterator[bytes]:
    """The content of a member, never more of it than it may have."""
    digest, left = hashlib.sha256(), kept.bytes
    with archive.open(name) as member:
        while piece := member.read(min(_PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                raise _refused(f"{name} is longer than its manifest says")
            digest.update(piece)
            yield piece
    if left or digest.hexdigest() != kept.sha256:
        raise _refused(f"{name} was changed: its sha256 isn't that of the manifest")


def _refused(reason: str) -> UploadError:
    return UploadError(f"This bundle is refused, and nothing was imported: {reason}.")
