"""Images added to a dataset: a new version with a further pack, in which all old ones stay."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnlab.datasets.importing.alike import find_copies_of_new
from cnnlab.datasets.importing.depth import ALL_OF_16_BITS, choose_range, range_note
from cnnlab.datasets.importing.further import FurtherImages, NewImage, Picture, pack_pictures
from cnnlab.datasets.importing.packs import free_shard, pack_name, read_packed
from cnnlab.datasets.index import ImageIndex, content_hash, write_copies, write_index, write_looks
from cnnlab.datasets.labelling.labels import natural_key
from cnnlab.datasets.lineage import descend, lineage_hash, write_lineage
from cnnlab.datasets.pictures.appearance import LOOK, NO_LOOK, Copies
from cnnlab.datasets.pictures.decode import DEEP_COLORS, check_image
from cnnlab.datasets.versions import check_version, class_name, share_packs
from cnnlab.domain.data.dataset import DatasetWarning
from cnnlab.domain.data.fixes import Added
from cnnlab.domain.data.lineage import Generation
from cnnlab.domain.data.split import SPLITS, part_numbers
from cnnlab.domain.data.value_range import ValueRange
from cnnlab.domain.errors import DatasetError


class AddedImages(NamedTuple):
    """What came of adding images.

    Attributes:
        content_hash: of the version; of the files as of an import of the same ones.
        added: what was added, what was left out, and what is in another class too.
        value_range: which values of images with more than 8 bits are black and white.
        note: what to tell of the range, where these are the first images that have one.
    """

    content_hash: str
    added: Added
    value_range: ValueRange | None
    note: DatasetWarning | None


class _Rows(NamedTuple):
    """The images of the new version, in the order of an import.

    Attributes:
        entries: one for each image, as `write_index` takes them.
        class_names: in the order of the labels.
        order: (N,) int, the place of each image among the old ones and the new ones after them.
        origin: (N,) int64, row of each in the old version, -1 for a new one.
    """

    entries: list[tuple]
    class_names: list[str]
    order: np.ndarray
    origin: np.ndarray


def write_added(
    index: ImageIndex, pictures: Mapping[str, Iterable[Picture]], into: Path
) -> AddedImages:
    """Write the folder of a version with further images of one class or several.

    What the dataset has in a class already, byte for byte, is left out. The old images keep
    their parts; a new one that shows the same picture as an old one gets that one's.

    Args:
        index: of the old version.
        pictures: of each class, a new one or one that is there: file names and encoded bytes,
            taken one after the other.
        into: an existing, empty folder on the same disk.

    Raises:
        DatasetError: there is nothing to add, or a class can't be called so.
        UploadError: a picture can't be read; the message names it.
        StorageError: the disk has too little room.
    """
    named = {class_name(label): own for label, own in pictures.items()}
    share_packs(index, into)
    shard = free_shard(into)
    found = pack_pictures(index, named, into / pack_name(shard))
    _check_any(found, list(named))
    value_range, note = _range_with(index, found.images)
    rows = _rows_with(index, found.images, shard)
    write_index(into, rows.entries, rows.class_names, value_range, has_lineage=True)
    copies = _write_looks(index, found.images, into, rows, value_range)
    given = _with_copies(index, [entry[2] for entry in rows.entries], copies, rows.origin)
    entries = [(*one[:2], part, *one[3:]) for one, part in zip(rows.entries, given, strict=True)]
    if entries != rows.entries:
        write_index(into, entries, rows.class_names, value_range, has_lineage=True)
    labels = np.array([entry[1] for entry in entries], np.int32)
    generation = Generation(labels, part_numbers(given), copies.group, rows.origin)
    generations = descend(index.generations, generation)
    write_lineage(into, generations)
    images = ((entry[0], rows.class_names[entry[1]], entry[2], entry[6]) for entry in entries)
    content = content_hash(images, value_range, lineage_hash(generations))
    counts = Counter(image.label for image in found.images)
    added = Added(tuple(counts.items()), found.left_out, found.elsewhere)
    return AddedImages(content, added, value_range, note)


def _check_any(found: FurtherImages, labels: Sequence[str]) -> None:
    if found.images:
        return
    if not found.left_out:
        raise DatasetError("There is no picture to add: choose one or more.")
    which = (
        f"The picture {found.left_out[0]!r} is"
        if len(found.left_out) == 1
        else f"All these {len(found.left_out):,} pictures are"
    )
    raise DatasetError(
        f"{which} in the class {' or '.join(repr(label[:80]) for label in labels)} already, so "
        "nothing was added: choose others."
    )


def _range_with(
    index: ImageIndex, images: Sequence[NewImage]
) -> tuple[ValueRange | None, DatasetWarning | None]:
    """The range of values of the version, and what to tell of it where it had none before."""
    deep = [image.checked for image in images if image.checked.extremes]
    if index.value_range is not None or not deep:
        return index.value_range, None
    extremes = [one.extremes for one in deep if one.extremes]
    are_few = 2 * len(deep) < len(index) + len(images)
    are_few_photos = are_few and all(one.mode == DEEP_COLORS for one in deep)
    chosen = ALL_OF_16_BITS if are_few_photos else choose_range(extremes)
    note = range_note(chosen, extremes, is_given=False, are_few_photos=are_few_photos)
    return chosen, note


def _rows_with(index: ImageIndex, images: Sequence[NewImage], shard: int) -> _Rows:
    """Old and new images by file, as an import has them.

    Raises:
        DatasetError: there are too many classes.
    """
    labels = [index.class_names[one] for one in index.labels.tolist()]
    names = sorted({*labels, *(image.label for image in images)}, key=natural_key)
    check_version(names, np.array([*index.given_splits, None], object))
    entries = index.entries(np.arange(len(index)), labels, index.given_splits, names)
    for image in images:
        seen = (image.checked.width_px, image.checked.height_px, image.checked.mode)
        place = (shard, image.offset, image.length, image.sha256)
        entries.append((image.file, names.index(image.label), None, *place, *seen))
    by_file = sorted(range(len(entries)), key=lambda row: (entries[row][0], entries[row][6]))
    order = np.array(by_file, np.int64)
    origin = np.where(order < len(index), order, -1)
    return _Rows([entries[row] for row in by_file], names, order, origin)


def _write_looks(
    index: ImageIndex,
    images: Sequence[NewImage],
    into: Path,
    rows: _Rows,
    value_range: ValueRange | None,
) -> Copies:
    """Write what the images look like and which are copies, as far as it is known of the old ones.

    Raises:
        StorageError: the disk is full, or a pack is damaged.
    """
    new = np.full(len(images), -1, np.int32)
    known = Copies(np.concatenate([index.copies.group, new])[rows.order], index.copies.is_exact)
    if index.looks is None:
        return known
    looks = np.zeros(len(images), LOOK)
    for number, row in enumerate(np.argsort(rows.order)[len(index) :].tolist()):
        look = images[number].checked.look
        if look is None:  # deep, and the range was chosen after it was seen
            _, _, _, shard, offset, length, *_ = rows.entries[row]
            content = read_packed(into, shard, offset, length)
            look = check_image(content, value_range).look or NO_LOOK
        looks[number] = (
            np.frombuffer(look.glance, np.uint8).reshape(looks["glance"].shape[1:]),
            look.detail,
        )
    write_looks(into, np.concatenate([index.looks, looks])[rows.order])
    copies = find_copies_of_new(ImageIndex(into), known, rows.origin < 0)
    write_copies(into, copies)
    return copies


def _with_copies(
    index: ImageIndex, given: Sequence[str | None], copies: Copies, origin: np.ndarray
) -> list[str | None]:
    """The split that is given to each image: to a new copy that of the old one, if nobody draws it.

    Parts that are drawn need no word: the draw has copies on one side.
    """
    numbers = part_numbers(given)
    told = list(given)
    for row in np.flatnonzero((origin < 0) & (copies.group >= 0)).tolist():
        old = (origin >= 0) & (copies.group == copies.group[row])
        part = SPLITS[max(0, numbers[old].max(initial=0))]
        if part in index.owned:
            told[row] = part
    return told
