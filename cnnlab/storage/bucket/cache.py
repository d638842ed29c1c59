"""Datasets from a bucket on a machine's own disk: each is fetched once, whoever asks first.

<id>-<place>/        a whole dataset, and what is made of it here
<id>-<place>.part/   one that is being fetched, or was when its process was ended
<id>-<place>.lock    held while it is fetched, and, shared, while a process works with it

Those that were used longest ago make room, but never one that is being used.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from cnnlab.domain.errors import DiskFullError
from cnnlab.files import disk_errors, file_bytes, remove_folder
from cnnlab.settings import CACHE_GB, setting
from cnnlab.storage.bucket.objects import Bucket
from cnnlab.storage.bucket.parcels import OnBytes, fetch_parcel, read_manifest

CACHE = "CNNLAB_CACHE"
"""Names the folder, where it isn't the usual one for what can be fetched again."""

DEFAULT_CACHE_GB = 50.0
_LOOK_SECONDS = 0.2
_held: dict[Path, int] = {}
_one_thread = threading.Lock()


def cache_folder() -> Path:
    """The folder of this machine's copies."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cnnlab"
    return Path(os.environ.get(CACHE) or usual).expanduser().absolute() / "datasets"


def cached_dataset(bucket: Bucket, key: str, on_bytes: OnBytes = lambda _: None) -> Path:
    """The folder of a dataset on this machine's own disk, fetched where it isn't there yet.

    Of several processes that ask at once one fetches it, and the others wait for that. It stays as
    long as this process lives; a dataset never changes, so what is there isn't asked for again.

    Args:
        bucket: where it comes from.
        key: the name of its parcel, which ends with its id and a slash.
        on_bytes: is told how many bytes more are there; 0 now and then while another fetches it.

    Raises:
        NotFoundError: the bucket doesn't have it, or not all of it.
        DamagedError: what is there isn't what was put there.
        DiskFullError: there is no room on this machine's disk.
        StorageError: the bucket can't be read, or the folder can't be written.
    """
    place = hashlib.sha256(f"{bucket.address.url}\n{key}".encode()).hexdigest()[:12]
    folder = cache_folder() / f"{key.rstrip('/').rpartition('/')[2]}-{place}"
    with _one_thread, disk_errors(folder):
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder not in _held:
            _held[folder] = os.open(_lock_of(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        lock = _held[folder]
        _wait_for(lock, fcntl.LOCK_SH, on_bytes)
        while not folder.is_dir():  # between two locks somebody may have made room
            _fill_alone(lock, bucket, key, folder, on_bytes)
        os.utime(_lock_of(folder))  # used now
    return folder


def _wait_for(lock: int, kind: int, on_bytes: OnBytes) -> None:
    """Take a lock; whoever waits says so, since a worker that is silent counts as lost."""
    while True:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            on_bytes(0)
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _fill_alone(lock: int, bucket: Bucket, key: str, folder: Path, on_bytes: OnBytes) -> None:
    """Fetch a dataset, unless somebody else has done it by the time one may."""
    _wait_for(lock, fcntl.LOCK_EX, on_bytes)
    try:
        if not folder.is_dir():
            _fill(bucket, key, folder, on_bytes)
    finally:
        fcntl.flock(lock, fcntl.LOCK_SH)


def _fill(bucket: Bucket, key: str, folder: Path, on_bytes: OnBytes) -> None:
    parts = read_manifest(bucket, key)
    beside = folder.with_name(f"{folder.name}.part")
    there = file_bytes(beside) if beside.is_dir() else 0
    _make_room(folder, sum(part.bytes for part in parts.values()) - there)
    try:
        beside.mkdir(mode=0o700, exist_ok=True)
        fetch_parcel(bucket, key, parts, beside, on_bytes)
        beside.rename(folder)
    except DiskFullError:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _make_room(folder: Path, wanted: int) -> None:
    """Remove what was used longest ago, as far as the limit and the disk ask for it.

    Raises:
        DiskFullError: the disk has no room even so.
    """
    limit = int(setting(CACHE_GB, DEFAULT_CACHE_GB) * 1e9)
    there = {one: file_bytes(one) for one in _others(folder)}
    kept = sum(there.values())
    for one in sorted(there, key=_used_at):
        if kept + wanted <= limit and shutil.disk_usage(folder.parent).free >= wanted:
            return
        if _remove(one):
            kept -= there[one]
    if shutil.disk_usage(folder.parent).free < wanted:
        raise DiskFullError(
            f"The disk is full at {folder.parent}: the dataset takes {wanted / 1e9:.1f} GB. Free "
            f"some space, or set {CACHE} to a folder of a larger disk."
        )


def _others(folder: Path) -> Iterator[Path]:
    """The datasets that lie beside one, and what is left of those that were never whole."""
    for entry in folder.parent.iterdir():
        if entry.is_dir() and entry.name.removesuffix(".part") != folder.name:
            yield entry


def _used_at(folder: Path) -> float:
    with contextlib.suppress(OSError):
        return _lock_of(folder).stat().st_mtime
    return 0.0


def _remove(folder: Path) -> bool:
    """Remove a dataset that nobody works with; say whether it was."""
    lock = os.open(_lock_of(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_folder(folder)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)  # the file stays: another process may have it open, and wait
    return True


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name.removesuffix('.part')}.lock")
