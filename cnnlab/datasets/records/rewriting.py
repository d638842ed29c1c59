"""Images that lie in Parquet files or arrays: written beside the dataset as files with a table."""

import csv
import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.records.arrays import (
    class_names,
    pair_arrays,
    read_pair,
    say_arrays,
    shared_range,
)
from cnnlab.datasets.records.npy import read_npy, read_npz
from cnnlab.datasets.records.record import Record
from cnnlab.datasets.upload.opening import list_source, open_source
from cnnlab.datasets.upload.paths import printable
from cnnlab.datasets.upload.sources import Listing, Member, Source, UnreadableMemberError
from cnnlab.datasets.upload.suffixes import IMAGE_SUFFIXES, suffix_of
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.domain.words import data_size
from cnnlab.files import disk_errors

_SUFFIXES = {".parquet", ".npz", ".npy"}
_SIGNATURES = {b"\x89PNG": ".png", b"II*\0": ".tif", b"MM\0*": ".tif"}


@contextmanager
def as_files(source: Source, folder: Path) -> Iterator[tuple[Source, Listing]]:
    """List an upload, its images as files, for as long as this context lasts.

    Where no image lies beside them, those in Parquet files and arrays are written into a zip in
    `folder`, one after the other; other uploads stay as they are.

    Raises:
        UploadError: it can't be read as an upload, or one of its Parquet files or arrays can't.
        StorageError: the disk has too little room.
    """
    listing = _bare(source) or list_source(source)
    found = [member for member in listing.members if suffix_of(member.path) in _SUFFIXES]
    if not found or any(suffix_of(one.path) in IMAGE_SUFFIXES for one in listing.members):
        yield source, listing
        return
    beside = folder / "rewritten"
    with disk_errors(beside):
        beside.mkdir()
    try:
        files = _on_disk(source, found, beside)
        records, warnings = _records(files, _called(source))
        target = beside / "images.zip"
        with disk_errors(target):
            _write(records, target, _called(source))
        rest = [one for one in listing.members if one not in found]
        skipped = (*listing.skipped, *(SkippedFile(one.path, "not an image") for one in rest))
        yield target, Listing(list_source(target).members, skipped, (*listing.warnings, *warnings))
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _called(source: Source) -> str:
    return printable(source.name if isinstance(source, Path) else source[0].name)


def _bare(source: Source) -> Listing | None:
    """An upload that is itself such a file."""
    if isinstance(source, tuple) or suffix_of(source.name) not in _SUFFIXES:
        return None
    if not source.is_file():
        return None
    return Listing((Member(source.name, source.stat().st_size, str(source.absolute())),), ())


def _on_disk(source: Source, members: Sequence[Member], folder: Path) -> dict[str, Path]:
    """Files for random access, by their paths in the upload: taken out of a tar or a zip."""
    if isinstance(source, tuple) or source.is_dir() or _bare(source):
        root = source if isinstance(source, Path) and source.is_dir() else Path()
        return {one.path: root / str(one.location) for one in members}
    files = {}
    with open_source(source) as reader:
        for number, member in enumerate(members):
            path = files[member.path] = folder / f"{number}{suffix_of(member.path)}"
            try:
                with disk_errors(path), path.open("xb") as file:
                    for chunk in reader.chunks(member):
                        _check_disk(folder)
                        file.write(chunk)
            except UnreadableMemberError as error:
                shown = printable(member.path.rpartition("/")[2])
                raise UploadError(f"{shown} can't be read ({error}); pack it again") from error
    return files


def _check_disk(folder: Path) -> None:
    if shutil.disk_usage(folder).free < limits.MIN_FREE_BYTES:
        raise StorageError(
            f"The disk of {folder} has too little room to take the images out of the upload; free "
            "some space or import fewer images"
        )


def _records(
    files: dict[str, Path], shown: str
) -> tuple[Iterator[Record], tuple[DatasetWarning, ...]]:
    """All images, and what was taken for what."""
    tables = {name: path for name, path in files.items() if suffix_of(name) == ".parquet"}
    if tables:
        # pyarrow takes some 60 MB and a third of a second: only where it is needed.
        from cnnlab.datasets.records.parquet import read_parquet  # noqa: PLC0415

        rows = (
            record for name, path in sorted(tables.items()) for record in read_parquet(path, name)
        )
        return rows, ()
    arrays = [read_npy(path, name) for name, path in files.items() if suffix_of(name) == ".npy"]
    for name, path in sorted(files.items()):
        if suffix_of(name) == ".npz":
            arrays += read_npz(path)
    pairs, names = pair_arrays(arrays, shown), class_names(arrays)
    color_range = shared_range(pairs)
    rows = (record for pair in pairs for record in read_pair(pair, names, color_range))
    return rows, (say_arrays(pairs, arrays, color_range),)


def _write(records: Iterator[Record], target: Path, shown: str) -> None:
    """Write the images and a table of their labels, never more than the limits allow."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["file", "label", "split"])
    total_bytes = 0
    with zipfile.ZipFile(target, "x") as archive:
        for number, record in enumerate(records):
            total_bytes += len(record.content)
            if number >= limits.MAX_ENTRIES or total_bytes > limits.MAX_TOTAL_BYTES:
                raise UploadError(
                    f"{shown} holds more than {limits.MAX_ENTRIES:,} images or "
                    f"{data_size(limits.MAX_TOTAL_BYTES)}; import fewer of them"
                )
            if number % 100 == 0:
                _check_disk(target.parent)
            suffix = _SIGNATURES.get(record.content[:4], ".jpg")
            file = f"{record.split or 'images'}/{number:07}{suffix}"
            archive.writestr(zipfile.ZipInfo(file), record.content)
            rows.writerow([file, record.label, record.split or ""])
        archive.writestr(zipfile.ZipInfo("labels.csv"), table.getvalue())
