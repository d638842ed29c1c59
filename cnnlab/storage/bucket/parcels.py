"""A folder as a parcel in a bucket: its files, and last of all a manifest that names them.

Without a manifest a parcel isn't there: whatever broke off while it was put there is put again.
What comes out is what the manifest says, to the bit, or an error.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import DamagedError, NotFoundError
from cnnlab.files import disk_errors, sync
from cnnlab.storage.bucket.objects import Bucket

MANIFEST = "cnnlab-manifest.json"
_MOST_MANIFEST_BYTES = 64 * 2**20
_VERSION = 1
_SHA256 = re.compile("[0-9a-f]{64}")
_SURE_BYTES = 2**20
"""A file that is larger, and lies there in full length, isn't sent again: it is the same one."""

OnBytes = Callable[[int], object]


@dataclass(frozen=True)
class Part:
    """One file of a parcel.

    Attributes:
        bytes: its length.
        sha256: of its content, in hex.
    """

    bytes: int
    sha256: str


def put_parcel(
    bucket: Bucket,
    key: str,
    files: Mapping[str, Path | None],
    on_bytes: OnBytes = lambda _: None,
    *,
    is_known: bool = True,
) -> None:
    """Put a parcel into the bucket, instead of the one that is there.

    Args:
        bucket: where to.
        key: its name there, with a slash at its end.
        files: by their names within the parcel; None is an empty one.
        on_bytes: is told how many bytes more were read.
        is_known: whether what is there is known to be ours; else all of it is sent.

    Raises:
        StorageError: the bucket can't be written, or a file can't be read; it is not there then.
    """
    there = bucket.sizes(key)
    if key + MANIFEST in there:  # what follows may be another one
        bucket.delete_one(key + MANIFEST)
    parts = {}
    for name, path in files.items():
        before = there.get(key + name, -1) if is_known else -1
        parts[name] = _put(bucket, key + name, path, before, on_bytes)
    for name in there.keys() - {key + name for name in files} - {key + MANIFEST}:
        bucket.delete_one(name)
    content = {"version": _VERSION, "files": {name: asdict(part) for name, part in parts.items()}}
    bucket.write(key + MANIFEST, json.dumps(content, indent=1).encode())


def _put(bucket: Bucket, name: str, path: Path | None, before: int, on_bytes: OnBytes) -> Part:
    """Send a file, unless it is there; `before` is the length of what is there, or -1."""
    digest, count = hashlib.sha256(), 0

    def take(piece: bytes) -> None:
        nonlocal count
        digest.update(piece)
        count += len(piece)
        on_bytes(len(piece))

    if path is None:
        bucket.write(name, b"")
    else:
        with disk_errors(path):
            length = path.stat().st_size
        if length == before and length > _SURE_BYTES:
            with disk_errors(path), path.open("rb") as file:
                while piece := file.read(_SURE_BYTES):
                    take(piece)
        else:
            bucket.write_file(name, path, take)
    return Part(count, digest.hexdigest())


def read_manifest(bucket: Bucket, key: str) -> dict[str, Part]:
    """The files of a parcel by their names.

    Raises:
        NotFoundError: it isn't there, or not all of it.
        DamagedError: what says so isn't ours.
        StorageError: the bucket can't be read.
    """
    text = bucket.read(key + MANIFEST, _MOST_MANIFEST_BYTES)
    try:
        content = json.loads(text)
        if content["version"] != _VERSION:
            raise ValueError(f"version {content['version']!r:.20}")
        return {_checked(name): _part(values) for name, values in content["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        place = f"{bucket.address.place}/{key}{MANIFEST}"
        raise DamagedError(
            f"{place} isn't a manifest of this version ({error}): delete its folder there, and it "
            "is put there again."
        ) from error


def fetch_parcel(
    bucket: Bucket,
    key: str,
    parts: Mapping[str, Part],
    folder: Path,
    on_bytes: OnBytes = lambda _: None,
) -> None:
    """Bring a parcel's files into a folder; those that are there as they should be stay.

    Args:
        bucket: where from.
        key: the parcel's name.
        parts: its files, as `read_manifest` says.
        folder: where to; it may hold what an earlier try has left.
        on_bytes: is told how many bytes more are there.

    Raises:
        DamagedError: a file isn't what was put there.
        DiskFullError: there is no room.
        StorageError: the bucket can't be read, or the folder can't be written.
    """
    for name, part in parts.items():
        path = folder / name
        with disk_errors(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_there = path.is_file() and _content_of(path) == part
        if is_there:
            on_bytes(part.bytes)
        else:
            _fetch(bucket, key + name, part, path, on_bytes)
    with disk_errors(folder):
        for inner in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
            sync(inner)


def _fetch(bucket: Bucket, name: str, part: Part, path: Path, on_bytes: OnBytes) -> None:
    digest, count = hashlib.sha256(), 0
    beside = path.with_name(f".{path.name}.part")
    try:
        with disk_errors(path), beside.open("wb") as file:
            for piece in bucket.pieces(name) if part.bytes else ():
                digest.update(piece)
                count += len(piece)
                if count > part.bytes:
                    break
                file.write(piece)
                on_bytes(len(piece))
        found = Part(count, digest.hexdigest())
    except NotFoundError:
        found = None
    if found != part:
        beside.unlink(missing_ok=True)
        raise DamagedError(
            f"{bucket.address.place}/{name} isn't what was put there (its checksum differs): "
            "delete its folder there, and it is put there again."
        )
    with disk_errors(path):
        sync(beside)
        beside.replace(path)


def _content_of(path: Path) -> Part:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return Part(file.tell(), digest.hexdigest())


def _checked(name: str) -> str:
    """A name from a manifest, which must not lead out of the parcel's folder."""
    if not name or name.startswith("/") or "\\" in name or "\0" in name:
        raise ValueError(f"the name {name!r:.100}")
    if any(part in ("", ".", "..") for part in name.split("/")):
        raise ValueError(f"the name {name!r:.100}")
    return name


def _part(values: Mapping[str, Any]) -> Part:
    length, digest = values["bytes"], values["sha256"]
    if type(length) is not int or length < 0 or not _SHA256.fullmatch(digest):
        raise ValueError(f"bytes {length!r:.30}, sha256 {digest!r:.70}")
    return Part(length, digest)
