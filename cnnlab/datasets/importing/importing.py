"""Importing an upload: list, label, decode every image in parallel, pack, index, warn."""

import base64
import functools
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.datasets import limits
from cnnlab.datasets.findings import find_in_images, find_in_upload
from cnnlab.datasets.importing.alike import find_copies
from cnnlab.datasets.importing.depth import ALL_OF_16_BITS, choose_range, range_note
from cnnlab.datasets.importing.looking import look_at_deep
from cnnlab.datasets.importing.packing import PackedImage, pack_images
from cnnlab.datasets.importing.packs import pack_name
from cnnlab.datasets.importing.processes import (
    ProcessPool,
    ProgressCounter,
    StagedProgress,
    Task,
    count_early,
    count_processes,
    no_stages,
)
from cnnlab.datasets.index import ImageIndex, content_hash, write_copies, write_index, write_looks
from cnnlab.datasets.labelling.labelled import LabelledMember, Layout
from cnnlab.datasets.labelling.labels import natural_key
from cnnlab.datasets.labelling.layout import read_layout
from cnnlab.datasets.lineage import lineage_hash
from cnnlab.datasets.pictures.appearance import LOOK
from cnnlab.datasets.pictures.decode import DEEP_COLORS
from cnnlab.datasets.records.rewriting import as_files
from cnnlab.datasets.upload.compressed import decompressed
from cnnlab.datasets.upload.opening import open_source
from cnnlab.datasets.upload.sources import Source
from cnnlab.domain.data.dataset import DatasetWarning, SkippedFile
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.data.split import SPLITS, TRAIN
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import StorageError, UploadError
from cnnlab.domain.words import counted, data_size


@dataclass(frozen=True)
class ImportedImages:
    """What an import found.

    Attributes:
        classes: images of every class, in the order of the labels.
        splits: images in train, validation, test where the upload brought them, else None.
        skipped: files that were not taken.
        warnings: what to know before training.
        content_hash: hex; equal for equal files, labels, splits, bytes and range, however packed,
            and for the same rule by which parts are drawn where there are copies.
        value_range: which values of images with more than 8 bits are black and white; None where
            there are none.
        other_tables: paths of tables in the upload that labels weren't taken from.
    """

    classes: dict[str, int]
    splits: dict[str, int] | None
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[DatasetWarning, ...]
    content_hash: str
    value_range: ValueRange | None = None
    other_tables: tuple[str, ...] = ()


class AcceptedImage(NamedTuple):
    """An image that was decoded and packed."""

    labelled: LabelledMember
    packed: PackedImage
    shard: int


class _Packed(NamedTuple):
    """What came of packing; the looks are in the order of the layout."""

    accepted: list[AcceptedImage]
    skipped: list[SkippedFile]
    looks: np.ndarray


def import_images(
    source: Source,
    into: Path,
    *,
    labelling: Labelling | None = None,
    value_range: ValueRange | None = None,
    processes: int | None = None,
    on_progress: StagedProgress = no_stages,
) -> ImportedImages:
    """Import a zip, a tar or a folder of labelled images.

    Every image is decoded once, to be sure that it is sound, and kept as it is, in packs. Those of
    more than 8 bits a channel are decoded once more where their range must be found first.

    Args:
        source: a zip file, a tar file (plain or compressed), a folder, or several files.
        into: an existing, empty folder; after an error, what was written there is of no use.
        labelling: where the labels come from, as far as the user says it.
        value_range: which values of images with more than 8 bits are black and white; None finds
            one for all of them.
        processes: how many decode at the same time; None is one for each processor.
        on_progress: called a few times a second with `reading` (images), `scaling` (deep ones) or
            a stage of `find_copies`, what is done of it and what there is in all.

    Raises:
        UploadError: the upload can't be read as labelled images or is refused as hostile.
        StorageError: `into` can't be written, or the disk has too little room.
    """
    labelling = labelling or Labelling()
    with (
        decompressed(source, into) as plain,
        _started_pool(plain, processes) as pool,
        as_files(plain, into) as (files, listing),
    ):
        if files is not plain:  # of arrays and Parquet, whose labels are names as they are
            labelling = replace(labelling, several="as_one")
        with open_source(files) as reader:
            layout = read_layout(listing, reader.read, labelling)
        _check_free_disk(layout, into)
        tasks = _tasks(files, into, layout, value_range, processes)
        counter = ProgressCounter(len(layout.images), functools.partial(on_progress, "reading"))
        packed = _pack(pool, layout, tasks, counter)
        skipped = (*layout.skipped, *packed.skipped)
        _check_accepted(packed.accepted, skipped, labelling.least_classes)
        accepted = sorted(packed.accepted, key=lambda one: (one.labelled.file, one.packed.sha256))
        counts = Counter(image.labelled.label for image in accepted)
        classes = {name: counts[name] for name in sorted(counts, key=natural_key)}
        deep = _Deep(accepted, value_range)
        if deep.is_unseen:
            packed.looks[deep.numbers] = deep.look(pool, into, processes, on_progress)
        write_index(into, _rows(accepted, list(classes)), list(classes), deep.value_range)
        write_looks(into, packed.looks[[image.packed.number for image in accepted]])
        del packed  # its looks are read again, in order
        index = ImageIndex(into)
        write_copies(into, find_copies(index, pool, on_progress))
        findings = find_in_images(index)
    return ImportedImages(
        classes=classes,
        splits=_count_splits(accepted),
        skipped=skipped,
        warnings=(
            *layout.warnings,
            *deep.notes,
            *_note_frames(accepted),
            *(finding.warning for finding in findings),
            *find_in_upload(classes, layout.classes, skipped),
        ),
        content_hash=_content_hash(accepted, deep.value_range, lineage_hash(index.generations)),
        value_range=deep.value_range,
        other_tables=layout.other_tables,
    )


class _Deep:
    """The images with more than 8 bits a channel, and the range of values that all of them have.

    Attributes:
        value_range: None where there are no such images.
        numbers: of these images in the layout.
        notes: what to tell of the range.
    """

    def __init__(self, accepted: Sequence[AcceptedImage], given: ValueRange | None) -> None:
        self._images = [image for image in accepted if image.packed.extremes is not None]
        self.numbers = [image.packed.number for image in self._images]
        extremes = [one for image in self._images if (one := image.packed.extremes)]
        self.is_unseen = bool(extremes) and given is None
        colors = all(image.packed.mode == DEEP_COLORS for image in self._images)
        few = self.is_unseen and colors and 2 * len(extremes) < len(accepted)
        self.value_range, self.notes = None, []
        if extremes:
            self.value_range = given or (ALL_OF_16_BITS if few else choose_range(extremes))
        if told := self.value_range or given:
            is_given = given is not None
            note = range_note(told, extremes, is_given=is_given, are_few_photos=few)
            self.notes.append(note)

    def look(
        self,
        pool: ProcessPool,
        folder: Path,
        processes: int | None,
        on_progress: StagedProgress,
    ) -> np.ndarray:
        """(N,) of `LOOK`: what these images look like, now that their range is known."""
        assert self.value_range is not None, "there are such images"
        places = [(image.shard, *image.packed[1:3]) for image in self._images]
        looks, _ = look_at_deep(
            pool, folder, places, self.value_range, processes=processes, on_progress=on_progress
        )
        return looks


def _note_frames(accepted: Sequence[AcceptedImage]) -> Iterator[DatasetWarning]:
    files = [image.labelled.file for image in accepted if image.packed.has_frames]
    if files:
        message = (
            f"{counted(len(files), 'file holds', 'files hold')} several frames or pages, for "
            f"instance {files[0][:80]!r}: the first one of each was taken, the others were left "
            "out."
        )
        yield DatasetWarning("animated", message, len(files))


@contextmanager
def _started_pool(source: Source, processes: int | None) -> Iterator[ProcessPool]:
    """Processes for a large upload load what they need while it is listed."""
    with ProcessPool("cnnlab.datasets.importing.import_worker") as pool:
        pool.start(count_early(source, processes))
        yield pool


def _check_free_disk(layout: Layout, into: Path) -> None:
    needed_bytes = sum(image.member.size_bytes for image in layout.images) + limits.MIN_FREE_BYTES
    free_bytes = shutil.disk_usage(into).free
    if needed_bytes > free_bytes:
        raise StorageError(
            f"The disk of {into} has too little room for these images; free at least "
            f"{data_size(needed_bytes - free_bytes)} or import fewer of them"
        )


def _tasks(
    source: Source,
    into: Path,
    layout: Layout,
    value_range: ValueRange | None,
    processes: int | None,
) -> list[Task]:
    total_bytes = sum(image.member.size_bytes for image in layout.images)
    count = count_processes(len(layout.images), total_bytes, processes)
    members = [(number, image.member) for number, image in enumerate(layout.images)]
    return [
        {
            "source": [*map(str, source)] if isinstance(source, tuple) else str(source),
            "pack": str(into / pack_name(shard)),
            "shard": shard,
            "value_range": value_range,
            "members": members[shard::count],  # interleaved: neighbours are alike in size
        }
        for shard in range(count)
    ]


def _pack(
    pool: ProcessPool, layout: Layout, tasks: list[Task], counter: ProgressCounter
) -> _Packed:
    accepted, skipped = [], []
    looks = np.zeros(len(layout.images), LOOK)
    for message in pool.run(pack_images, tasks):
        images = [PackedImage.from_json(values) for values in message["images"]]
        numbers = [image.number for image in images]
        glances = np.frombuffer(base64.b64decode(message["glances"]), np.uint8)
        looks["glance"][numbers] = glances.reshape(-1, *looks["glance"].shape[1:])
        looks["detail"][numbers] = [image.detail for image in images]
        for image in images:
            accepted.append(AcceptedImage(layout.images[image.number], image, message["shard"]))
        for number, reason in message["skipped"]:
            skipped.append(SkippedFile(layout.images[number].member.path, reason))
        counter.add(len(images) + len(message["skipped"]))
    return _Packed(accepted, sorted(skipped, key=lambda file: file.file), looks)


def _check_accepted(
    accepted: Sequence[AcceptedImage], skipped: Sequence[SkippedFile], least_classes: int
) -> None:
    classes = {image.labelled.label for image in accepted}
    if len(classes) >= least_classes:
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
            *(image.shard, *image.packed[1:7]),
        )
        for image in accepted
    ]


def _count_splits(accepted: Sequence[AcceptedImage]) -> dict[str, int] | None:
    counts = Counter(image.labelled.split or TRAIN for image in accepted)
    if counts[TRAIN] == len(accepted):
        return None
    return {split: counts[split] for split in SPLITS}


def _content_hash(
    accepted: Sequence[AcceptedImage], value_range: ValueRange | None, lineage: bytes
) -> str:
    images = (
        (image.labelled.file, image.labelled.label, image.labelled.split, image.packed.sha256)
        for image in accepted
    )
    return content_hash(images, value_range, lineage)
