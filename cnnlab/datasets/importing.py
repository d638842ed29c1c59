"""Importing an upload: list, label, decode every image in parallel, pack, index, warn."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnlab.datasets import limits
from cnnlab.datasets.findings import find_warnings
from cnnlab.datasets.index import write_index
from cnnlab.datasets.labels import natural_key
from cnnlab.datasets.layout import LabelledMember, Layout, read_layout
from cnnlab.datasets.opening import list_source, open_source
from cnnlab.datasets.packing import PackedImage, pack_images
from cnnlab.datasets.packs import pack_name
from cnnlab.datasets.processes import (
    Progress,
    ProgressReport,
    Task,
    count_processes,
    no_progress,
    run_tasks,
)
from cnnlab.domain.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.domain.split import SPLITS, TRAIN


@dataclass(frozen=True)
class ImportedImages:
    """What an import found.

    Attributes:
        classes: images of every class, in the order of the labels.
        splits: images in train, validation, test where the upload brought them, else None.
        skipped: files that were not taken.
        warnings: what to know before training.
        content_hash: hex; equal for equal files, labels, splits and bytes, however packed.
    """

    classes: dict[str, int]
    splits: dict[str, int] | None
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[DatasetWarning, ...]
    content_hash: str


@dataclass(frozen=True)
class AcceptedImage:
    """An image that was decoded and packed."""

    labelled: LabelledMember
    packed: PackedImage
    shard: int


def import_images(
    source: Path,
    into: Path,
    *,
    labels: Path | None = None,
    processes: int | None = None,
    on_progress: Progress = no_progress,
) -> ImportedImages:
    """Import a zip or a folder of labelled images.

    Every image is decoded once, to be sure that it is sound, and kept as it is, in packs.

    Args:
        source: a zip file or a folder.
        into: an existing, empty folder; after an error, what was written there is of no use.
        labels: a CSV that names the images, where they are not in class folders.
        processes: how many decode at the same time; None is one for each processor.
        on_progress: called with images done and images in all, a few times a second.

    Raises:
        UploadError: the upload can't be read as labelled images or is refused as hostile.
        StorageError: `into` can't be written, or the disk has too little room.
    """
    listing = list_source(source)
    with open_source(source) as reader:
        layout = read_layout(listing, reader.read, labels)
    _check_free_disk(layout, into)
    accepted, unreadable = _pack(source, into, layout, processes, on_progress)
    skipped = (*layout.skipped, *unreadable)
    _check_accepted(accepted, skipped)
    accepted.sort(key=lambda image: (image.labelled.file, image.packed.sha256))
    counts = Counter(image.labelled.label for image in accepted)
    classes = {name: counts[name] for name in sorted(counts, key=natural_key)}
    write_index(into, _rows(accepted, list(classes)), list(classes))
    return ImportedImages(
        classes=classes,
        splits=_count_splits(accepted),
        skipped=skipped,
        warnings=(*layout.warnings, *find_warnings(accepted, layout.classes, skipped)),
        content_hash=_content_hash(accepted),
    )


def _check_free_disk(layout: Layout, into: Path) -> None:
    needed_bytes = sum(image.member.size_bytes for image in layout.images) + limits.MIN_FREE_BYTES
    free_bytes = shutil.disk_usage(into).free
    if needed_bytes > free_bytes:
        raise StorageError(
            f"The disk of {into} has too little room for these images; free at least "
            f"{(needed_bytes - free_bytes) / 1e6:,.0f} MB or import fewer of them"
        )


def _pack(
    source: Path, into: Path, layout: Layout, processes: int | None, on_progress: Progress
) -> tuple[list[AcceptedImage], list[SkippedFile]]:
    total_bytes = sum(image.member.size_bytes for image in layout.images)
    count = count_processes(len(layout.images), total_bytes, processes)
    members = [(number, image.member) for number, image in enumerate(layout.images)]
    tasks: list[Task] = [
        {
            "source": str(source),
            "pack": str(into / pack_name(shard)),
            "shard": shard,
            "members": members[shard::count],  # interleaved: neighbours are alike in size
        }
        for shard in range(count)
    ]
    report = ProgressReport(len(members), on_progress)
    accepted, skipped = [], []
    for message in run_tasks("cnnlab.datasets.packing", pack_images, tasks):
        for values in message["images"]:
            packed = PackedImage(*values)
            accepted.append(AcceptedImage(layout.images[packed.number], packed, message["shard"]))
        for number, reason in message["skipped"]:
            skipped.append(SkippedFile(layout.images[number].member.path, reason))
        report.add(len(message["images"]) + len(message["skipped"]))
    return accepted, sorted(skipped, key=lambda file: file.file)


def _check_accepted(accepted: Sequence[AcceptedImage], skipped: Sequence[SkippedFile]) -> None:
    classes = {image.labelled.label for image in accepted}
    if len(classes) >= 2:
        return
    reason, count = Counter(file.reason for file in skipped).most_common(1)[0]
    found = f"images of only one class, {classes.pop()[:80]!r}" if classes else "no images"
    raise UploadError(
        f"The upload holds {found} that can be used; the most common reason ({count:,} files): "
        f"{reason}"
    )


def _rows(accepted: Sequence[AcceptedImage], class_names: Sequence[str]) -> list[tuple]:
    labels = {name: label for label, name in enumerate(class_names)}
    return [
        (
            *(image.labelled.file, labels[image.labelled.label], image.labelled.split),
            *(image.shard, *image.packed[1:]),
        )
        for image in accepted
    ]


def _count_splits(accepted: Sequence[AcceptedImage]) -> dict[str, int] | None:
    counts = Counter(image.labelled.split or TRAIN for image in accepted)
    if counts[TRAIN] == len(accepted):
        return None
    return {split: counts[split] for split in SPLITS}


def _content_hash(accepted: Sequence[AcceptedImage]) -> str:
    digest = hashlib.sha256()
    for image in accepted:
        labelled = image.labelled
        line = [labelled.file, labelled.label, labelled.split, image.packed.sha256]
        digest.update(json.dumps(line).encode())
    return digest.hexdigest()
